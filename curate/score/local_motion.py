"""local_motion: how much things move in the picture, whatever the camera does."""

import numpy as np

from curate.score.measured import Measured
from curate.score.window import Window

KNOWN = 0.5  # share of the clip's flows for which the camera must be known


def local_motion(window: Window) -> Measured | None:
    """Mean length of the flow that is left without the camera's, in pixels per second at 256 px short side.

    High: people, water, traffic. 0: nothing moves by itself. Nothing where the camera's motion is unknown for most of
    the clip.
    """
    speed = window.motion.local_px_s
    known = ~np.isnan(speed)
    if not len(speed) or known.mean() < KNOWN:
        return None
    return Measured(float(np.average(speed[known], weights=window.motion.seconds[known])))
