"""The frames and the sound of a clip's windows, decoded where they can do no harm."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from captioners.asking import Part, Pictures, Wave
from captioners.seeing.profile import Sight
from captioners.seeing.window import Window, equal_parts, windows
from curate.errors import NoVideo
from curate.media.file import ClipFile
from curate.media.picture import Box, frames_rgb
from curate.media.sound import samples
from curate.stage import Run, each

SOUND_HZ = 16_000


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of one window: `frames_us` are the true times of its frames, on the clock of the media."""

    window: Window
    frames_us: tuple[int, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Showing:
    """All that is shown of one clip."""

    id: str
    windows: tuple[Shown, ...]


@dataclass(frozen=True)
class Look:
    """Decode what a model is shown of a clip; run isolated. The sight has been laid over a profile's."""

    sight: Sight

    name: ClassVar[str] = "see"  # what its failures are called
    version: ClassVar[int] = 1
    takes: ClassVar[type] = ClipFile
    gives: ClassVar[type] = Showing

    def open(self) -> Run[ClipFile, Showing]:
        def one(row: ClipFile) -> Iterator[Showing]:
            if row.media.picture is None:
                raise NoVideo(f"there is no picture in {row.media.container} to see")
            yield Showing(row.id, tuple(_shown(row, window, self.sight) for window in windows(row.clip, self.sight)))

        return each(one)


@dataclass(frozen=True, slots=True)
class Viewing:
    """A clip, and the windows of it that are to be shown; `id` is what the showing is known by."""

    id: str
    clip_file: ClipFile
    windows: tuple[Window, ...]


@dataclass(frozen=True)
class LookAt:
    """Decode windows that were planned elsewhere; run isolated. The sight has been laid over a profile's."""

    sight: Sight

    name: ClassVar[str] = "look"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Viewing
    gives: ClassVar[type] = Showing

    def open(self) -> Run[Viewing, Showing]:
        def one(row: Viewing) -> Iterator[Showing]:
            file = row.clip_file
            if file.media.picture is None:
                raise NoVideo(f"there is no picture in {file.media.container} to see")
            yield Showing(row.id, tuple(_shown(file, window, self.sight) for window in row.windows))

        return each(one)


def _shown(row: ClipFile, window: Window, sight: Sight) -> Shown:
    clip = row.clip
    crop = Box(clip.crop_x, clip.crop_y, clip.crop_width, clip.crop_height)
    size = (window.width, window.height)
    shown = frames_rgb(row.file, row.media, window.start_us, window.end_us, at_us=window.at_us, size=size, crop=crop)
    frames: dict[int, NDArray[np.uint8]] = {}  # a frame that is shown at two instants is seen once
    for pts_us, frame in shown:
        frames.setdefault(pts_us, frame)
    at_s = tuple(max(0, pts_us - clip.start_us) / 1e6 for pts_us in frames)
    if sight.clock == "burnt" and not clip.still:
        frames = {pts_us: burnt(frame, at) for (pts_us, frame), at in zip(frames.items(), at_s, strict=True)}
    pixels = b"".join(np.ascontiguousarray(frame).tobytes() for frame in frames.values())
    as_images = clip.still or sight.shown_as == "images" or len(frames) < 2
    parts: list[Part] = [Pictures(at_s, window.height, window.width, pixels, "images" if as_images else "video")]
    if sight.sound and row.media.audio is not None and not clip.still:
        parts.append(wave_of(row, window.start_us, window.end_us))
    return Shown(window, tuple(frames), tuple(parts))


def burnt(frame: NDArray[np.uint8], at_s: float) -> NDArray[np.uint8]:
    """The frame with its time at the lower right, black on white, a tenth of the height at most. frame: [H, W, 3]."""
    label = f"{at_s:.2f} s"
    scale = max(0.3, frame.shape[0] / 700)
    (width, height), below = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    out = frame.copy()
    top, left = max(0, out.shape[0] - height - below - 4), max(0, out.shape[1] - width - 6)
    out[top:, left:] = 255
    cv2.putText(out, label, (left + 3, out.shape[0] - below - 2), cv2.FONT_HERSHEY_SIMPLEX, scale, (0, 0, 0), 1)
    return out


@dataclass(frozen=True)
class Hark:
    """Decode what a model that only hears is given of a clip: windows of at most so many seconds; run isolated."""

    window_s: float

    name: ClassVar[str] = "hear"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = ClipFile
    gives: ClassVar[type] = Showing

    def open(self) -> Run[ClipFile, Showing]:
        def one(row: ClipFile) -> Iterator[Showing]:
            if row.media.audio is None or row.clip.still:
                return  # there is nothing to hear
            parts = equal_parts(row.clip.start_us, row.clip.end_us, self.window_s * 1e6)
            yield Showing(row.id, tuple(self._shown(row, start_us, end_us) for start_us, end_us in parts))

        return each(one)

    def _shown(self, row: ClipFile, start_us: int, end_us: int) -> Shown:
        return Shown(Window(start_us, end_us, (), 0, 0), (), (wave_of(row, start_us, end_us),))


def wave_of(row: ClipFile, start_us: int, end_us: int) -> Wave:
    """One channel of `[start_us, end_us)` of the media at 16 kHz."""
    wave = samples(row.file, row.media, start_us, end_us, SOUND_HZ)[0]
    return Wave(SOUND_HZ, np.ascontiguousarray(wave, "<f4").tobytes())
