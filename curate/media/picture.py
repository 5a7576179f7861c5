"""Frames of a media file: when each is shown, its planes as the decoder left them, or RGB as a viewer sees it."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import av
import av.error
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from curate.errors import NoVideo, TooLarge
from schemas.media import Media

MAX_PIXELS = 64_000_000
SEEKABLE = ("mov", "matroska")  # containers with an index of time stamps; others are decoded from the start
BACK_US = (0, 2_000_000, 15_000_000)  # how far before the wanted frame a decoder may be tried to start

Matrix = Literal["bt601", "bt709", "bt2020"]
_PLANAR = re.compile(r"(?:yuv(?P<full>j?)a?4\d\dp|(?P<grey>gray))(?P<depth>\d+)?(?:le)?")
_AV_MATRIX = {"bt601": Colorspace.ITU601, "bt709": Colorspace.ITU709, "bt2020": Colorspace.BT2020}
_MATRICES: dict[int, Matrix] = {1: "bt709", 4: "bt601", 5: "bt601", 6: "bt601", 7: "bt601", 9: "bt2020", 10: "bt2020"}


@dataclass(frozen=True, slots=True)
class Crop:
    """A box in displayed pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Planes:
    """Views into one decoded frame, as coded: before rotation. `u` and `v` are None for a grey picture."""

    luma: NDArray[np.uint8] | NDArray[np.uint16]  # [H, W], 0 .. 2 ** depth - 1
    u: NDArray[np.uint8] | NDArray[np.uint16] | None  # [H or H / 2, W or W / 2]
    v: NDArray[np.uint8] | NDArray[np.uint16] | None
    depth: int  # bits
    full_range: bool  # False: luma 16..235, chroma 16..240 (at 8 bits)
    matrix: Matrix


@dataclass(frozen=True, slots=True)
class _Layout:
    depth: int
    full_range: bool
    grey: bool


@lru_cache(maxsize=64)
def _layout(pixel_format: str) -> _Layout | None:
    """How a planar Y'CbCr or grey format of native byte order lies in memory; None for any other."""
    found = _PLANAR.fullmatch(pixel_format)
    if found is None:
        return None
    grey = found["grey"] is not None
    return _Layout(int(found["depth"] or 8), grey or found["full"] == "j", grey)


def _view(plane: av.video.plane.VideoPlane, depth: int) -> NDArray[np.uint8] | NDArray[np.uint16]:
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    if depth == 8:
        return rows[:, : plane.width]
    return rows.view(np.uint16)[:, : plane.width]


def matrix(frame: av.VideoFrame) -> Matrix:
    """The Y'CbCr matrix of a frame; where it says none, BT.709 from 720 lines up and BT.601 below, as players do."""
    return _MATRICES.get(int(frame.colorspace), "bt709" if min(frame.height, frame.width) >= 720 else "bt601")


def planes(frame: av.VideoFrame) -> Planes:
    """Planes without a copy; only a format that is not planar Y'CbCr or grey is converted (to full-range 4:4:4)."""
    layout = _layout(frame.format.name)
    if layout is None:
        frame = frame.reformat(format="yuv444p", dst_colorspace=Colorspace.ITU601, dst_color_range=ColorRange.JPEG)
        return Planes(*(_view(plane, 8) for plane in frame.planes[:3]), 8, True, "bt601")
    full = layout.full_range or int(frame.color_range) == int(ColorRange.JPEG)
    if layout.grey:
        return Planes(_view(frame.planes[0], layout.depth), None, None, layout.depth, full, "bt601")
    y, u, v = (_view(plane, layout.depth) for plane in frame.planes[:3])
    return Planes(y, u, v, layout.depth, full, matrix(frame))


class PictureClock:
    """When each frame of one decoder is shown, in µs from the first presented frame.

    A frame without a time stamp follows the one before by that one's duration. One that is not later than the frame
    before it is never shown: `shown_us` says None.
    """

    def __init__(self, time_base_us: float, step_us: int) -> None:
        self.origin: int | None = None  # pts of the first presented frame
        self.end_us = 0  # when the last frame stops being shown
        self._tick_us = time_base_us
        self._step_us = step_us
        self._last_us: int | None = None

    def shown_us(self, frame: av.VideoFrame) -> int | None:
        """The presentation time of the next frame that the decoder gave."""
        if self.origin is None:
            self.origin = frame.pts if frame.pts is not None else 0
        pts_us = self.end_us if frame.pts is None else self.media_us(frame.pts)
        if self._last_us is not None and pts_us <= self._last_us:
            return None
        self._last_us = pts_us
        self.end_us = pts_us + (round(frame.duration * self._tick_us) if frame.duration else self._step_us)
        return pts_us

    def media_us(self, pts: int) -> int:
        """Media time of a time stamp of the stream."""
        return round((pts - (self.origin or 0)) * self._tick_us)

    @property
    def origin_us(self) -> int:
        """Time of the first presented frame on the clock that the streams of the container share."""
        return round((self.origin or 0) * self._tick_us)

    def moved(self) -> None:
        """Say that the decoder was sent elsewhere: the next frame may be earlier than the last."""
        self._last_us = None


def clock(stream: av.VideoStream) -> PictureClock:
    """The clock of a video stream; a frame of unknown duration lasts as long as the average one, 40 ms at a loss."""
    assert stream.time_base is not None  # noqa: S101  every stream of an opened container has one
    rate = stream.average_rate or stream.guessed_rate
    return PictureClock(float(stream.time_base) * 1e6, round(1e6 / rate) if rate else 40_000)


def picture_stream(container: av.container.InputContainer, media: Media, max_pixels: int) -> av.VideoStream:
    """The stream that `media.picture` names, set to decode in one thread."""
    if media.picture is None:
        raise NoVideo("no picture stream; only sound, subtitles or data")
    stream = container.streams[media.picture.stream]
    if not isinstance(stream, av.VideoStream):
        raise NoVideo(f"stream {media.picture.stream} is no picture: {stream.type}")
    check_pixels(stream.width, stream.height, max_pixels)
    stream.thread_type = "NONE"
    return stream


def check_pixels(width: int, height: int, max_pixels: int) -> None:
    """TooLarge for a frame over the cap."""
    if width * height > max_pixels:
        raise TooLarge(f"a frame of {width}x{height} is over the cap of {max_pixels} pixels; raise max_pixels")
