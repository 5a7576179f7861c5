"""PySceneDetect's HistogramDetector: the correlation of the luma histograms of two frames."""

import numpy as np
from numpy.typing import NDArray

from curate.split.adaptive import spaced
from curate.split.boundary import Boundary, cut
from curate.split.content import MIN_SHOT_US
from curate.split.frames import Frames

BINS = 32  # PySceneDetect takes 128 at full size: a thumb of 576 pixels would leave them almost empty


def histograms(luma: NDArray[np.uint8]) -> NDArray[np.float64]:
    """luma: [T, h, w]. [T, 32]: counts, smoothed by (1, 2, 1) against the jitter of small pictures."""
    count = len(luma)
    slots = (luma.reshape(count, -1) >> 3) + np.arange(count, dtype=np.int64)[:, None] * BINS
    counts = np.bincount(slots.ravel(), minlength=count * BINS).reshape(count, BINS).astype(np.float64)
    padded = np.pad(counts, ((0, 0), (1, 1)), mode="edge")
    smooth: NDArray[np.float64] = (padded[:, :-2] + 2 * counts + padded[:, 2:]) / 4
    return smooth


def histogram(frames: Frames, threshold: float) -> list[Boundary]:
    """Hard cuts where the correlation falls by `threshold` or more below 1 (PySceneDetect's default: 0.2)."""
    if len(frames) < 2:
        return []
    centred = histograms(frames.luma)
    centred -= centred.mean(1, keepdims=True)
    power = np.sqrt((centred**2).sum(1))
    fall = 1 - (centred[1:] * centred[:-1]).sum(1) / np.maximum(power[1:] * power[:-1], 1e-9)
    fall = np.concatenate([[0.0], fall])
    candidates = np.flatnonzero(fall >= threshold)
    return [cut(index, float(fall[index]) / threshold) for index in spaced(frames.pts_us, candidates, MIN_SHOT_US)]
