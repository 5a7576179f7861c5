"""flicker: how much the light trembles."""

import numpy as np
from numpy.typing import NDArray

from curate.score.measured import Measured
from curate.score.window import Window

COURSE_US = 500_000  # light that changes more slowly than this does not flicker
JUMP = 3.0  # times the usual deviation: a flash or a cut is one jump, no flicker
LEAST = 5  # frames


def flicker(window: Window) -> Measured | None:
    """RMS by which the mean luma swings around its own course over half a second, grey levels 0..255.

    Under 0.3: steady light; over 1: lamps and screens that beat with the shutter, old film, torches. Cuts and single
    flashes hardly count. Nothing for a clip of less than half a second.
    """
    frames = window.frames
    if len(frames.pts_us) < 2:
        return None
    width = round(COURSE_US * (len(frames.pts_us) - 1) / float(np.ptp(frames.pts_us))) // 2 * 2 + 1
    if width < LEAST or len(frames.pts_us) < width + LEAST:
        return None
    return Measured(swing(frames.luma_mean, width))


def swing(luma_mean: NDArray[np.float32], width: int) -> float:
    """luma_mean: [T]; width: of the moving mean, odd. RMS of the rest, jumps cut down to `JUMP` times its median."""
    course = np.convolve(luma_mean, np.full(width, 1 / width), "valid")
    rest = np.abs(luma_mean[width // 2 : -(width // 2)] - course)
    return float(np.sqrt(np.square(np.minimum(rest, JUMP * np.median(rest))).mean()))
