"""The frames of a clip encoded again: each at its own time stamp, upright and cropped where that is asked for."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import av
import numpy as np

from curate.media.mp4 import Voice
from curate.media.picture import Box
from curate.media.planes import Matrix
from curate.media.upright import CODES, upright
from schemas.media import Picture

MICRO = Fraction(1, 1_000_000)


@dataclass(frozen=True, slots=True)
class Coding:
    """How a film is encoded: H.264 in 4:2:0 of 8 bits."""

    crf: int
    preset: str
    gop: int  # frames from one that is coded for itself to the next


@dataclass(frozen=True, slots=True)
class Timed:
    """A frame, and when it is shown: ticks of the film, from its beginning."""

    at: int
    length: int
    frame: av.VideoFrame


def timed(shown: Iterable[tuple[int, av.VideoFrame]], start_us: int, end_us: int, tick: Fraction) -> Iterator[Timed]:
    """The frames shown first in `[start_us, end_us)`, of (pts_us, frame) in order; each lasts until the next one comes.

    `tick` is the time base of the source, and its stamps are kept: µs would round them.
    """
    held: Timed | None = None
    begin: tuple[int, int] | None = None  # stamp and µs of the first
    for pts_us, frame in shown:
        if pts_us >= end_us:
            break
        if pts_us < start_us:
            continue
        if begin is None:
            begin = frame.pts or 0, pts_us
        at = round((pts_us - begin[1]) * MICRO / tick) if frame.pts is None else frame.pts - begin[0]
        if held is not None:
            yield replace(held, length=max(1, at - held.at))
        held = Timed(at, 1, frame)
    if held is not None:
        yield replace(held, length=max(1, round((end_us - start_us) * MICRO / tick) - held.at))


def even(box: Box) -> Box:
    """The largest box inside whose sides and place are even: 4:2:0 has no others."""
    x, y = box.x + box.x % 2, box.y + box.y % 2
    width, height = (box.x + box.width - x) // 2 * 2, (box.y + box.height - y) // 2 * 2
    return Box(x, y, max(2, width), max(2, height))


def write_encoded(
    out: av.container.OutputContainer, frames: Iterator[Timed], shape: "Shape", coding: Coding, voice: Voice | None
) -> int:
    """Write frames, and sound as far as they go; how many frames."""
    stream = _stream(out, shape, coding)
    packets, count, end = _Packets(out), 0, 0
    for one in frames:
        ready = shape.of(one.frame)
        ready.pts, ready.duration, ready.time_base = one.at, one.length, shape.tick
        ready.pict_type = 0  # what the source's encoder chose is no order to this one
        packets.mux(stream.encode(ready))
        count, end = count + 1, one.at + one.length
        if voice is not None:
            voice.write_until(end * shape.tick)
    packets.mux(stream.encode())
    packets.end(end)
    return count


class _Packets:
    """Packets on their way into a film, one behind: the last is to make up its length.

    An MP4 adds up lengths in the order of decoding, and the packet that comes last need not be the last that is shown.
    """

    def __init__(self, out: av.container.OutputContainer) -> None:
        self._out, self._begin = out, 0
        self._held: av.Packet[av.VideoStream] | None = None

    def mux(self, packets: "list[av.Packet[av.VideoStream]]") -> None:
        for packet in packets:
            if self._held is None:
                self._begin = packet.dts or 0
            else:
                self._out.mux(self._held)
            self._held = packet

    def end(self, at: int) -> None:
        """Write the last packet of a film that ends at a tick."""
        if self._held is not None:
            self._held.duration = max(1, at - ((self._held.dts or 0) - self._begin))
            self._out.mux(self._held)


@dataclass(frozen=True, slots=True)
class Shape:
    """What every frame is brought into."""

    picture: Picture
    box: Box  # of the displayed picture; even
    matrix: Matrix
    tick: Fraction
    rate: Fraction  # in the mean: the encoder shares out its bits by it

    def of(self, frame: av.VideoFrame) -> av.VideoFrame:
        """A frame as it is displayed, in this box."""
        whole = (_even(self.picture.width), _even(self.picture.height))
        shown = upright(frame, self.picture, whole, self.matrix)
        if (self.box.width, self.box.height) == (shown.width, shown.height):
            return shown
        return _cropped(shown, self.box)


def _even(side: int) -> int:
    return max(2, 2 * round(side / 2))


def _cropped(frame: av.VideoFrame, box: Box) -> av.VideoFrame:
    planes = frame.to_ndarray()  # [H * 3 / 2, W]: luma, then both chroma planes, one after the other
    height, width = frame.height, frame.width
    luma, chroma = planes[:height], planes[height:].reshape(2, height // 2, width // 2)
    cut = [luma[box.y : box.y + box.height, box.x : box.x + box.width]]
    x, y = box.x // 2, box.y // 2
    cut += [plane[y : y + box.height // 2, x : x + box.width // 2] for plane in chroma]
    packed = np.concatenate([plane.ravel() for plane in cut]).reshape(-1, box.width)
    return av.VideoFrame.from_ndarray(packed, "yuv420p")


def _stream(out: av.container.OutputContainer, shape: Shape, coding: Coding) -> av.VideoStream:
    options = {"preset": coding.preset, "crf": str(coding.crf), "g": str(coding.gop)}
    stream = out.add_stream("libx264", rate=shape.rate, options=options)
    stream.width, stream.height, stream.pix_fmt = shape.box.width, shape.box.height, "yuv420p"
    stream.time_base = stream.codec_context.time_base = shape.tick
    context = stream.codec_context
    context.thread_count = 1
    context.sample_aspect_ratio = Fraction(1)
    context.colorspace, context.color_range = CODES[shape.matrix], 1
    return stream


def first_of(frames: Iterator[Timed]) -> tuple[Timed | None, Iterator[Timed]]:
    """The first of frames, and all of them."""
    first = next(frames, None)
    return first, frames if first is None else itertools.chain((first,), frames)
