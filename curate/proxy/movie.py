"""An MP4 of H.264 and AAC that any browser plays, and seeks in to the frame."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import av

from curate.media.blocks import Wave
from curate.media.mp4 import Voice, mp4
from curate.media.planes import Matrix
from curate.media.upright import CODES
from curate.proxy.sound import RATE_HZ


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


def movie(frames: Iterable[av.VideoFrame], sound: Iterator[Wave], form: Form) -> bytes:
    """The film of frames (YUV 4:2:0, in the size of the form) and blocks of sound at 48 kHz, its index in front."""
    return mp4(lambda out: _write(out, frames, sound, form))


def _write(
    out: av.container.OutputContainer, frames: Iterable[av.VideoFrame], sound: Iterator[Wave], form: Form
) -> None:
    picture = _picture_stream(out, form)
    voice = Voice(out, form.layout, RATE_HZ, sound) if form.layout else None
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
