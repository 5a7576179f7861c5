"""fps: how many frames there are in a second."""

import numpy as np

from curate.score.measured import Measured
from curate.score.window import Window

UNEVEN = 0.1  # of the usual step: a step that differs by more makes the rate variable


def fps(window: Window) -> Measured | None:
    """Frames per second over the clip, by their time stamps; nothing for a clip of one frame.

    Detail: `variable`, and the longest time that one frame is shown, `longest_us`.
    """
    steps = np.diff(window.frames.pts_us)
    if not len(steps):
        return None
    usual = float(np.median(steps))
    variable = bool((np.abs(steps - usual) > UNEVEN * usual + 1000).any())  # containers round to a millisecond
    return Measured(len(steps) * 1e6 / float(steps.sum()), {"variable": variable, "longest_us": int(steps.max())})
