"""motion: how much the picture moves."""

import numpy as np

from curate.score.measured import Measured
from curate.score.window import Window


def motion(window: Window) -> Measured | None:
    """Mean length of the optical flow, in pixels per second at 256 px short side; 0 is a picture that stands still.

    A slow pan is about 20, a fast one over 100. Nothing for a clip too short to have two samples.
    """
    speed = window.motion.motion_px_s
    known = ~np.isnan(speed)
    if not known.any():
        return None
    return Measured(float(np.average(speed[known], weights=window.motion.seconds[known])))
