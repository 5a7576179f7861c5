"""The house's own detector and TransNetV2 together: each sees what the other does not."""

import numpy as np

from curate.split.boundary import Boundary
from curate.split.frames import Frames
from curate.split.house import house
from curate.split.transnetv2 import transnetv2

HOUSE = 0.55  # the threshold of the house's detector, as in DETECTORS
DOUBT = 0.01  # a hard cut to which the network gives no more than this is none
NEAR = 2  # frames


def learned(frames: Frames, threshold: float) -> list[Boundary]:
    """What the house finds, without the cuts that the network is sure are none, and what only the network finds.

    `threshold` is the network's (0..1).
    """
    theirs = transnetv2(frames, threshold)
    kept = [one for one in house(frames, HOUSE) if one.end > one.start or _likely(frames, one.start)]
    more = [one for one in theirs if not any(_touch(one, other) for other in kept)]
    return sorted([*kept, *more], key=lambda boundary: boundary.start)


def _likely(frames: Frames, frame: int) -> bool:
    """Whether the network gives a cut before `frame` a chance."""
    around = slice(max(frame - 1 - NEAR, 0), frame + NEAR)
    return bool(np.max(frames.transition_peak[around]) > DOUBT)


def _touch(one: Boundary, other: Boundary) -> bool:
    return one.start <= other.end + NEAR and one.end >= other.start - NEAR
