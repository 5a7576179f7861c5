"""flashes: how often the picture flashes."""

import numpy as np
from numpy.typing import NDArray

from curate.score.measured import Measured
from curate.score.window import Window

STEP = 25.0  # grey levels of mean luma: a tenth of full white, as WCAG 2.3.1 has it
FLASH_US = 333_000  # up and down, or down and up, within a third of a second


def flashes(window: Window) -> Measured | None:
    """Flashes per second: pairs of opposite changes of the mean luma. Over 3 is dangerous to some viewers (WCAG 2.3.1).

    Nothing for a clip of one frame.
    """
    frames = window.frames
    if len(frames.pts_us) < 2:
        return None
    count = flash_count(frames.luma_mean, frames.pts_us)
    return Measured(count * 1e6 / (window.clip.end_us - window.clip.start_us), {"count": count})


def flash_count(luma_mean: NDArray[np.float32], pts_us: NDArray[np.int64]) -> int:
    """luma_mean: [T], 0..255. Pairs of opposite changes of `STEP` or more within `FLASH_US`."""
    count, last, direction = 0, -1, 0
    for index in np.flatnonzero(np.abs(np.diff(luma_mean)) >= STEP).tolist():
        sign = 1 if luma_mean[index + 1] > luma_mean[index] else -1
        if direction == -sign and pts_us[index + 1] - pts_us[last + 1] <= FLASH_US:
            count, direction = count + 1, 0
        else:
            direction, last = sign, index
    return count
