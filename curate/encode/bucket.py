"""Buckets: the few input shapes that tensors come in, and which one a clip goes to."""

from collections.abc import Sequence
from dataclasses import dataclass

from curate.media.picture import Box

FRAMES = (1, 5, 9, 17, 33, 49, 65, 97, 129, 193, 257)
SIZES = (
    (256, 448), (256, 384), (288, 384), (320, 320), (384, 288), (384, 256), (448, 256),
    (128, 224), (128, 192), (128, 160), (160, 160), (160, 128), (192, 128), (224, 128),
)  # fmt: skip
"""Height x width; multiples of 32, about 105,000 pixels, and a quarter of that for small pictures."""

_SLACK = 0.05
"""Frames that may be missing at the end of a span: times are rounded to whole microseconds."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Frames x height x width of an encoder's input."""

    frames: int
    height: int
    width: int

    def __str__(self) -> str:
        return f"{self.frames}x{self.height}x{self.width}"


def fit_frames(duration_us: int, rate_hz: float, frames: Sequence[int]) -> tuple[int, int]:
    """The largest of `frames` that fits into a duration at a rate, and the time that it covers, in µs.

    A duration too short for any gives the smallest, which then covers all of it.
    """
    whole = int(duration_us * rate_hz / 1e6 + _SLACK)
    fitting = [n for n in frames if n <= whole]
    if not fitting:
        return min(frames), duration_us
    return max(fitting), round(max(fitting) * 1e6 / rate_hz)


def fit_size(box: Box, sizes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The (height, width) that loses the least of a picture.

    Sizes that would have to be made up by enlarging come last: a picture smaller than all goes to the smallest.
    """

    def rank(size: tuple[int, int]) -> tuple[bool, float, int]:
        part = centre_crop(box, size)
        enlarged = part.width < size[1] or part.height < size[0]
        kept = part.width * part.height / (box.width * box.height)
        area = size[0] * size[1]
        return enlarged, (area / 1e6 if enlarged else 0.0) - round(kept, 2), -area

    return min(sizes, key=rank)


def centre_crop(box: Box, size: tuple[int, int]) -> Box:
    """The largest part of `box`, about its centre, that has the aspect of (height, width)."""
    aspect = size[1] / size[0]
    width = max(1, min(box.width, round(box.height * aspect)))
    height = max(1, min(box.height, round(box.width / aspect)))
    return Box(box.x + (box.width - width) // 2, box.y + (box.height - height) // 2, width, height)
