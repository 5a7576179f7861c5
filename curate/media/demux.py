"""One pass over a container: packets in file order, decoded, with what the decoder refused counted, not raised."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import av
import av.error

from curate.errors import NotMedia, Unsupported
from curate.media.file import LocalFile


@dataclass(frozen=True, slots=True)
class Undecodable:
    """A packet that the decoder refused, or the place where the container broke off."""

    stream: int | None  # None: the container itself
    detail: str


Decoded = av.VideoFrame | av.AudioFrame | Undecodable


@contextmanager
def opened(file: LocalFile) -> Iterator[av.container.InputContainer]:
    """The container of a file, opened in place; NotMedia where no demuxer takes the bytes."""
    try:
        container = av.open(file.url, metadata_errors="replace")
    except (av.error.FFmpegError, ValueError) as error:
        raise NotMedia(f"cannot be opened as media: {error}") from error
    with container:
        yield container


def decoded(
    container: av.container.InputContainer, streams: Sequence[av.VideoStream | av.AudioStream]
) -> Iterator[tuple[int, Decoded]]:
    """`(stream index, frame or Undecodable)` in the order of the file, the decoders drained at the end."""
    packets = container.demux(*streams)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.error.FFmpegError as error:
            yield -1, Undecodable(None, str(error))
            yield from _drained(streams)
            return
        index = packet.stream_index
        try:
            frames = packet.decode()
        except av.error.DecoderNotFoundError as error:
            raise Unsupported(f"no decoder for stream {index}: {error}") from error
        except av.error.FFmpegError as error:
            yield index, Undecodable(index, str(error))
            continue
        for frame in frames:
            yield index, frame  # type: ignore[misc]  # only picture and sound are asked for


def _drained(streams: Sequence[av.VideoStream | av.AudioStream]) -> Iterator[tuple[int, Decoded]]:
    for stream in streams:
        try:
            frames = stream.decode(None)
        except av.error.FFmpegError as error:
            yield stream.index, Undecodable(stream.index, str(error))
            continue
        for frame in frames:
            yield stream.index, frame
