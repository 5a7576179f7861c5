"""A clip is a span of a media, and what was measured, heard and read in it."""

from dataclasses import dataclass
from typing import Literal

Transition = Literal["edge", "cut", "jump", "dissolve", "fade", "wipe", "length"]
Trend = Literal["crescendo", "decrescendo", "even"]
SoundKind = Literal["word", "sentence", "speech", "event", "music", "silence", "dropped", "agreement"]
TOLD: tuple[SoundKind, ...] = ("dropped", "agreement")
"""Not heard, but told of what was: a word that an engine wrote and a guard took away, and how far two engines agree."""


def clip_id(media_id: str, start_us: int, end_us: int) -> str:
    """The key of a clip; ids of one media sort in time order."""
    return f"{media_id}/{start_us:012d}-{end_us:012d}"


@dataclass(frozen=True, slots=True)
class Clip:
    """`[start_us, end_us)` of one media. What the transitions at both ends take is not part of it."""

    clip_id: str
    media_id: str
    start_us: int  # the pts of its first frame
    end_us: int  # the pts of the first frame after it, or the end of the media
    frames: int
    start_kind: Transition  # "edge": the media begins; "length": a long shot was divided
    end_kind: Transition
    shot: int  # which shot of the media, from 0; pieces of one divided shot share it
    still: bool
    crop_x: int  # the picture inside its black borders, in displayed pixels
    crop_y: int
    crop_width: int
    crop_height: int

    @property
    def id(self) -> str:
        return self.clip_id


@dataclass(frozen=True, slots=True)
class Score:
    """One measurement of one clip; what a high value means stands in the metric's docstring."""

    clip_id: str
    metric: str
    value: float
    detail: str | None  # JSON, small


@dataclass(frozen=True, slots=True)
class MusicPart:
    """A part of a passage of music, in media time: from one change of instruments, register or loudness to the next."""

    start_us: int
    end_us: int
    trend: Trend  # of its loudness
    loudness_db: float | None  # dBFS RMS over the span


@dataclass(frozen=True, slots=True)
class Sound:
    """One thing heard, in media time."""

    clip_id: str
    sound_id: str  # clip_id#kind-index
    kind: SoundKind
    start_us: int
    end_us: int
    text: str | None  # a word or sentence, verbatim
    label: str | None  # an event: tone, knock, noise, ...
    score: float | None  # the engine's own confidence, 0..1
    speaker: str | None
    language: str | None
    loudness_db: float | None  # dBFS RMS over the span
    pitch_hz: float | None
    tempo_bpm: float | None
    key: str | None  # "A minor"
    beats_us: tuple[int, ...]
    engine: str
    metre: int | None = None  # beats in a bar of music, where it is clear
    downbeats_us: tuple[int, ...] = ()  # the first beat of each bar
    parts: tuple[MusicPart, ...] = ()  # of music
    levels_db: tuple[float, ...] = ()  # of music: dBFS RMS of each half second from its start, -120..0


@dataclass(frozen=True, slots=True)
class Text:
    """One thing written on screen, in media time. The box is in shares of the displayed picture, 0..1."""

    clip_id: str
    text_id: str  # clip_id#text-index
    start_us: int  # first and last sampled frame that shows it, widened by half the sampling step
    end_us: int
    text: str
    x: float
    y: float
    width: float
    height: float
    language: str | None
    score: float  # 0..1
    engine: str
