"""PySceneDetect's ContentDetector: the mean change of hue, saturation and value, against a threshold."""

import numpy as np
from numpy.typing import NDArray

from curate.split.boundary import Boundary, cut
from curate.split.frames import Frames

MIN_SHOT_US = 600_000  # PySceneDetect's 0.6 s


def content_value(frames: Frames) -> NDArray[np.float32]:
    """[T], 0..255: `content_val` of PySceneDetect with its default weights."""
    return (frames.delta_hue + frames.delta_saturation + frames.delta_value) / np.float32(3)


def merged(pts_us: NDArray[np.int64], above: NDArray[np.bool_], min_us: int) -> list[int]:
    """Frames that start a shot: PySceneDetect's FlashFilter in its mode MERGE.

    A frame above the threshold is a cut when `min_us` went by since the last one above it. After the first cut,
    closer ones are merged to the last of them, once `min_us` of quiet follow.
    """
    cuts: list[int] = []
    if not len(pts_us):
        return cuts
    last, started = int(pts_us[0]), None
    for index in np.flatnonzero(_visited(pts_us, above, min_us)).tolist():
        now = int(pts_us[index])
        quiet = now - last >= min_us
        if above[index]:
            before, last = last, now
            if started is None and now - before >= min_us:
                cuts.append(index)
            elif started is None and cuts:
                started = now
        elif started is not None and quiet and last - started >= min_us:
            started = None
            cuts.append(int(np.searchsorted(pts_us, last)))
    return cuts


def _visited(pts_us: NDArray[np.int64], above: NDArray[np.bool_], min_us: int) -> NDArray[np.bool_]:
    """Frames at which the filter can change its mind: those above, and the first `min_us` after each of them."""
    visited = above.copy()
    after = np.searchsorted(pts_us, pts_us[above] + min_us)
    visited[after[after < len(pts_us)]] = True
    return visited


def content(frames: Frames, threshold: float) -> list[Boundary]:
    """Hard cuts where the content value reaches `threshold` (PySceneDetect's default: 27)."""
    value = content_value(frames)
    starts = merged(frames.pts_us, value >= threshold, MIN_SHOT_US)
    return [cut(index, float(value[index]) / threshold) for index in starts]
