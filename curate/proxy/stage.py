"""The stage: what an annotator is shown of a clip."""

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import av
import polars as pl

from curate.chance import stable_hash
from curate.errors import RecipeError
from curate.media.blocks import Wave, blocks
from curate.media.clock import MAX_PIXELS, picture_stream
from curate.media.demux import opened
from curate.media.file import ClipFile
from curate.media.limits import GIB, Limits
from curate.media.picture import presented
from curate.media.planes import Matrix
from curate.media.upright import coded_as, upright
from curate.proxy.movie import Form, movie
from curate.proxy.picture import proxy_size
from curate.proxy.rate import UNKNOWN, proxy_rate
from curate.proxy.sound import PEAKS_HZ, RATE_HZ, Peaks
from curate.proxy.thumbs import Thumbs
from curate.proxy.timing import at_rate, frame_count
from curate.proxy.told import Told
from curate.stage import Heavy, Run, each, operational
from schemas.caption import Status
from schemas.media import Picture
from schemas.proxy import Proxy as Row

STILL_CRF = 16
"""A still costs one frame: nothing is saved on it."""


@dataclass(frozen=True)
class Proxy:
    """Make a review proxy of each clip that somebody may have to look at: those whose caption has one of `statuses`,
    and a share of the others, for gold items and for spot checks.
    """

    statuses: tuple[Status, ...] = ("flagged",)  # of captions whose clips all get one
    sample_share: float = 0.02  # of the other captions, 0..1, by a hash of the clip's id
    width: int = 1280  # the picture fits in this box
    height: int = 720  # of the same box
    gop: int = 12  # frames from one that is coded for itself to the next: how long a seek may take
    crf: int = 23  # of x264: less is better and larger
    preset: str = "veryfast"  # of x264
    thumbs: int = 16  # at most
    limits: Limits = operational(Limits(memory_bytes=4 * GIB, deadline_s=120.0, deadline_per_media_s=15.0))

    name: ClassVar[str] = "proxy"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Told
    gives: ClassVar[type] = Row

    def __post_init__(self) -> None:
        if not 0 <= self.sample_share <= 1:
            raise RecipeError(f"proxy.sample_share is a share, 0 to 1: {self.sample_share}")
        low = [name for name in ("width", "height", "gop", "thumbs") if getattr(self, name) < 2]
        if low:
            raise RecipeError(f"2 is the least for: {', '.join(f'proxy.{name}' for name in low)}")

    def wants(self, status: Status, clip_id: str) -> bool:
        """Whether somebody may have to look at a clip whose caption came out so."""
        return status in self.statuses or bool(stable_hash(pl.Series([clip_id]))[0] < self.sample_share * 2.0**64)

    def open(self) -> Run[Told, Heavy[Row]]:
        def one(told: Told) -> Iterator[Heavy[Row]]:
            if told.file is not None:
                yield make_proxy(ClipFile(told.clip, told.media, told.file), self)

        return each(one)


def make_proxy(row: ClipFile, settings: Proxy) -> Heavy[Row]:
    """Decode the span of a clip and encode it again, as it is displayed; its crop is not applied."""
    clip, picture = row.clip, row.media.picture
    with opened(row.file) as container:
        stream = picture_stream(container, row.media, MAX_PIXELS)
        assert picture is not None  # noqa: S101  picture_stream has seen to it
        rate = UNKNOWN if clip.still else proxy_rate(picture.average_fps)
        count = 1 if clip.still else frame_count(clip.start_us, clip.end_us, rate)
        shown = at_rate(presented(container, stream, clip.start_us), clip.start_us, count, rate)
        first = next(shown)
        form = _form(row, settings, rate, coded_as(first))
        thumbs, peaks = Thumbs(count, settings.thumbs), Peaks()
        frames = _seen(itertools.chain((first,), shown), picture, form, thumbs)
        body = movie(frames, _heard(row, form, peaks), form)
    made = Row(
        clip_id=clip.clip_id,
        start_us=clip.start_us,
        end_us=clip.end_us,
        width=form.width,
        height=form.height,
        frames=count,
        rate_num=rate.numerator,
        rate_den=rate.denominator,
        sound=form.layout is not None,
        still=clip.still,
        peaks_hz=PEAKS_HZ,
        peaks=peaks.pairs(),
        thumbs_jpeg=thumbs.jpeg(),
        thumbs=thumbs.number,
        sha256=hashlib.sha256(body).hexdigest(),
    )
    return Heavy(made, body)


def _form(row: ClipFile, settings: Proxy, rate: Fraction, matrix: Matrix) -> Form:
    assert row.media.picture is not None  # noqa: S101  it was opened
    width, height = proxy_size(row.media.picture, settings.width, settings.height)
    audio = None if row.clip.still else row.media.audio
    layout = None if audio is None else "mono" if audio.channels == 1 else "stereo"
    crf = STILL_CRF if row.clip.still else settings.crf
    return Form(width, height, rate, matrix, layout, settings.gop, crf, settings.preset)


def _seen(
    shown: Iterable[av.VideoFrame], picture: Picture, form: Form, thumbs: Thumbs
) -> Iterator[av.VideoFrame]:  # fmt: skip
    """The frames of the film; one that is held is brought into shape once."""
    held: av.VideoFrame | None = None
    for frame in shown:
        if frame is not held:
            held, ready = frame, upright(frame, picture, (form.width, form.height), form.matrix)
        thumbs.see(ready)
        yield ready


def _heard(row: ClipFile, form: Form, peaks: Peaks) -> Iterator[Wave]:
    """The blocks of its sound; none where it has none."""
    if form.layout is not None:
        for block in blocks(row.file, row.media, row.clip.start_us, row.clip.end_us, form.layout, RATE_HZ):
            peaks.hear(block)
            yield block
