"""Frames of a span as a viewer sees them: RGB, upright, in square pixels, exact by presentation time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import av
import av.error
import numpy as np
from av.video.reformatter import Colorspace, Interpolation
from numpy.typing import NDArray

from curate.errors import NoFrames
from curate.media.clock import MAX_PIXELS, PictureClock, check_pixels, clock, picture_stream
from curate.media.demux import decoded, opened
from curate.media.file import LocalFile
from curate.media.opaque import opaque
from curate.media.planes import Matrix, matrix
from schemas.media import Media, Picture

SEEKABLE = ("mov", "matroska")  # containers with an index of time stamps; any other is decoded from its start
BACK_US = (0, 2_000_000, 15_000_000)  # how long before the wanted frame a decoder is tried to start
NEAR_US = 3_000_000  # a frame this close to the beginning is not worth a seek

_MATRICES: dict[Matrix, Colorspace] = {
    "bt601": Colorspace.ITU601,
    "bt709": Colorspace.ITU709,
    "bt2020": Colorspace.BT2020,
}


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the picture, in displayed pixels."""

    x: int
    y: int
    width: int
    height: int


def frames_rgb(  # noqa: PLR0913  each is one thing that a caller may ask for
    file: LocalFile,
    media: Media,
    start_us: int,
    end_us: int,
    *,
    at_us: Sequence[int] | None = None,
    rate_hz: float | None = None,
    size: tuple[int, int] | None = None,
    crop: Box | None = None,
    max_pixels: int = MAX_PIXELS,
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """(pts_us, [H, W, 3] RGB 0..255) of the frames shown first in `[start_us, end_us)`.

    With `at_us` (in order) or `rate_hz` (from `start_us` on) it is the frame shown at each of those instants instead:
    one for each, so a frame may come twice. `size` is (width, height) of what is given, after `crop`.
    """
    with opened(file) as container:
        stream = picture_stream(container, media, max_pixels)
        assert media.picture is not None  # noqa: S101  picture_stream has seen to it
        view = View(media.picture, size, crop)
        instants = _instants(start_us, end_us, at_us, rate_hz)
        shown = presented(container, stream, start_us, max_pixels)
        chosen = _between(shown, start_us, end_us) if instants is None else _at(shown, instants)
        for pts_us, frame in chosen:
            yield pts_us, view.rgb(frame)


def _instants(start_us: int, end_us: int, at_us: Sequence[int] | None, rate_hz: float | None) -> Iterator[int] | None:
    if at_us is not None and rate_hz is not None:
        raise ValueError(f"frames are asked for by instants or by rate, not both: {rate_hz=}")
    if at_us is not None:
        return iter(at_us)
    if rate_hz is None:
        return None
    return iter(range_us(start_us, end_us, rate_hz))


def range_us(start_us: int, end_us: int, rate_hz: float) -> list[int]:
    """Instants `rate_hz` apart from `start_us` on, each rounded for itself so that errors do not add up."""
    instants: list[int] = []
    for index in count():
        instant = start_us + round(index * 1e6 / rate_hz)
        if instant >= end_us:
            return instants
        instants.append(instant)
    return instants


def _between(
    shown: Iterable[tuple[int, av.VideoFrame]], start_us: int, end_us: int
) -> Iterator[tuple[int, av.VideoFrame]]:
    for pts_us, frame in shown:
        if pts_us >= end_us:
            return
        if pts_us >= start_us:
            yield pts_us, frame


def _at(shown: Iterable[tuple[int, av.VideoFrame]], instants: Iterator[int]) -> Iterator[tuple[int, av.VideoFrame]]:
    """The last frame that is not later than each instant; before the first frame, the first."""
    wanted = next(instants, None)
    held: tuple[int, av.VideoFrame] | None = None
    for pts_us, frame in shown:
        while wanted is not None and held is not None and pts_us > wanted:
            yield held
            wanted = next(instants, None)
        if wanted is None:
            return
        held = pts_us, frame
    while wanted is not None and held is not None:
        yield held
        wanted = next(instants, None)


def presented(
    container: av.container.InputContainer, stream: av.VideoStream, start_us: int, max_pixels: int = MAX_PIXELS
) -> Iterator[tuple[int, av.VideoFrame]]:
    """(pts_us, frame) from the frame shown at `start_us`, or one before it, to the end.

    The first frame is always decoded first: it sets the clock, and it may carry what later frames cannot be decoded
    without (x264 names its version there, and a decoder works round that version's faults).
    """
    shown = clock(stream)
    frames = _frames(container, stream, shown, max_pixels)
    first = next(frames, None)
    if first is None:
        raise NoFrames("no frame could be decoded")
    if start_us > NEAR_US and container.format.name.startswith(SEEKABLE):
        for back_us in BACK_US:
            found = _sought(container, stream, shown, start_us, back_us, max_pixels)
            if found is not None:
                yield from found
                return
        container.seek(stream.start_time or 0, stream=stream)
        shown.moved()
        yield from _frames(container, stream, shown, max_pixels)
        return
    yield first
    yield from frames


def first_frame_us(container: av.container.InputContainer, stream: av.VideoStream) -> int:
    """Time of the first presented frame on the clock that the streams of a container share."""
    return set_clock(container, stream).origin_us


def set_clock(container: av.container.InputContainer, stream: av.VideoStream) -> PictureClock:
    """The clock of a stream, set by its first presented frame; the container is left somewhere behind it."""
    shown = clock(stream)
    if next(_frames(container, stream, shown, MAX_PIXELS), None) is None:
        raise NoFrames("no frame could be decoded")
    return shown


def _sought(
    container: av.container.InputContainer,
    stream: av.VideoStream,
    shown: PictureClock,
    start_us: int,
    back_us: int,
    max_pixels: int,
) -> Iterator[tuple[int, av.VideoFrame]] | None:
    """Frames from a sound key frame not later than `start_us`; None where the seek does not lead to one."""
    try:
        container.seek(shown.stamp(start_us - back_us), stream=stream)
    except av.error.FFmpegError:
        return None
    shown.moved()
    frames = _frames(container, stream, shown, max_pixels)
    for pts_us, frame in frames:
        if pts_us > start_us:
            return None
        if frame.key_frame and not frame.is_corrupt:
            return _followed(pts_us, frame, frames)
    return None


def _followed(
    pts_us: int, frame: av.VideoFrame, frames: Iterator[tuple[int, av.VideoFrame]]
) -> Iterator[tuple[int, av.VideoFrame]]:
    yield pts_us, frame
    yield from frames


def _frames(
    container: av.container.InputContainer, stream: av.VideoStream, shown: PictureClock, max_pixels: int
) -> Iterator[tuple[int, av.VideoFrame]]:
    for _, frame in decoded(container, [stream]):
        if isinstance(frame, av.VideoFrame):
            check_pixels(frame.width, frame.height, max_pixels)
            pts_us = shown.shown_us(frame)
            if pts_us is not None:
                yield pts_us, frame


class View:
    """Turns decoded frames into what is displayed: on white, scaled, converted, turned upright and cropped."""

    def __init__(self, picture: Picture, size: tuple[int, int] | None, crop: Box | None) -> None:
        self._turns, self._flipped = picture.rotation_deg // 90, picture.flipped
        box = crop or Box(0, 0, picture.width, picture.height)
        self._width, self._height = size or (box.width, box.height)
        across, down = self._width / box.width, self._height / box.height
        self._whole = max(1, round(picture.width * across)), max(1, round(picture.height * down))
        self._left = min(round(box.x * across), max(0, self._whole[0] - self._width))
        self._top = min(round(box.y * down), max(0, self._whole[1] - self._height))

    def rgb(self, frame: av.VideoFrame) -> NDArray[np.uint8]:
        """[H, W, 3], 0..255."""
        frame = opaque(frame)
        width, height = self._whole if self._turns % 2 == 0 else self._whole[::-1]
        smaller = width * height < frame.width * frame.height
        pixels = frame.reformat(
            width,
            height,
            "rgb24",
            src_colorspace=_MATRICES[matrix(frame)],
            interpolation=Interpolation.AREA if smaller else Interpolation.BICUBIC,
        ).to_ndarray()
        upright = np.rot90(pixels[::-1] if self._flipped else pixels, -self._turns)
        return np.ascontiguousarray(
            upright[self._top : self._top + self._height, self._left : self._left + self._width]
        )
