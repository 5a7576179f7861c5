"""The house's own detector and TransNetV2 together: the network adds what it is sure of and the house has not seen.

The house is right more often where both disagree, so nothing of it is taken away: a cut between two takes of a scene
may have a probability of 0.004.
"""

import numpy as np

from curate.split.boundary import Boundary
from curate.split.frames import Frames
from curate.split.house import house
from curate.split.transnetv2 import transnetv2

HOUSE = 0.55  # the threshold of the house's detector, as in DETECTORS
GRADUAL = 0.3  # probability of a last frame in a transition that takes frames: it is spread over several
SPAN = 0.5  # what the network's other answer must be as well
NEAR = 2  # frames between two boundaries that are one


def learned(frames: Frames, threshold: float) -> list[Boundary]:
    """What the house finds, and besides what the network is sure of; `threshold` (0..1) is that for hard cuts."""
    kept = house(frames, HOUSE)
    seen = transnetv2(frames, min(threshold, GRADUAL))
    more = [one for one in seen if _sure(frames, one, threshold) and not any(_touch(one, other) for other in kept)]
    return sorted([*kept, *more], key=lambda boundary: boundary.start)


def _sure(frames: Frames, one: Boundary, threshold: float) -> bool:
    """Whether both answers of the network are high."""
    around = slice(max(one.start - 1, 0), max(one.end, one.start + 1))
    peak, span = float(np.max(frames.transition_peak[around])), float(np.max(frames.transition_span[around]))
    return peak > (GRADUAL if one.end > one.start else threshold) and span > SPAN


def _touch(one: Boundary, other: Boundary) -> bool:
    return one.start <= other.end + NEAR and one.end >= other.start - NEAR
