"""Fades: the picture goes to black (or to any plain colour) and another one comes out of it."""

import numpy as np
from numpy.typing import NDArray

from curate.split.boundary import Boundary, cut
from curate.split.frames import Frames
from schemas.clip import Transition

BLACK_MEAN, BLACK_STD = 10.0, 2.0  # of a black frame, 0..255; a small title on black has more contrast
BLACK_SHOT_US = 1_000_000  # black so long, between hard cuts, is a shot that somebody made
PLAIN = 0.15  # mean horizontal step between pixels of a thumb of one plain colour, inside any letterbox
MIDDLE = slice(9, 10)  # one of the nine rows whose mean `detail` is
PLAIN_US = 2_000_000  # a longer plain stretch is a shot of its own
RAMP_US = 4_000_000  # the longest fade on one side
STEEP = 0.25  # of the slope so far: a fade goes on while it is at least so steep
SETTLED = 2  # frames that must be flatter before it has ended


def detail(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    """luma: [T, 18, 32]. [T]: mean |step| from pixel to pixel along every second row; letterboxes add nothing."""
    return row_detail(luma, slice(1, None, 2))


def row_detail(luma: NDArray[np.uint8], rows: slice) -> NDArray[np.float32]:
    """luma: [T, 18, 32]. [T]: mean |step| from pixel to pixel along `rows`."""
    left, right = luma[:, rows, :-1], luma[:, rows, 1:]
    step = np.maximum(left, right) - np.minimum(left, right)
    steps = step.shape[1] * step.shape[2]
    return step.reshape(len(luma), steps).astype(np.float32) @ np.full(steps, 1 / steps, np.float32)


def plain(luma: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """luma: [T, 18, 32]. [T]: whether `detail` is below `PLAIN`; most pictures show in one row that it is not."""
    flat = row_detail(luma, MIDDLE) < PLAIN * 9
    flat[flat] = detail(luma[flat]) < PLAIN
    return flat


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open runs of True."""
    padded = np.concatenate([[False], mask, [False]])
    edges = np.flatnonzero(padded[1:] != padded[:-1]).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def ramp(signal: NDArray[np.float32]) -> int:
    """How many frames a fade takes: `signal[0]` is plain, the picture comes in; 0 where it comes at once.

    The signal (light, detail) of a picture that is blended with a plain one grows in proportion to its share.
    """
    steps = np.diff(signal)
    flat = 0
    for index in range(1, len(steps)):
        slope = float(signal[index] - signal[0]) / index
        flat = flat + 1 if steps[index] < STEEP * slope or steps[index] <= 0 else 0
        if flat == SETTLED:
            return index - SETTLED
    return 0 if flat else max(len(steps) - 1, 0)


def fade_side(signal: NDArray[np.float32]) -> tuple[Transition, int]:
    """The kind of a transition out of a plain stretch, and the frames that it takes."""
    if len(signal) < 2:
        return "edge", 0
    frames = ramp(signal)
    return ("fade", frames) if frames > 1 else ("cut", 0)


def _boundary(frames: Frames, signal: NDArray[np.float32], start: int, end: int) -> Boundary:
    pts = frames.pts_us
    first = int(np.searchsorted(pts, pts[start] - RAMP_US))
    last = int(np.searchsorted(pts, pts[end - 1] + RAMP_US))
    before, out = fade_side(signal[first : start + 1][::-1])
    after, back = fade_side(signal[end - 1 : last])
    return Boundary(start - out, end + back, before, after, 1.0)


def _cuts_of(black: Boundary) -> list[Boundary]:
    """The hard cuts at the ends of a black shot; none where it meets an end of the media."""
    ends = ((black.start, black.before), (black.end, black.after))
    return [cut(frame, black.strength) for frame, kind in ends if kind == "cut"]


def fades(frames: Frames) -> list[Boundary]:
    """Black stretches, and plain ones that a picture fades into or out of, with their fades."""
    black = (frames.luma_mean < BLACK_MEAN) & (frames.luma_std < BLACK_STD)
    light = frames.luma_mean + frames.luma_std
    edges = frames.edges_us
    found: list[Boundary] = []
    for start, end in runs(black):
        boundary = _boundary(frames, light, start, end)
        long = edges[end] - edges[start] >= BLACK_SHOT_US
        found += _cuts_of(boundary) if long and "fade" not in (boundary.before, boundary.after) else [boundary]
    stretches = runs(plain(frames.luma) & ~black)
    found += _through_colour(frames, stretches) if stretches else []
    return sorted(found, key=lambda boundary: boundary.start)


def _through_colour(frames: Frames, stretches: list[tuple[int, int]]) -> list[Boundary]:
    """Those of the plain stretches that a picture fades into or out of, with their fades."""
    structure, edges = detail(frames.luma), frames.edges_us
    short = [(start, end) for start, end in stretches if edges[end] - edges[start] <= PLAIN_US]
    found = [_boundary(frames, structure, start, end) for start, end in short]
    return [boundary for boundary in found if "fade" in (boundary.before, boundary.after)]
