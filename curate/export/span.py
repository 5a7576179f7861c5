"""The packets of a span, and whether they can stand alone: then a cut is a copy, and exact."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import av
import av.error

from curate.export.entry import stands_alone
from curate.media.clock import PictureClock
from curate.media.picture import SEEKABLE

CODECS = frozenset({"h264", "hevc", "vp9", "av1"})
"""Codecs that lie in an MP4 as they lie in the containers with an index of time stamps."""

Why: TypeAlias = str
Packet: TypeAlias = "av.Packet[av.VideoStream]"
_UNTOLD = "the container does not tell when its packets are shown"


@dataclass(frozen=True, slots=True)
class Span:
    """The packets of a clip, in the order of the file. `[start, end)` are time stamps."""

    packets: tuple[Packet, ...]
    start: int
    end: int

    @property
    def times(self) -> list[tuple[int, int, int]]:
        """(shown, decoded, length) of each packet, from the beginning of the clip.

        They are decoded at the stamps of the frames in order, as late as their order allows: Matroska does not tell,
        and after a seek nothing can know what came before. A frame is shown until the next one; but the length of the
        last packet is what an MP4 adds up, in the order of decoding, to the length of the whole.
        """
        shown = [(packet.pts or 0) - self.start for packet in self.packets]
        stamps, count = sorted(shown), len(shown)
        rank = {pts: place for place, pts in enumerate(stamps)}
        delay = max(place - rank[pts] for place, pts in enumerate(shown))
        lead = max(delay, shown[-1] - stamps[count - 1 - delay])
        decoded = [-(lead * (delay - n) // delay) for n in range(delay)] + stamps[: count - delay]
        end = max(self.end - self.start, stamps[-1] + 1)
        until = dict(itertools.pairwise([*stamps, end]))
        lengths = [until[pts] - pts for pts in shown[:-1]] + [max(1, end - decoded[-1] - lead)]
        return list(zip(shown, decoded, lengths, strict=True))


def packets_of(
    container: av.container.InputContainer, stream: av.VideoStream, shown: PictureClock, clip: tuple[int, int, int]
) -> Span | Why:
    """The packets of `(start_us, end_us, frames)`, or why they are not the clip.

    They are where the first is a key frame on which everything that follows can be built, where nothing that is shown
    before it comes after it, where nothing that is shown later comes among them, and where they are as many as the
    clip has frames.
    """
    start_us, end_us, frames = clip
    unfit = _unfit(container, stream)
    if unfit is not None:
        return unfit
    try:
        taken = _found(container, stream, shown, (start_us, end_us))
    except av.error.FFmpegError as error:
        return f"the container breaks off: {error.strerror}"
    if isinstance(taken, str):
        return taken
    if len(taken) != frames:
        return f"{len(taken)} packets for {frames} frames"
    if len({packet.pts for packet in taken}) != len(taken):
        return "two frames have one time stamp"
    start = taken[0].pts or 0
    return Span(tuple(taken), start, start + round((end_us - start_us) / 1e6 / float(stream.time_base or 1)))


def _unfit(container: av.container.InputContainer, stream: av.VideoStream) -> Why | None:
    if not container.format.name.startswith(SEEKABLE):
        return f"a container without an index: {container.format.name.partition(',')[0]}"
    if stream.codec.canonical_name not in CODECS:
        return f"MP4 takes no {stream.codec.canonical_name} from other containers"
    return None


def _found(
    container: av.container.InputContainer, stream: av.VideoStream, shown: PictureClock, span_us: tuple[int, int]
) -> list[Packet] | Why:
    container.seek(round(span_us[0] / 1e6 / float(stream.time_base or 1)) + (shown.origin or 0), stream=stream)
    coming = container.demux(stream)
    first = _first(coming, shown, span_us[0])
    return first if isinstance(first, str) else _taken(first, coming, shown, span_us[1])


def _first(coming: Iterator[Packet], shown: PictureClock, start_us: int) -> "Packet | Why":
    """The packet of the frame at `start_us`, where a decoder may begin with it."""
    for packet in coming:
        if packet.pts is None:
            return _UNTOLD
        if shown.media_us(packet.pts) == start_us:
            if not packet.is_keyframe:
                return "the clip does not begin with a key frame"
            return packet if stands_alone(packet) else "its key frame is not one that a decoder can begin with"
        if packet.dts is not None and shown.media_us(packet.dts) > start_us:
            break
    return "the clip does not begin with a key frame"


def _taken(first: Packet, coming: Iterator[Packet], shown: PictureClock, end_us: int) -> list[Packet] | Why:
    """The packets from the first on that are shown before `end_us`."""
    taken, later = [first], False
    assert first.pts is not None  # noqa: S101  it was found by it
    for packet in coming:
        if not packet.size or (packet.dts is not None and shown.media_us(packet.dts) >= end_us):
            break  # the end of the file, or nothing that is shown before the end can come any more
        if packet.pts is None:
            return _UNTOLD
        if shown.media_us(packet.pts) >= end_us:
            later = True
            continue
        if packet.pts < first.pts:
            return "its first group is open: a frame shown before it comes after it"
        if later:
            return "a frame shown after its end comes before one of its own"
        taken.append(packet)
    odd = next((reason for packet in taken if (reason := _odd(packet))), None)
    return odd or taken


def _odd(packet: Packet) -> Why | None:
    if packet.is_corrupt or packet.is_discard:
        return "the container says that a packet is damaged, or not to be shown"
    if packet.has_sidedata("new_extradata"):
        return "the coder's settings change within it"
    return None
