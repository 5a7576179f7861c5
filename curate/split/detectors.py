"""All detectors of boundaries, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from curate.split.adaptive import adaptive
from curate.split.boundary import Boundary
from curate.split.content import content
from curate.split.frames import Frames
from curate.split.hash import hash_
from curate.split.histogram import histogram
from curate.split.house import house
from curate.split.learned import learned
from curate.split.threshold import threshold
from curate.split.transnetv2 import transnetv2

DetectorName = Literal["house", "content", "adaptive", "threshold", "hash", "histogram", "transnetv2", "learned"]


@dataclass(frozen=True, slots=True)
class Detector:
    """A function of the frames and a threshold (unit in its docstring), and the threshold to take by default."""

    detect: Callable[[Frames, float], list[Boundary]]
    threshold: float
    network: bool = False  # whether it needs strips that were scanned with `transitions`


DETECTORS: Mapping[DetectorName, Detector] = MappingProxyType(
    {
        "house": Detector(house, 0.55),
        "content": Detector(content, 27.0),
        "adaptive": Detector(adaptive, 3.0),
        "threshold": Detector(threshold, 12.0),
        "hash": Detector(hash_, 0.35),
        "histogram": Detector(histogram, 0.20),
        "transnetv2": Detector(transnetv2, 0.3, network=True),
        "learned": Detector(learned, 0.8, network=True),
    }
)
