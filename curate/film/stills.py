"""Still images with known truth: films of one frame."""

import hashlib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, VideoReformatter

from curate.film.director import draw_script
from curate.film.frames import frames
from curate.film.pixels import Pixels, unpack
from curate.film.script import Move, Script
from curate.film.spec import FilmSpec
from curate.film.testimony import look, middle, testify
from curate.film.truth_file import save_truth, truth_path
from schemas.truth import Film

SECONDS = 1.0  # of the scripts that the stills are taken from
SHOWN_US = 40_000  # what FFmpeg says of an image without a duration


def make_stills(folder: Path, spec: FilmSpec, stills: int) -> tuple[Film, ...]:
    """Write `stills` images, PNG and JPEG in turn, and the truth beside each; of spec, seed and size count."""
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(_still(folder, spec, k) for k in range(stills))


def _still(folder: Path, spec: FilmSpec, k: int) -> Film:
    script = still_script(replace(spec, seed=spec.seed * 100_003 + k))
    picture = next(frames(script))
    codec, ending = ("png", ".png") if k % 2 == 0 else ("mjpeg", ".jpg")
    out = folder / f"still-{spec.seed}-{k:03d}{ending}"
    out.write_bytes(_encoded(picture, codec))
    film = testify(script, None, hashlib.sha256(out.read_bytes()).hexdigest(), {0: look(script.takes[0], picture)})
    save_truth(truth_path(out), film)
    return film


def still_script(spec: FilmSpec) -> Script:
    """The middle frame of a short script, with its words on it."""
    plain = replace(spec, seconds=SECONDS, vfr=False, rotation_deg=0, flashes=False, sound=None)
    film = draw_script(plain)
    take = film.takes[0]
    clock_s = film.clock_s(take, middle(take))
    props = tuple(
        replace(p, x=p.x + p.x_per_s * clock_s, y=p.y + p.y_per_s * clock_s, x_per_s=0.0, y_per_s=0.0)
        for p in take.props
    )
    one = replace(take, first_frame=0, end_frame=1, move=Move(), props=props)
    titles = tuple(replace(t, first_frame=0, end_frame=1) for t in film.titles)
    return Script(plain, (0,), SHOWN_US, (one,), (), titles)


def _encoded(picture: Pixels, codec: str) -> bytes:
    context = av.CodecContext.create(codec, "w")
    if not isinstance(context, av.VideoCodecContext):
        raise TypeError(f"no picture codec: {codec}")
    context.height, context.width = picture.shape
    context.time_base = Fraction(1, 25)
    context.thread_count = 1
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(unpack(picture)[..., :3]), format="rgb24")
    if codec == "mjpeg":
        context.qmin = context.qmax = 2
        context.color_range = ColorRange.JPEG.value
        frame = VideoReformatter().reformat(frame, format="yuvj444p", dst_color_range=ColorRange.JPEG, threads=1)
    context.pix_fmt = frame.format.name
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])
