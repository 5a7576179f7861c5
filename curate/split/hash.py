"""PySceneDetect's HashDetector: how many bits of a perceptual hash change from one frame to the next."""

import cv2
import numpy as np
from numpy.typing import NDArray

from curate.split.adaptive import spaced
from curate.split.boundary import Boundary, cut
from curate.split.content import MIN_SHOT_US
from curate.split.frames import Frames

SIDE = 16  # of the picture that is hashed; its lowest 8 x 8 frequencies are kept


def frame_hash(luma: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """luma: [h, w] grey. [8, 8]: which low frequencies are above their median (imagehash's phash)."""
    small = cv2.resize(luma, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    low = cv2.dct(small.astype(np.float32) / max(int(small.max()), 1))[: SIDE // 2, : SIDE // 2]
    return np.asarray(low > np.median(low))


def hash_(frames: Frames, threshold: float) -> list[Boundary]:
    """Hard cuts where `threshold` of the 64 bits or more change (PySceneDetect's default: 0.35)."""
    if len(frames) < 2:
        return []
    bits = np.stack([frame_hash(luma) for luma in frames.luma])
    distance = np.concatenate([[0.0], (bits[1:] != bits[:-1]).mean((1, 2))])
    candidates = np.flatnonzero(distance >= threshold)
    return [cut(index, float(distance[index]) / threshold) for index in spaced(frames.pts_us, candidates, MIN_SHOT_US)]
