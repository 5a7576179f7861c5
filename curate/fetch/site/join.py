"""Picture and sound that a site keeps apart, joined by copying packets. The stage runs isolated."""

import heapq
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import av
import av.error

from curate.errors import Unsupported
from curate.media.demux import opened
from curate.media.facts import read_facts
from curate.media.file import LocalFile
from curate.stage import Run, each

_CONTAINERS = ("mp4", "matroska")  # the first that takes both; MP4 keeps times exactly, Matroska rounds to 1 ms
_ID3_CLOCK = b"com.apple.streaming.transportStreamTimestamp\0"
_WRAP = 1 << 33  # of the 90 kHz clock of MPEG-2


@dataclass(frozen=True, slots=True)
class Apart:
    """Files `0`, with a picture, and `1`, with sound, of a folder."""

    id: str
    folder: str


@dataclass(frozen=True, slots=True)
class Joined:
    """A file `joined` in the same folder. What began at `begins_us` on the clock of the parts begins at 0 in it."""

    begins_us: int


@dataclass(frozen=True)
class Join:
    """Copy the picture of one file and the sound of another into one that begins at 0; equal files give equal bytes."""

    name: ClassVar[str] = "join"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Apart
    gives: ClassVar[type] = Joined

    def open(self) -> Run[Apart, Joined]:
        return each(lambda apart: (_joined(Path(apart.folder)),))


def _joined(folder: Path) -> Joined:
    parts = [LocalFile(str(path), 0, path.stat().st_size) for path in (folder / "0", folder / "1")]
    for part in parts:
        read_facts(part)  # refuses playlists and the like, which would have other files opened
    try:
        for container in _CONTAINERS:
            if (begins_s := _written(parts, folder / "joined", container)) is not None:
                return Joined(round(begins_s * 1e6))
    except av.error.FFmpegError as error:
        raise Unsupported(f"picture and sound cannot be joined: {error}") from error
    raise Unsupported(f"picture and sound fit into none of {', '.join(_CONTAINERS)} together")


def _written(parts: Sequence[LocalFile], to: Path, container: str) -> float | None:
    """Write the file; where its beginning was, in s, or None where the container does not take one of the codecs."""
    with ExitStack() as stack:
        inputs = [stack.enter_context(opened(part)) for part in parts]
        picture, sound = inputs[0].streams.best("video"), inputs[1].streams.best("audio")
        if picture is None or sound is None:
            raise Unsupported("what the site calls picture and sound is not")
        out = av.open(str(to), "w", format=container, options={"fflags": "+bitexact"})
        stack.enter_context(out)
        try:
            streams = [out.add_stream_from_template(stream) for stream in (picture, sound)]
        except ValueError:
            return None
        ahead_s = (0.0, _ahead_s(Path(parts[1].path)))
        begins_s = min(ahead + (one.start_time or 0) / 1e6 for one, ahead in zip(inputs, ahead_s, strict=True))
        packets = heapq.merge(
            _packets(inputs[0], picture, 0, ahead_s[0] - begins_s),
            _packets(inputs[1], sound, 1, ahead_s[1] - begins_s),
            key=lambda timed: timed[:2],
        )
        for _, number, packet in packets:
            packet.stream = streams[number]
            out.mux(packet)
    return begins_s


def _packets(
    container: av.container.InputContainer, stream: av.stream.Stream, number: int, ahead_s: float
) -> "Iterator[tuple[float, int, av.Packet[Any]]]":
    """`(time in s, number, packet)`, the times of the packets moved by `ahead_s`."""
    latest = float("-inf")
    for packet in container.demux(stream):
        if packet.size == 0 or packet.time_base is None:
            continue
        ticks = round(ahead_s / float(packet.time_base))
        packet.pts = None if packet.pts is None else packet.pts + ticks
        packet.dts = None if packet.dts is None else packet.dts + ticks
        at = packet.dts if packet.dts is not None else packet.pts
        latest = latest if at is None else max(latest, at * float(packet.time_base))
        yield latest, number, packet


def _ahead_s(path: Path) -> float:
    """Where packed audio of HLS begins: on a clock that an ID3 tag gives (RFC 8216, 3.4); 0 for any other file."""
    with path.open("rb") as file:
        head = file.read(4096)
    at = head.find(_ID3_CLOCK)
    if not head.startswith(b"ID3") or at < 0:
        return 0.0
    stamp = head[at + len(_ID3_CLOCK) :][:8]
    return int.from_bytes(stamp, "big") % _WRAP / 90_000
