"""Cues out of containers and WebVTT, by FFmpeg's demuxers and decoders."""

import io
import re
from collections.abc import Iterator

import av
import av.error
from av.subtitles.subtitle import AssSubtitle

from curate.errors import NoFrames
from curate.media.clock import MAX_PIXELS, clock, picture_stream
from curate.media.demux import decoded, opened
from curate.media.file import LocalFile
from curate.subtitle.cues import Cue, plain
from schemas.media import Media

_MAP = re.compile(rb"X-TIMESTAMP-MAP=([^\r\n]{1,200})")
_LOCAL = re.compile(rb"LOCAL:(?:(\d{1,6}):)?(\d\d):(\d\d)\.(\d\d\d)")
_MPEGTS = re.compile(rb"MPEGTS:(\d{1,15})")
_HEADER_BYTES = 4096
_WRAP_US = (1 << 33) * 1_000_000 // 90_000  # of the clock of MPEG-2


def origin_us(file: LocalFile, media: Media) -> int:
    """When the first presented frame is, on the clock that the streams of the container share."""
    with opened(file) as container:
        video = picture_stream(container, media, MAX_PIXELS)
        shown = clock(video)
        for _, item in decoded(container, [video]):
            if isinstance(item, av.VideoFrame):
                shown.shown_us(item)
                return shown.origin_us
    raise NoFrames("no frame could be decoded, so nobody can tell when its subtitles are")


def stream_cues(file: LocalFile, index: int, from_us: int) -> Iterator[Cue]:
    """The cues of one text stream, in media time, where media time 0 is `from_us` of the container."""
    with opened(file) as container:
        if index < len(container.streams):
            yield from _cues(container, container.streams[index], -from_us)


def webvtt_cues(data: bytes, later_us: int) -> Iterator[Cue]:
    """The cues of a WebVTT file, all `later_us` later than it says; none where it cannot be read."""
    try:
        container = av.open(io.BytesIO(data), "r", format="webvtt", metadata_errors="replace")
    except (av.error.FFmpegError, ValueError):
        return
    with container:
        yield from _cues(container, container.streams[0], later_us)


def named_clock_us(data: bytes) -> int | None:
    """What WebVTT of HLS adds to its times to have those of the container (RFC 8216, 3.5); None: it does not say."""
    found = _MAP.search(data[:_HEADER_BYTES])
    if found is None:
        return None
    local, ticks = _LOCAL.search(found[1]), _MPEGTS.search(found[1])
    if local is None or ticks is None:
        return None
    hours, minutes, seconds, ms = (int(part or 0) for part in local.groups())
    return int(ticks[1]) * 1_000_000 // 90_000 - (((hours * 60 + minutes) * 60 + seconds) * 1000 + ms) * 1000


def nearest_us(clock_us: int) -> int:
    """A difference on a clock that begins anew every 26.5 hours, as the smallest that it can be."""
    return (clock_us + _WRAP_US // 2) % _WRAP_US - _WRAP_US // 2


def _cues(container: av.container.InputContainer, stream: av.stream.Stream, later_us: int) -> Iterator[Cue]:
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.error.FFmpegError):  # it ends here, or breaks off
            return
        if packet.size == 0 or packet.pts is None or packet.time_base is None:
            continue
        try:
            shown = packet.decode()
        except (av.error.FFmpegError, ValueError):
            continue
        tick_us = packet.time_base * 1_000_000
        start_us = round(packet.pts * tick_us) + later_us
        end_us = start_us + round(packet.duration * tick_us) if packet.duration else None
        for one in shown:
            if isinstance(one, AssSubtitle):
                yield Cue(start_us, end_us, plain(one.ass.decode("utf-8", "replace")))
