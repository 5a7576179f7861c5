"""When each frame is shown, and the stream that frames come from."""

import av

from curate.errors import NoVideo, TooLarge
from schemas.media import Media

MAX_PIXELS = 64_000_000


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

    def stamp(self, media_us: int) -> int:
        """Time stamp of the stream at a media time."""
        return int(media_us / self._tick_us) + (self.origin or 0)

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
    stream.codec_context.thread_count = 1
    return stream


def check_pixels(width: int, height: int, max_pixels: int) -> None:
    """TooLarge for a frame over the cap."""
    if width * height > max_pixels:
        raise TooLarge(f"a frame of {width}x{height} is over the cap of {max_pixels} pixels; raise max_pixels")
