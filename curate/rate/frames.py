"""A few frames of a clip, decoded where they can do no harm."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from curate.errors import NoVideo
from curate.media.file import ClipFile
from curate.media.picture import Box, frames_rgb
from curate.rate.rating import Pictures
from curate.stage import Run, each
from schemas.clip import Clip


@dataclass(frozen=True, slots=True)
class ClipFrames:
    """Frames of one clip: `pixels` is [T, height, width, 3], RGB."""

    id: str
    height: int
    width: int
    pixels: bytes

    @property
    def pictures(self) -> Pictures:
        return np.frombuffer(self.pixels, np.uint8).reshape(-1, self.height, self.width, 3)


@dataclass(frozen=True)
class Frames:
    """The frames at the middles of equal parts of a clip, inside its black borders; run isolated."""

    rate_hz: float
    max_frames: int
    short_side_px: int

    name: ClassVar[str] = "rate"  # what its failures are called
    version: ClassVar[int] = 1
    takes: ClassVar[type] = ClipFile
    gives: ClassVar[type] = ClipFrames

    def open(self) -> Run[ClipFile, ClipFrames]:
        def one(row: ClipFile) -> Iterator[ClipFrames]:
            clip = row.clip
            if row.media.picture is None:
                raise NoVideo(f"there is no picture in {row.media.container} to rate")
            crop = Box(clip.crop_x, clip.crop_y, clip.crop_width, clip.crop_height)
            width, height = self.size(crop)
            at_us = self.instants(clip)
            seen = frames_rgb(
                row.file, row.media, clip.start_us, clip.end_us, at_us=at_us, size=(width, height), crop=crop
            )
            yield ClipFrames(row.id, height, width, b"".join(frame.tobytes() for _, frame in seen))

        return each(one)

    def instants(self, clip: Clip) -> list[int]:
        """As many as `rate_hz` asks for, from 1 to `max_frames`."""
        length_us = clip.end_us - clip.start_us
        count = min(self.max_frames, max(1, round(length_us * self.rate_hz / 1e6)))
        return [clip.start_us + int((index + 0.5) * length_us / count) for index in range(count)]

    def size(self, crop: Box) -> tuple[int, int]:
        """(width, height), the short side at most `short_side_px`."""
        scale = min(1.0, self.short_side_px / min(crop.width, crop.height))
        return max(1, round(crop.width * scale)), max(1, round(crop.height * scale))
