"""drift: which way the things in the picture go, where the camera stands still."""

from dataclasses import dataclass

import numpy as np

from curate.score.camera import components, kind
from curate.score.measured import Measured
from curate.score.window import Floats, Window, crop_box

UNIT_PX = 256.0  # of short side, that speeds are given at
STEP_S = 0.12  # between the two pictures of which a change is taken
BLOCK_S = 0.4  # whose changes are explained by one speed,
REACH = 2  # together with those of so many cells around
CHANGED = 4.0  # grey levels, 0..255, by which something that passes changes a cell
FIT = 0.6  # share of the changes that the speed must explain
LEAST_PX_S = 2.0  # what is slower stands
CELLS = 24  # that must be found to move, over all the clip
COLOUR = 2.0  # weight of chroma, which is paler than light
DAMPING = 1.0  # grey levels²: a plain part of the picture has no speed


@dataclass(frozen=True, slots=True)
class Flow:
    """[N, rows, columns] of N blocks of time: speed of each cell, the share of changes it explains, their size."""

    x_px_s: Floats  # right positive
    y_px_s: Floats  # down positive
    fit: Floats
    changed: Floats  # grey levels


def drift(window: Window) -> Measured | None:
    """Median speed of what moves in the picture, in pixels per second at 256 px short side.

    High: something passes fast. Detail: `dx_px_s` and `dy_px_s`, its mean velocity (right and down positive);
    `agreement`, 0..1: 1 where all of it goes one way, 0 where as much comes as goes; `share`, 0..1: of what changes in
    the picture, what is seen to go somewhere rather than to turn, to flicker or to appear. Nothing where the camera
    moves or is unknown, or too little goes anywhere.

    Speeds are those of gradients (Lucas, Kanade 1981) on the thumbs, whose cells are 14 px: smaller or very fast things
    are not seen, and what is plain is seen by its edges. The way is surer than the speed: see README.
    """
    camera = components(window.motion)
    if camera is None or kind(camera)[0] != "static":
        return None
    flow = flow_of(window)
    if flow is None:
        return None
    speed, changed = np.hypot(flow.x_px_s, flow.y_px_s), flow.changed >= CHANGED
    goes = changed & (flow.fit >= FIT) & (speed >= LEAST_PX_S)
    if np.count_nonzero(goes) < CELLS:
        return None
    x, y, length = flow.x_px_s[goes], flow.y_px_s[goes], speed[goes]
    return Measured(
        float(np.median(length)),
        {
            "dx_px_s": round(float(x.mean()), 2),
            "dy_px_s": round(float(y.mean()), 2),
            "agreement": round(float(np.hypot((x / length).mean(), (y / length).mean())), 3),
            "share": round(float(np.count_nonzero(goes) / np.count_nonzero(changed)), 3),
        },
    )


def flow_of(window: Window) -> Flow | None:
    """The speeds of the cells inside the borders; None where there are too few frames."""
    frames, picture = window.frames, window.media.picture
    count, height, width = frames.luma.shape
    if picture is None or count < 3:
        return None
    rate_hz = 1e6 * (count - 1) / float(frames.pts_us[-1] - frames.pts_us[0])
    step, block = max(1, round(STEP_S * rate_hz)), max(1, round(BLOCK_S * rate_hz))
    inside = (..., *crop_box(window.clip, window.media, height, width))
    planes = [frames.luma, *(COLOUR * finer(finer(plane.astype(np.float32), 1), 2) for plane in frames.chroma)]
    tones = [plane[inside].astype(np.float32) for plane in planes]
    if min(tones[0].shape[1:]) <= 2 * REACH or count < step + block:
        return None
    unit = UNIT_PX / min(picture.width, picture.height)
    cell = (picture.width / width * unit, picture.height / height * unit)
    means = np.sum([moments(tone, step, block) for tone in tones], 0)
    return solved(means, step / rate_hz, cell)


def finer(values: Floats, axis: int) -> Floats:
    """Twice as many values along an axis, each on the line between the two that are nearest."""
    size = values.shape[axis]
    near = np.arange(2 * size) // 2
    far = np.clip(near + np.where(np.arange(2 * size) % 2, 1, -1), 0, size - 1)
    found: Floats = 0.75 * values.take(near, axis) + 0.25 * values.take(far, axis)
    return found


def moments(tone: Floats, step: int, block: int) -> Floats:
    """tone: [T, h, w]. [6, N, h, w]: means of xx, xy, yy, xt, yt, tt of its slopes over N blocks of time.

    Slopes are grey levels per cell and per step.
    """
    later, earlier = tone[step:], tone[:-step]
    middle = (later + earlier) / 2
    across, down = (np.asarray(np.gradient(middle, axis=axis), np.float32) for axis in (2, 1))
    slopes = (across, down, later - earlier)
    pairs = ((0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2))
    blocks = len(later) // block
    shape = (blocks, block, *tone.shape[1:])
    return np.stack([(slopes[a] * slopes[b])[: blocks * block].reshape(shape).mean(1) for a, b in pairs])


def around(values: Floats, axis: int) -> Floats:
    """Means of each value and REACH neighbours on both sides along an axis; beyond the edge there is nothing."""
    padding = [(0, 0)] * values.ndim
    padding[axis] = (REACH, REACH)
    found: Floats = np.lib.stride_tricks.sliding_window_view(np.pad(values, padding), 2 * REACH + 1, axis).mean(-1)
    return found


def solved(means: Floats, step_s: float, cell_px: tuple[float, float]) -> Flow:
    """The speed that explains the changes around each cell best, by least squares."""
    xx, xy, yy, xt, yt, tt = around(around(means, 2), 3)
    steep_x, steep_y = xx + DAMPING, yy + DAMPING
    below = steep_x * steep_y - xy * xy
    x, y = (xy * yt - steep_y * xt) / below, (xy * xt - steep_x * yt) / below
    rest = tt + 2 * (x * xt + y * yt) + x * x * xx + 2 * x * y * xy + y * y * yy
    fit = 1 - rest / np.maximum(tt, 1e-6)
    return Flow(x * cell_px[0] / step_s, y * cell_px[1] / step_s, fit, np.sqrt(means[5]))
