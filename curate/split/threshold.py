"""PySceneDetect's ThresholdDetector: the picture falls below a brightness and comes back."""

import numpy as np

from curate.split.boundary import Boundary
from curate.split.content import MIN_SHOT_US
from curate.split.frames import Frames


def threshold(frames: Frames, threshold: float) -> list[Boundary]:
    """Fades through black: frames darker than `threshold` (0..255; PySceneDetect's default: 12).

    PySceneDetect puts a cut in the middle of the dark run; here the whole run is the boundary.
    """
    dark = np.concatenate([[False], frames.luma_mean < threshold, [False]])
    edges = np.flatnonzero(dark[1:] != dark[:-1])
    found: list[Boundary] = []
    last = int(frames.pts_us[0]) if len(frames) else 0
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if end == len(frames) or frames.pts_us[end] - last < MIN_SHOT_US:
            continue
        last = int(frames.pts_us[end])
        darkest = float(frames.luma_mean[start:end].min())
        found.append(Boundary(start, end, "fade" if start else "edge", "fade", threshold / max(darkest, 1.0)))
    return found
