"""What an encoder is given of a clip, decoded where it can do no harm."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from curate.encode.bucket import Bucket, centre_crop, fit_frames, fit_size
from curate.errors import NoFrames, NoVideo
from curate.media.file import ClipFile
from curate.media.picture import Box, frames_rgb
from curate.media.sound import samples
from curate.stage import Run, each


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """The frames of a clip in the size of its bucket, [T, H, W, 3] RGB, and its sound in the same span, [C, N]."""

    id: str
    media_id: str
    modality: Literal["video", "still"]
    bucket: Bucket
    crop: Box
    start_us: int  # what the frames cover
    end_us: int
    frames: NDArray[np.uint8]
    wave: NDArray[np.float32] | None

    @property
    def size_bytes(self) -> int:
        return self.frames.nbytes + (0 if self.wave is None else self.wave.nbytes)


@dataclass(frozen=True)
class Take:
    """Decode what encoders take of a clip; run isolated. An encoder of stills takes nothing of a video."""

    rate_hz: float
    frames: tuple[int, ...]
    sizes: tuple[tuple[int, int], ...]
    videos: bool
    sound_hz: int | None  # None: no sound
    sound_layout: str

    name: ClassVar[str] = "encode"  # what its failures are called
    version: ClassVar[int] = 1
    takes: ClassVar[type] = ClipFile
    gives: ClassVar[type] = Taken

    def open(self) -> Run[ClipFile, Taken]:
        def one(row: ClipFile) -> Iterator[Taken]:
            if row.media.picture is None:
                raise NoVideo("no picture stream; only sound, subtitles or data")
            if self.videos or row.clip.still:
                yield self._taken(row)

        return each(one)

    def _taken(self, row: ClipFile) -> Taken:
        clip = row.clip
        whole = Box(clip.crop_x, clip.crop_y, clip.crop_width, clip.crop_height)
        size = fit_size(whole, self.sizes)
        crop, duration_us = centre_crop(whole, size), clip.end_us - clip.start_us
        count, covered_us = (1, duration_us) if clip.still else fit_frames(duration_us, self.rate_hz, self.frames)
        at_us = [min(instant, clip.end_us - 1) for instant in instants_us(clip.start_us, count, self.rate_hz)]
        bucket, end_us = Bucket(count, *size), clip.start_us + covered_us
        frames = _frames(row, at_us, bucket, crop)
        wave = None
        if self.sound_hz is not None and row.media.audio is not None and not clip.still:
            wave = samples(row.file, row.media, clip.start_us, end_us, self.sound_hz, self.sound_layout)
        modality: Literal["video", "still"] = "still" if clip.still else "video"
        return Taken(row.id, row.media.media_id, modality, bucket, crop, clip.start_us, end_us, frames, wave)


def instants_us(start_us: int, count: int, rate_hz: float) -> list[int]:
    """When the picture is looked at: a quarter into each interval, which no usual frame rate changes at."""
    return [start_us + round((index + 0.25) * 1e6 / rate_hz) for index in range(count)]


def _frames(row: ClipFile, at_us: list[int], bucket: Bucket, crop: Box) -> NDArray[np.uint8]:
    """[T, H, W, 3] RGB of the frames shown at those instants, cropped, in the size of the bucket."""
    frames = np.empty((bucket.frames, bucket.height, bucket.width, 3), np.uint8)
    size = (bucket.width, bucket.height)
    count = 0
    for _, frame in frames_rgb(
        row.file, row.media, row.clip.start_us, row.clip.end_us, at_us=at_us, size=size, crop=crop
    ):
        frames[count] = frame
        count += 1
    if count < bucket.frames:
        raise NoFrames(f"only {count} of the {bucket.frames} frames of the clip could be decoded")
    return frames
