"""PySceneDetect's AdaptiveDetector: the content value against the mean of the frames around it."""

import numpy as np
from numpy.typing import NDArray

from curate.split.boundary import Boundary, cut
from curate.split.content import MIN_SHOT_US, content_value
from curate.split.frames import Frames

WINDOW = 2  # frames on each side
MIN_CONTENT = 15.0
MAX_RATIO = 255.0


def adaptive_ratio(value: NDArray[np.float32]) -> NDArray[np.float64]:
    """[T], 0..255: each content value over the mean of the two before and the two after; 0 at both ends."""
    ratio = np.zeros(len(value))
    if len(value) <= 2 * WINDOW:
        return ratio
    sums = np.convolve(value.astype(np.float64), np.ones(2 * WINDOW + 1), "valid")
    middle = value[WINDOW:-WINDOW].astype(np.float64)
    around = (sums - middle) / (2 * WINDOW)
    quiet = around < 1e-5
    ratio[WINDOW:-WINDOW] = np.where(
        quiet, np.where(middle >= MIN_CONTENT, MAX_RATIO, 0.0), middle / np.where(quiet, 1.0, around)
    )
    return np.minimum(ratio, MAX_RATIO)


def spaced(pts_us: NDArray[np.int64], candidates: NDArray[np.int64], min_us: int) -> list[int]:
    """Those of `candidates` that come `min_us` or more after the one taken before, or after the first frame."""
    taken: list[int] = []
    last = int(pts_us[0]) if len(pts_us) else 0
    for index in candidates.tolist():
        if pts_us[index] - last >= min_us:
            taken.append(index)
            last = int(pts_us[index])
    return taken


def adaptive(frames: Frames, threshold: float) -> list[Boundary]:
    """Hard cuts where the ratio reaches `threshold` (PySceneDetect's default: 3)."""
    value = content_value(frames)
    ratio = adaptive_ratio(value)
    candidates = np.flatnonzero((ratio >= threshold) & (value >= MIN_CONTENT))
    return [cut(index, float(ratio[index]) / threshold) for index in spaced(frames.pts_us, candidates, MIN_SHOT_US)]
