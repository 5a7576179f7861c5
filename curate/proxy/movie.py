"""An MP4 of H.264 and AAC that any browser plays, and seeks in to the frame."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from curate.media.planes import Matrix
from curate.media.sound import frame_of
from curate.proxy.picture import CODES
from curate.proxy.sound import RATE_HZ, Wave


@dataclass(frozen=True, slots=True)
class Form:
    """How a film is encoded. No frame waits for a later one, and each second or two begins anew: seeking is exact."""

    width: int
    height: int
    rate: Fraction
    matrix: Matrix
    layout: str | None  # of the sound; None: there is none
    gop: int
    crf: int
    preset: str


def mp4(frames: Iterable[av.VideoFrame], sound: Iterator[Wave], form: Form) -> bytes:
    """The film of frames (YUV 4:2:0, in the size of the form) and blocks of sound at 48 kHz, its index in front.

    It grows in memory that is a file: an index can be moved to the front only of a file that is opened again.
    """
    fd = os.memfd_create("proxy")
    try:
        path = f"/proc/self/fd/{fd}"
        with av.open(path, "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}) as out:
            _write(out, frames, sound, form)
        return Path(path).read_bytes()
    finally:
        os.close(fd)


def _write(
    out: av.container.OutputContainer, frames: Iterable[av.VideoFrame], sound: Iterator[Wave], form: Form
) -> None:
    picture = _picture_stream(out, form)
    voice = _Voice(out, form.layout, sound) if form.layout else None
    for k, frame in enumerate(frames):
        frame.pts, frame.time_base = k, 1 / form.rate
        frame.pict_type = 0  # what the source's encoder chose is no order to this one
        out.mux(picture.encode(frame))
        if voice is not None:
            voice.write_until(Fraction(k + 1) / form.rate)
    out.mux(picture.encode())
    if voice is not None:
        voice.write_rest()


def _picture_stream(out: av.container.OutputContainer, form: Form) -> av.VideoStream:
    options = {"preset": form.preset, "crf": str(form.crf), "bf": "0", "g": str(form.gop), "sc_threshold": "40"}
    stream = out.add_stream("libx264", rate=form.rate, options=options)
    stream.width, stream.height, stream.pix_fmt = form.width, form.height, "yuv420p"
    stream.time_base = 1 / form.rate
    context = stream.codec_context
    context.thread_count = 1
    context.sample_aspect_ratio = Fraction(1)
    context.colorspace, context.color_range = CODES[form.matrix], 1
    return stream


class _Voice:
    """The sound of a film, written as far as its picture is."""

    def __init__(self, out: av.container.OutputContainer, layout: str, sound: Iterator[Wave]) -> None:
        self._out, self._layout, self._sound = out, layout, sound
        self._stream = out.add_stream("aac", rate=RATE_HZ, layout=layout, bit_rate=64_000 * (1 + (layout == "stereo")))
        self._samples = 0

    def write_until(self, time_s: Fraction) -> None:
        while self._samples < time_s * RATE_HZ and (block := next(self._sound, None)) is not None:
            self._write(block)

    def write_rest(self) -> None:
        for block in self._sound:
            self._write(block)
        self._out.mux(self._stream.encode())

    def _write(self, block: Wave) -> None:
        frame = frame_of(np.clip(block, -1, 1), self._layout, RATE_HZ)
        frame.pts, frame.time_base = self._samples, Fraction(1, RATE_HZ)
        self._samples += block.shape[1]
        self._out.mux(self._stream.encode(frame))
