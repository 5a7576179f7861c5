"""TransNetV2's decisions, from the curves that `scan` has kept of it."""

import numpy as np
from numpy.typing import NDArray

from curate.errors import RecipeError
from curate.split.boundary import Boundary, cut
from curate.split.fades import plain, runs
from curate.split.frames import Frames
from schemas.clip import Transition

SPAN = 0.5  # probability from which a frame belongs to the transition
CUT = 2  # frames that a cut may seem to take
FADE_US = 1_600_000  # two transitions so close, with a plain picture between them, are one fade
DARK = 12.0  # mean luma of a frame between the two halves of a fade through black
EITHER = 1 / 3  # how far a pixel half way is from the nearer of both shots: 0 behind and before a front, 1/2 in a mix


def transnetv2(frames: Frames, threshold: float) -> list[Boundary]:
    """Boundaries where the network's probability of a last frame is above `threshold` (0..1).

    The network does not name kinds: what takes up to two frames is a cut, what goes through a plain picture a fade.
    Half way through, a dissolve shows a mix of both shots everywhere, a wipe one here and the other there.
    """
    if len(frames.transition_peak) != len(frames):
        raise RecipeError(
            "split.detector transnetv2 and learned need what TransNetV2 says of the frames, and these strips are "
            "without it: set scan.transitions (infra/models/transnetv2.py prints it) and scan again"
        )
    places = _joined(frames, _places(frames, threshold))
    return [_boundary(frames, first, last, threshold) for first, last in places]


def _places(frames: Frames, threshold: float) -> list[tuple[int, int]]:
    """Frames (first, last) of each transition: a run of peaks, and what the network says belongs to it."""
    spans = runs(frames.transition_span > SPAN)
    found: list[tuple[int, int]] = []
    for start, end in runs(frames.transition_peak[:-1] > threshold):  # after the last frame there is no shot
        around = [(a, b) for a, b in spans if a < end + 1 and b > start - 1]
        first, last = min([start, *(a for a, _ in around)]), max([end, *(b for _, b in around)]) - 1
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(last, found[-1][1])
        else:
            found.append((first, last))
    return found


def _joined(frames: Frames, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The two halves of a fade as one."""
    out: list[tuple[int, int]] = []
    empty = _empty(frames)
    for first, last in places:
        if out:
            before = out[-1][1]
            near = frames.pts_us[first] - frames.pts_us[before] < FADE_US
            if near and empty[before : first + 1].any():
                out[-1] = out[-1][0], last
                continue
        out.append((first, last))
    return out


def _empty(frames: Frames) -> NDArray[np.bool_]:
    return np.asarray((frames.luma_mean < DARK) | plain(frames.luma))


def _boundary(frames: Frames, first: int, last: int, threshold: float) -> Boundary:
    peak = first + int(frames.transition_peak[first : last + 1].argmax())
    strength = float(frames.transition_peak[peak]) / threshold
    if last - first < CUT and peak + 1 < len(frames):
        return cut(peak + 1, strength)
    kind = _kind(frames, first, last)
    if first == 0:
        return Boundary(0, last + 1, "edge", kind, strength)
    return Boundary(first + 1, last + 1, kind, "edge" if last + 1 == len(frames) else kind, strength)


def _kind(frames: Frames, first: int, last: int) -> Transition:
    if _empty(frames)[first + 1 : last + 1].any():
        return "fade"
    at = [max(first - 1, 0), (first + last + 1) // 2, min(last + 2, len(frames) - 1)]
    before, middle, after = frames.luma[at].astype(np.float32)
    nearer = np.minimum(np.abs(middle - before), np.abs(middle - after)).sum()
    return "dissolve" if nearer > EITHER * np.abs(after - before).sum() else "wipe"
