"""The stage: a clip as a file of its own."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import av

from curate.errors import NoFrames, RecipeError
from curate.export.clip import CutClip
from curate.export.copied import write_copied
from curate.export.encoded import Coding, Shape, even, first_of, timed, write_encoded
from curate.export.span import Span, Why, packets_of
from curate.export.still import still_file
from curate.media.blocks import blocks
from curate.media.clock import MAX_PIXELS, picture_stream
from curate.media.demux import opened
from curate.media.file import ClipFile
from curate.media.limits import GIB, Limits
from curate.media.mp4 import Voice, mp4
from curate.media.picture import Box, presented, set_clock
from curate.media.upright import coded_as
from curate.stage import Heavy, Run, each, operational
from schemas.clip import Clip
from schemas.media import Media

AAC_HZ = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)
PRESETS = (
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo",
)  # fmt: skip
AAC_BITS = 96_000  # a second and channel


@dataclass(frozen=True)
class Cut:
    """Cut each clip to an MP4 of its own, or take a still out: by copying where that is exact, else encoded again."""

    crop: bool = True  # to the picture inside its borders, as latents are made; a clip with borders is encoded again
    turn: bool = True  # pixels are upright; False: a copied film says how it is to be turned
    crf: int = 16  # of x264: less is better and larger
    preset: str = "medium"
    gop: int = 48  # frames from one that is coded for itself to the next, at most
    dry: bool = False  # only say what could be copied: no file is made
    limits: Limits = operational(Limits(memory_bytes=6 * GIB, deadline_s=120.0, deadline_per_media_s=30.0))

    name: ClassVar[str] = "cut"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = ClipFile
    gives: ClassVar[type] = CutClip

    def __post_init__(self) -> None:
        if not 0 <= self.crf <= 51:
            raise RecipeError(f"a crf is 0 to 51: {self.crf}")
        if self.preset not in PRESETS:
            raise RecipeError(f"no preset of x264 is called {self.preset!r}; there are {', '.join(PRESETS)}")
        if self.gop < 1:
            raise RecipeError(f"a group has a frame at least: {self.gop=}")

    def open(self) -> Run[ClipFile, Heavy[CutClip]]:
        def one(row: ClipFile) -> Iterator[Heavy[CutClip]]:
            yield still_file(row, crop=self.crop, turn=self.turn) if row.clip.still else cut(row, self)

        return each(one)


def cut(row: ClipFile, settings: Cut) -> Heavy[CutClip]:
    """One clip of a video."""
    why = _unfit(row, settings)
    if why is None:
        with opened(row.file) as container:
            stream = picture_stream(container, row.media, MAX_PIXELS)
            clock = set_clock(container, stream)
            span = packets_of(container, stream, clock, (row.clip.start_us, row.clip.end_us, row.clip.frames))
            if isinstance(span, Span):
                return _copied(row, stream, span, settings)
            why = span
    return _encoded(row, why, settings)


def _unfit(row: ClipFile, settings: Cut) -> Why | None:
    """Why a copy would not be what is asked for, whatever its packets are."""
    picture, clip = row.media.picture, row.clip
    if picture is None:
        return None  # it will say so itself
    if settings.crop and _box(clip) != Box(0, 0, picture.width, picture.height):
        return "cropped"
    turned = picture.rotation_deg in {90, 270}
    coded = (picture.coded_width, picture.coded_height)
    if (picture.width, picture.height) != (coded[::-1] if turned else coded):
        return "its pixels are not square"
    if settings.turn and (picture.rotation_deg or picture.flipped):
        return "turned"
    return None


def _box(clip: Clip) -> Box:
    return Box(clip.crop_x, clip.crop_y, clip.crop_width, clip.crop_height)


def _copied(row: ClipFile, stream: av.VideoStream, span: Span, settings: Cut) -> Heavy[CutClip]:
    assert row.media.picture is not None  # noqa: S101  it was opened

    def write(out: av.container.OutputContainer) -> None:
        write_copied(out, stream, span, voice := _voice(out, row))
        if voice is not None:
            voice.write_rest()

    body = b"" if settings.dry else mp4(write)
    return _made(row, body, None, (row.media.picture.width, row.media.picture.height, len(span.packets)))


def _encoded(row: ClipFile, why: Why | None, settings: Cut) -> Heavy[CutClip]:
    clip, picture = row.clip, row.media.picture
    with opened(row.file) as container:
        stream = picture_stream(container, row.media, MAX_PIXELS)
        assert picture is not None  # noqa: S101  picture_stream has seen to it
        box = even(_box(clip) if settings.crop else Box(0, 0, picture.width, picture.height))
        if settings.dry:
            return _made(row, b"", why, (box.width, box.height, clip.frames))
        tick = Fraction(stream.time_base or 1)
        shown = presented(container, stream, clip.start_us)
        first, frames = first_of(timed(shown, clip.start_us, clip.end_us, tick))
        if first is None:
            raise NoFrames("no frame of the clip could be decoded")
        rate = Fraction(stream.average_rate or stream.guessed_rate or 25)
        shape = Shape(picture, box, coded_as(first.frame), tick, rate)
        coding, counted = Coding(settings.crf, settings.preset, settings.gop), list[int]()

        def write(out: av.container.OutputContainer) -> None:
            counted.append(write_encoded(out, frames, shape, coding, voice := _voice(out, row)))
            if voice is not None:
                voice.write_rest()

        body = mp4(write)
    return _made(row, body, why, (box.width, box.height, counted[0]))


def _voice(out: av.container.OutputContainer, row: ClipFile) -> Voice | None:
    """The sound of a clip, to be written; at the source's rate where AAC has it, mono or stereo."""
    audio = row.media.audio
    if audio is None:
        return None
    rate_hz = audio.sample_rate_hz if audio.sample_rate_hz in AAC_HZ else 48_000
    layout = "mono" if audio.channels == 1 else "stereo"
    sound = blocks(row.file, row.media, row.clip.start_us, row.clip.end_us, layout, rate_hz)
    return Voice(out, layout, rate_hz, sound, AAC_BITS)


def _made(row: ClipFile, body: bytes, why: Why | None, size: tuple[int, int, int]) -> Heavy[CutClip]:
    """size: width, height, frames."""
    media: Media = row.media
    made = CutClip(
        clip_id=row.clip.clip_id,
        start_us=row.clip.start_us,
        end_us=row.clip.end_us,
        suffix="mp4",
        copied=why is None,
        why=why,
        width=size[0],
        height=size[1],
        frames=size[2],
        sound=media.audio is not None,
        sha256=hashlib.sha256(body).hexdigest(),
        size_bytes=len(body),
    )
    return Heavy(made, body)
