"""The embedded captioner: it says what was measured, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from pydantic import ValidationError

from captioners.evidence import Evidence
from captioners.measured import picture, sound
from captioners.record import Absences, Basis, Record
from captioners.retelling import Making, caption
from curate.errors import TooLarge
from curate.stage import Run, each
from schemas.caption import Caption


@dataclass(frozen=True, slots=True)
class Measured:
    """Retell a clip from its measurements alone. What scores below `sure` (0..1) is marked uncertain."""

    sure: float = 0.5
    colours: int = 5
    name: ClassVar[str] = "caption"
    version: ClassVar[int] = 2
    takes: ClassVar[type] = Evidence
    gives: ClassVar[type] = Caption

    def open(self) -> Run[Evidence, Caption]:
        def one(evidence: Evidence) -> Iterator[Caption]:
            record = record_of(evidence, self.sure, self.colours)
            yield caption(evidence.clip.clip_id, record, Making(captioner="measured"))

        return each(one)


def record_of(evidence: Evidence, sure: float, colours: int) -> Record:
    """The record of one clip; TooLarge where it holds more than a record may."""
    try:
        return _record(evidence, sure, colours)
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] not in {"too_long", "string_too_long"}:
            raise
        where = ".".join(str(part) for part in first["loc"])
        raise TooLarge(
            f"the clip has more in `{where}` than a caption record holds ({first['msg']}): split it into shorter clips"
        ) from error


def _record(evidence: Evidence, sure: float, colours: int) -> Record:
    clip = evidence.clip
    heard = not clip.still
    return Record(
        start_us=clip.start_us,
        end_us=clip.end_us,
        still=clip.still,
        duration=None if clip.still else Basis(evidence=("clips",), origin="measured"),
        lights=picture.lights(evidence),
        palette=picture.palette(evidence, colours),
        camera=picture.camera(evidence),
        movement=picture.movement(evidence),
        holds=picture.holds(evidence),
        texts=picture.texts(evidence, sure),
        overlays=picture.overlays(evidence),
        speech=sound.speech(evidence, sure) if heard else (),
        events=sound.events(evidence, sure) if heard else (),
        music=sound.music(evidence, sure) if heard else (),
        silences=sound.silences(evidence) if heard else (),
        ambience=sound.ambience(evidence) if heard else None,
        absences=_absences(evidence),
    )


def _absences(evidence: Evidence) -> Absences:
    text = picture.no_text(evidence)
    if evidence.clip.still:
        return Absences(text=text, other_text=picture.no_other_text(evidence))
    return Absences(
        sound=sound.no_sound(evidence),
        speech=sound.no_speech(evidence),
        music=sound.none_of(evidence, "music"),
        events=sound.none_of(evidence, "event"),
        other_events=sound.no_other_event(evidence),
        text=text,
        other_text=picture.no_other_text(evidence),
        camera_motion=picture.camera_still(evidence),
        movement=picture.nothing_moves(evidence),
    )
