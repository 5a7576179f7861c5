"""The caption record: what is said of one clip, as data. Prose is rendered from it, claims are read off it.

Every item rests on a `Basis`. Spans are media time in microseconds, half-open; a still has none. Strings and arrays are
bounded, so that the JSON schema of `Record` can constrain a decoder. A missing item says nothing of the clip; that
something is not there is said in `absences`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from curate.errors import TooLarge
from schemas.caption import Facet, Origin

STRICT = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

Phrase = Annotated[str, Field(min_length=1, max_length=400)]
Verbatim = Annotated[str, Field(min_length=1, max_length=2000)]
RowId = Annotated[str, Field(min_length=1, max_length=200)]
Share = Annotated[float, Field(ge=0, le=1)]
Tint = Annotated[int, Field(ge=0, le=255)]
Instant = Annotated[int, Field(ge=0)]

Brightness = Literal["very dark", "dark", "medium", "bright"]
Pace = Literal["slow", "moderate", "fast"]
Amount = Literal["little", "moderate", "much"]
Volume = Literal["quiet", "moderate", "loud"]
Dynamics = Literal["crescendo", "decrescendo", "quiet then loud", "loud then quiet"]
Move = Literal[
    "pan left", "pan right", "tilt up", "tilt down", "zoom in", "zoom out", "roll clockwise", "roll counterclockwise",
    "shake", "mixed",
]  # fmt: skip
Travel = Literal[
    "dolly in", "dolly out", "truck left", "truck right", "pedestal up", "pedestal down", "arc left", "arc right",
]  # fmt: skip
"""The camera itself goes somewhere: known only to one who sees depth."""
Place = Literal[
    "top left", "top", "top right", "left", "centre", "right", "bottom left", "bottom", "bottom right",
]  # fmt: skip


class Span(BaseModel):
    """`[start_us, end_us)` of the media."""

    model_config = STRICT
    start_us: Instant
    end_us: Instant

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end_us < self.start_us:
            raise ValueError(f"a span ends before it starts: {self.start_us=} {self.end_us=}")
        return self


class Basis(BaseModel):
    """What a statement rests on: when it holds (None: all the clip), the evidence rows, who says so."""

    model_config = STRICT
    span: Span | None = None
    evidence: Annotated[tuple[RowId, ...], Field(max_length=64)]
    origin: Origin
    uncertain: bool = False


class Shot(BaseModel):
    """How the shot is framed."""

    model_config = STRICT
    framing: Phrase | None = None
    angle: Phrase | None = None
    lens: Phrase | None = None
    basis: Basis


class Subject(BaseModel):
    """A person or a thing; `name` is how the other items call it."""

    model_config = STRICT
    name: Phrase
    count: Annotated[int, Field(ge=1, le=1000)] | None = None
    looks: Phrase | None = None
    clothing: Phrase | None = None
    position: Phrase | None = None
    size: Phrase | None = None
    facing: Phrase | None = None
    basis: Basis


class Action(BaseModel):
    """Who does what to whom, where to and how fast; `contact`: what touches what."""

    model_config = STRICT
    actor: Phrase
    verb: Phrase
    target: Phrase | None = None
    direction: Phrase | None = None
    speed: Phrase | None = None
    manner: Phrase | None = None
    contact: Phrase | None = None
    basis: Basis


class Setting(BaseModel):
    """The place, its depth, and the style and medium of the picture."""

    model_config = STRICT
    place: Phrase | None = None
    depth: Phrase | None = None
    style: Phrase | None = None
    medium: Phrase | None = None
    basis: Basis


class Light(BaseModel):
    """How bright the picture is, and where its light comes from."""

    model_config = STRICT
    brightness: Brightness | None = None
    source: Phrase | None = None
    direction: Phrase | None = None
    temperature: Phrase | None = None
    basis: Basis


class Colour(BaseModel):
    """One colour of the palette and the share of the picture that it covers."""

    model_config = STRICT
    name: Annotated[str, Field(min_length=1, max_length=40)]
    share: Share | None = None
    rgb: tuple[Tint, Tint, Tint] | None = None


class Palette(BaseModel):
    """The colours of the picture, the widest first."""

    model_config = STRICT
    colours: Annotated[tuple[Colour, ...], Field(min_length=1, max_length=12)]
    basis: Basis


class Camera(BaseModel):
    """One movement of the camera."""

    model_config = STRICT
    move: Move | Travel
    pace: Pace | None = None
    basis: Basis


class Movement(BaseModel):
    """How much the picture moves in itself, the camera's own movement taken out."""

    model_config = STRICT
    amount: Amount
    basis: Basis


class Hold(BaseModel):
    """A picture that is frozen or black for a share of the clip."""

    model_config = STRICT
    kind: Literal["frozen", "black"]
    share: Share
    basis: Basis


class ScreenText(BaseModel):
    """Something written on screen, verbatim."""

    model_config = STRICT
    text: Verbatim
    place: Place | None = None
    language: Phrase | None = None
    gloss: Verbatim | None = None
    basis: Basis


class Overlay(BaseModel):
    """What lies over the picture or around it: bars, a logo, a watermark."""

    model_config = STRICT
    description: Phrase
    share: Share | None = None
    basis: Basis


class Word(BaseModel):
    """One spoken word, verbatim."""

    model_config = STRICT
    text: Annotated[str, Field(min_length=1, max_length=100)]
    basis: Basis


class Utterance(BaseModel):
    """Something said. `text` is None where speech was heard and its words are not known."""

    model_config = STRICT
    text: Verbatim | None = None
    speaker: Phrase | None = None
    manner: Phrase | None = None
    language: Phrase | None = None
    gloss: Verbatim | None = None
    words: Annotated[tuple[Word, ...], Field(max_length=400)] = ()
    basis: Basis


class Event(BaseModel):
    """One sound that is neither speech nor music."""

    model_config = STRICT
    label: Annotated[str, Field(min_length=1, max_length=60)]
    description: Phrase | None = None
    pitch_hz: Annotated[float, Field(gt=0)] | None = None
    source: Phrase | None = None
    on_screen: bool | None = None
    basis: Basis


class Music(BaseModel):
    """One passage of music."""

    model_config = STRICT
    tempo_bpm: Annotated[float, Field(gt=0)] | None = None
    key: Annotated[str, Field(min_length=1, max_length=20)] | None = None
    metre: Annotated[int, Field(ge=2, le=12)] | None = None  # beats in a bar
    dynamics: Dynamics | None = None
    description: Verbatim | None = None
    basis: Basis


class Silence(BaseModel):
    """A stretch in which nothing is heard."""

    model_config = STRICT
    basis: Basis


class Ambience(BaseModel):
    """The sound as a whole."""

    model_config = STRICT
    volume: Volume | None = None
    loudness_lufs: float | None = None
    description: Verbatim | None = None
    basis: Basis


class Sight(BaseModel):
    """The first or the last frame, in words."""

    model_config = STRICT
    description: Verbatim
    basis: Basis


class Absence(BaseModel):
    """Whether something is missing."""

    model_config = STRICT
    absent: bool
    basis: Basis


class Absences(BaseModel):
    """What is not there. None: nobody measured it."""

    model_config = STRICT
    sound: Absence | None = None
    speech: Absence | None = None
    music: Absence | None = None
    events: Absence | None = None
    other_events: Absence | None = None  # beside those of the record
    text: Absence | None = None
    other_text: Absence | None = None
    camera_motion: Absence | None = None
    movement: Absence | None = None


class Statement(BaseModel):
    """A statement in the words of a person, or of a model that was asked for it."""

    model_config = STRICT
    facet: Facet
    text: Annotated[str, Field(min_length=1, max_length=4000)]  # what the page takes
    basis: Basis


class Conflict(BaseModel):
    """Two sources say what cannot both be so. Prose tells what is `held`; the check flags both."""

    model_config = STRICT
    facet: Facet
    held: Verbatim  # what the surer source says
    disputed: Verbatim
    basis: Basis


class Record(BaseModel):
    """Everything that is said of `[start_us, end_us)` of one media."""

    model_config = STRICT
    start_us: Instant
    end_us: Instant
    still: bool
    duration: Basis | None = None  # the length of the clip is said where this is given
    shots: Annotated[tuple[Shot, ...], Field(max_length=64)] = ()
    settings: Annotated[tuple[Setting, ...], Field(max_length=16)] = ()
    subjects: Annotated[tuple[Subject, ...], Field(max_length=64)] = ()
    actions: Annotated[tuple[Action, ...], Field(max_length=128)] = ()
    lights: Annotated[tuple[Light, ...], Field(max_length=16)] = ()
    palette: Palette | None = None
    camera: Annotated[tuple[Camera, ...], Field(max_length=32)] = ()
    movement: Movement | None = None
    holds: Annotated[tuple[Hold, ...], Field(max_length=2)] = ()
    texts: Annotated[tuple[ScreenText, ...], Field(max_length=256)] = ()
    overlays: Annotated[tuple[Overlay, ...], Field(max_length=16)] = ()
    speech: Annotated[tuple[Utterance, ...], Field(max_length=256)] = ()
    events: Annotated[tuple[Event, ...], Field(max_length=512)] = ()
    music: Annotated[tuple[Music, ...], Field(max_length=32)] = ()
    silences: Annotated[tuple[Silence, ...], Field(max_length=128)] = ()
    ambience: Ambience | None = None
    first_frame: Sight | None = None
    last_frame: Sight | None = None
    absences: Absences = Absences()
    conflicts: Annotated[tuple[Conflict, ...], Field(max_length=64)] = ()
    remarks: Annotated[tuple[Statement, ...], Field(max_length=256)] = ()

    @model_validator(mode="after")
    def _within_time(self) -> Self:
        if self.end_us < self.start_us:
            raise ValueError(f"a record ends before it starts: {self.start_us=} {self.end_us=}")
        return self


@contextmanager
def bounded() -> Iterator[None]:
    """Where a record is made: TooLarge if a clip has more than a record holds; anything else that is wrong is a bug."""
    try:
        yield
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] not in {"too_long", "string_too_long"}:
            raise
        where = ".".join(str(part) for part in first["loc"])
        raise TooLarge(
            f"the clip has more in `{where}` than a caption record holds ({first['msg']}): split it into shorter clips"
        ) from error
