"""Sound of a media file as float32 in one unbroken line: gaps are silence, overlaps are cut."""

from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from curate.media.clock import MAX_PIXELS, picture_stream
from curate.media.demux import decoded, opened
from curate.media.file import LocalFile
from curate.media.picture import SEEKABLE, first_frame_us
from schemas.media import Media

JITTER_US = 30_000  # time stamps may be off by this much without being a gap: containers round them
LONGEST_OVERLAP_US = 1_000_000
LONGEST_GAP_US = 3_600_000_000  # a longer one is a broken time stamp
LEAST_RATE_HZ = 8_000
SETTLE_US = 100_000
PREROLL_US = 1_000_000  # decoded before the wanted span, so that the codec has settled

_FULL_SCALE = {"u8": 128.0, "s16": 32768.0, "s32": 2147483648.0}


def waves(frame: av.AudioFrame) -> NDArray[np.float32]:
    """[C, N] -1..1 of a decoded frame of any sample format."""
    values = frame.to_ndarray()
    kind = frame.format.packed.name
    if not frame.format.is_planar:
        values = values.reshape(-1, len(frame.layout.channels)).T
    if kind in ("flt", "dbl"):
        return values.astype(np.float32, copy=False)
    scaled = values.astype(np.float32) / np.float32(_FULL_SCALE[kind])
    return scaled - np.float32(1) if kind == "u8" else scaled


def frame_of(wave: NDArray[np.float32], layout: str, rate_hz: int) -> av.AudioFrame:
    """A frame for a resampler. wave: [C, N]."""
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave), "fltp", layout)
    frame.sample_rate = rate_hz
    return frame


class Resampler:
    """Brings sound that comes in blocks to another rate and layout.

    Mixed down first: FFmpeg's resampler in one step would bring each channel of six to the other rate.
    """

    def __init__(self, layout: str, rate_hz: int, to_layout: str, to_rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._same = (layout, rate_hz) == (to_layout, to_rate_hz)
        self._channels = len(av.AudioLayout(to_layout).channels)
        fewer = self._channels < len(av.AudioLayout(layout).channels) and rate_hz != to_rate_hz
        self._mix = Resampler(layout, rate_hz, to_layout, rate_hz) if fewer else None
        self._layout = to_layout if fewer else layout
        self._swr = av.AudioResampler("fltp", to_layout, to_rate_hz)

    def __call__(self, wave: NDArray[np.float32]) -> NDArray[np.float32]:
        """wave: [C, N]."""
        if self._same:
            return wave
        if self._mix is not None:
            wave = self._mix(wave)
        return self._joined(self._swr.resample(frame_of(wave, self._layout, self._rate_hz))) if wave.size else wave[:1]

    def rest(self) -> NDArray[np.float32]:
        """What was held back; nothing may come after."""
        return np.zeros((self._channels, 0), np.float32) if self._same else self._joined(self._swr.resample(None))

    def _joined(self, frames: list[av.AudioFrame]) -> NDArray[np.float32]:
        return np.concatenate([np.zeros((self._channels, 0), np.float32), *(f.to_ndarray() for f in frames)], 1)


class SoundLine:
    """Frames of one audio stream, joined without gaps, to be read in blocks of any length.

    The first frame decides rate and layout; `start_us` is its time on the stream's own clock.
    """

    def __init__(self) -> None:
        self.start_us: int | None = None
        self.rate_hz = 0
        self.layout = ""
        self.channels: tuple[str, ...] = ()
        self._origin_us = 0
        self._tick = Fraction(1)
        self._tick_us = 0.0
        self._shape = ("", "", 0)  # sample format, layout, rate
        self._count = 0  # samples since `_origin_us`
        self._fifo = av.AudioFifo()
        self._resampler: tuple[tuple[str, str, int], av.AudioResampler] | None = None

    def add(self, frame: av.AudioFrame) -> int:
        """Continue the line with a frame; how many samples wait to be read."""
        if self.start_us is None:
            self._begin(frame)
        missing = 0 if frame.pts is None else self._missing(round(frame.pts * self._tick_us))
        if missing > 0:
            self._write_silence(missing)
        for part in self._in_shape(frame):
            self._write(part if missing >= 0 else self._without(part, -missing))
        return self._fifo.samples

    def _begin(self, frame: av.AudioFrame) -> None:
        assert frame.time_base is not None  # noqa: S101  the decoder sets it
        self._tick, self._tick_us = frame.time_base, float(frame.time_base) * 1e6
        self.start_us = self._origin_us = round((frame.pts or 0) * self._tick_us)
        self.rate_hz, self.layout = max(frame.sample_rate, LEAST_RATE_HZ), frame.layout.name
        self.channels = tuple(channel.name for channel in frame.layout.channels)
        self._shape = frame.format.name, self.layout, self.rate_hz

    def read(self, count: int) -> NDArray[np.float32]:
        """[C, count] the next samples; fewer where fewer wait."""
        frame = self._fifo.read(count, partial=True)
        return np.zeros((len(self.channels), 0), np.float32) if frame is None else waves(frame)

    def _missing(self, time_us: int) -> int:
        """Samples between the end of the line and `time_us`; negative: they overlap."""
        late_us = time_us - self._origin_us - self._count * 1_000_000 // self.rate_hz
        if abs(late_us) <= JITTER_US:
            return 0
        if not -LONGEST_OVERLAP_US < late_us < LONGEST_GAP_US:  # the clock itself jumped: go on from here
            self._origin_us += late_us
            return 0
        return late_us * self.rate_hz // 1_000_000

    def _in_shape(self, frame: av.AudioFrame) -> list[av.AudioFrame]:
        shape = frame.format.name, frame.layout.name, frame.sample_rate
        if shape == self._shape:
            return [frame]
        if self._resampler is None or self._resampler[0] != shape:
            self._resampler = shape, av.AudioResampler(*self._shape)
        return self._resampler[1].resample(frame)

    def _write(self, frame: av.AudioFrame | None) -> None:
        if frame is not None:
            self._count += frame.samples
            frame.pts, frame.time_base = None, self._tick
            self._fifo.write(frame)

    def _write_silence(self, samples: int) -> None:
        for start in range(0, samples, self.rate_hz):
            count = min(self.rate_hz, samples - start)
            self._write(self._frame(np.zeros((len(self.channels), count), np.float32)))

    def _without(self, frame: av.AudioFrame, samples: int) -> av.AudioFrame | None:
        return self._frame(waves(frame)[:, samples:]) if samples < frame.samples else None

    def _frame(self, wave: NDArray[np.float32]) -> av.AudioFrame:
        frame = frame_of(wave, self.layout, self.rate_hz)
        return frame if self._shape[0] == "fltp" else av.AudioResampler(*self._shape).resample(frame)[0]


def sound_stream(container: av.container.InputContainer, media: Media) -> av.AudioStream | None:
    """The stream that `media.audio` names, set to decode in one thread; None where there is no sound."""
    if media.audio is None:
        return None
    stream = container.streams[media.audio.stream]
    assert isinstance(stream, av.AudioStream)  # noqa: S101  the facts of a media are made from its own streams
    stream.codec_context.thread_count = 1
    return stream


def samples(
    file: LocalFile, media: Media, start_us: int, end_us: int, rate_hz: int, layout: str = "mono"
) -> NDArray[np.float32]:
    """[C, N] -1..1 of `[start_us, end_us)` of the media's clock, N = span x rate; silence where there is no sound.

    `layout` is "mono" or "stereo". A media without any sound is silent throughout; `media.audio` tells it from others.
    """
    out = np.zeros((len(av.AudioLayout(layout).channels), round((end_us - start_us) * rate_hz / 1e6)), np.float32)
    if media.audio is None:
        return out
    origin_us = _origin_us(file, media)
    if start_us <= PREROLL_US or not _fill(out, file, media, origin_us + start_us, (rate_hz, layout), seek=True):
        _fill(out, file, media, origin_us + start_us, (rate_hz, layout), seek=False)
    return out


def _origin_us(file: LocalFile, media: Media) -> int:
    """Where the media's clock begins on the clock of its streams: the first frame, or the first sample without one."""
    if media.picture is not None:
        with opened(file) as container:
            return first_frame_us(container, picture_stream(container, media, MAX_PIXELS))
    with opened(file) as container:
        stream = sound_stream(container, media)
        line = SoundLine()
        for _, frame in decoded(container, [stream] if stream else []):
            if isinstance(frame, av.AudioFrame):
                line.add(frame)
                break
        return line.start_us or 0


def _fill(
    out: NDArray[np.float32], file: LocalFile, media: Media, start_us: int, shape: tuple[int, str], *, seek: bool
) -> bool:
    """Write the sound from `start_us` on (of the streams' clock) into `out`; False: the seek went astray."""
    rate_hz, layout = shape
    with opened(file) as container:
        stream = sound_stream(container, media)
        if stream is None or stream.time_base is None or (seek and not container.format.name.startswith(SEEKABLE)):
            return False
        if seek:
            container.seek(int((start_us - PREROLL_US) / 1e6 / stream.time_base), stream=stream)
        line, span, waiting = SoundLine(), None, 0
        for _, frame in decoded(container, [stream]):
            if not isinstance(frame, av.AudioFrame):
                continue
            waiting = line.add(frame)
            if span is None:
                if seek and (line.start_us or 0) > start_us:
                    return False
                span = _Span(out, line, start_us, rate_hz, layout)
            if waiting >= line.rate_hz and span.take(line.read(waiting)):
                return True
        if span is not None:
            span.take(line.read(waiting))
            span.end()
    return True


class _Span:
    """Resamples a line into an array that begins at a given time."""

    def __init__(self, out: NDArray[np.float32], line: SoundLine, start_us: int, rate_hz: int, layout: str) -> None:
        late_us = (line.start_us or 0) - start_us
        # The resampler begins a settling time before the span, wherever the line does: its phase is the span's own.
        self._skip = max(0, round((-late_us - SETTLE_US) * line.rate_hz / 1e6))
        self._at: int = round((late_us + self._skip * 1e6 / line.rate_hz) * rate_hz / 1e6)
        self._out = out
        self._resampler = Resampler(line.layout, line.rate_hz, layout, rate_hz)

    def take(self, wave: NDArray[np.float32]) -> bool:
        """Write what continues the line, [C, N]; true where the array is full."""
        skipped = min(self._skip, wave.shape[1])
        self._skip -= skipped
        if skipped < wave.shape[1]:
            self._at = place(self._out, self._resampler(wave[:, skipped:]), self._at)
        return bool(self._at >= self._out.shape[1])

    def end(self) -> None:
        """Write what the resampler held back."""
        place(self._out, self._resampler.rest(), self._at)


def place(out: NDArray[np.float32], wave: NDArray[np.float32], at: int) -> int:
    """Write `wave` [C, N] into `out` at sample `at`, which may lie outside; returns where it ends."""
    end = at + int(wave.shape[1])
    begin, stop = max(at, 0), min(end, out.shape[1])
    if begin < stop:
        out[:, begin:stop] = wave[:, begin - at : stop - at]
    return end
