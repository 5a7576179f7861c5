"""One record of what was measured and what was seen: what agrees is joined, what cannot both be so is a conflict.

What was measured is held where the two disagree: it is surer of times, spelling, level and the way the picture moves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

from captioners import statements as say
from captioners.onscreen import alike
from captioners.record import (
    Action,
    Ambience,
    Basis,
    Camera,
    Conflict,
    Event,
    Music,
    Record,
    ScreenText,
    Span,
    Utterance,
)
from captioners.seeing.reading import FRAMES, SOUND
from schemas.caption import Facet

_PLANE = MappingProxyType(
    {
        "dolly in": "zoom in",
        "dolly out": "zoom out",
        "truck left": "pan left",
        "truck right": "pan right",
        "pedestal up": "tilt up",
        "pedestal down": "tilt down",
    }
)
"""What a camera that travels looks like to one who measures the picture; an arc may look like any pan."""
_SIDES = (("left", "right"), ("up", "down"), ("in", "out"), ("clockwise", "counterclockwise"))

T = TypeVar("T")


def blended(measured: Record, seen: Record) -> Record:
    """The record of both, `seen` by one who sees or hears; ValidationError where it would hold more than it may."""
    table = Table(measured)
    camera = _camera(measured, seen, table)
    actions = tuple(action for action in seen.actions if not _denied_action(action, measured, table))
    texts, absences = _texts(measured, seen, table)
    return Record(
        **{
            **dict(measured),
            "shots": (*measured.shots, *seen.shots),
            "settings": (*measured.settings, *seen.settings),
            "lights": (*measured.lights, *seen.lights),
            "palette": measured.palette or seen.palette,
            "subjects": (*measured.subjects, *seen.subjects),
            "actions": (*measured.actions, *actions),
            "camera": camera,
            "texts": texts,
            "overlays": (*measured.overlays, *seen.overlays),
            "speech": _speech(measured, seen, table),
            "events": _events(measured, seen, table),
            "music": _music(measured, seen, table),
            "ambience": _ambience(measured.ambience, seen.ambience),
            "first_frame": seen.first_frame or measured.first_frame,
            "last_frame": seen.last_frame or measured.last_frame,
            "absences": absences,
            "conflicts": (*measured.conflicts, *table.conflicts),
        }
    )


@dataclass(slots=True)
class Table:
    """Where conflicts are laid down."""

    record: Record
    conflicts: list[Conflict] = field(default_factory=list)

    def lay(self, facet: Facet, held: tuple[str, Basis], disputed: tuple[str, Basis]) -> None:
        basis = Basis(
            span=disputed[1].span or held[1].span,
            evidence=_both(held[1].evidence, disputed[1].evidence),
            origin="blend",
            uncertain=True,
        )
        self.conflicts.append(Conflict(facet=facet, held=held[0], disputed=disputed[0], basis=basis))

    def denied(self, name: str, facet: Facet, statement: str, basis: Basis) -> bool:
        """Whether the absence of such a thing was measured; the conflict is then laid down."""
        absence = getattr(self.record.absences, name)
        if absence is None or not absence.absent or basis.uncertain:
            return bool(absence and absence.absent)
        self.lay(facet, (say.ABSENT[name], absence.basis), (statement, basis))
        return True


def _both(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))[:64]


def _agreed(measured: Basis, seen: Basis) -> Basis:
    """What both say rests on both; the times are those that were measured, where there are any."""
    return measured.model_copy(
        update={
            "span": measured.span or seen.span,
            "evidence": _both(measured.evidence, seen.evidence),
            "origin": "blend",
            "uncertain": measured.uncertain and seen.uncertain,
        }
    )


def _overlap(one: Span | None, other: Span | None) -> bool:
    """Whether two statements hold at one time; None is all the clip."""
    return one is None or other is None or (one.start_us < other.end_us and other.start_us < one.end_us)


# -- the camera


def _camera(measured: Record, seen: Record, table: Table) -> tuple[Camera, ...]:
    kept: list[Camera] = []
    known = list(measured.camera)
    for move in seen.camera:
        statement = say.camera(move, seen)
        if table.denied("camera_motion", "camera", statement, move.basis):
            continue
        against = next(
            (one for one in known if _overlap(one.basis.span, move.basis.span) and _opposite(one, move)), None
        )
        if against is not None:
            table.lay("camera", (say.camera(against, measured), against.basis), (statement, move.basis))
            continue
        same = next((one for one in known if _overlap(one.basis.span, move.basis.span) and _same(one, move)), None)
        if same is None:
            kept.append(move)
            continue
        known.remove(same)
        kept.append(move.model_copy(update={"pace": same.pace or move.pace, "basis": _agreed(same.basis, move.basis)}))
    return (*known, *kept)


def _seen_as(move: Camera) -> str:
    return _PLANE.get(move.move, move.move)


def _same(one: Camera, other: Camera) -> bool:
    return _seen_as(one) == _seen_as(other)


def _opposite(one: Camera, other: Camera) -> bool:
    first, second = _seen_as(one).rsplit(" ", 1), _seen_as(other).rsplit(" ", 1)
    if len(first) != 2 or len(second) != 2 or first[0] != second[0]:
        return False
    return any({first[1], second[1]} == set(sides) for sides in _SIDES)


def _denied_action(action: Action, measured: Record, table: Table) -> bool:
    """Whether nothing moves, and yet something is said to go somewhere."""
    goes = action.direction is not None or action.speed is not None
    return goes and table.denied("movement", "action", say.action(action, measured), action.basis)


# -- texts


def _texts(measured: Record, seen: Record, table: Table) -> tuple[tuple[ScreenText, ...], Any]:
    """What is written. A text that only one of both has read stays; one that only was seen is uncertain."""
    known, more, absences = list(measured.texts), list[ScreenText](), measured.absences
    for item in seen.texts:
        at = _told(known, item, lambda one, other: alike(one.text, other.text))
        if at is None:
            denied = table.denied("text", "text", say.text(item, seen), item.basis)
            absences = absences.model_copy(update={"text": None if denied else absences.text, "other_text": None})
            more.append(_doubted(item))
            continue
        row = known[at]
        if not alike(row.text, item.text):
            table.lay("text", (say.text(row, measured), row.basis), (say.text(item, seen), item.basis))
            continue
        filled = {name: getattr(row, name) or getattr(item, name) for name in ("place", "language", "gloss")}
        known[at] = row.model_copy(update={**filled, "basis": _agreed(row.basis, item.basis)})
    return (*known, *more), absences


def _doubted(item: T) -> T:
    """What nobody else has found."""
    basis = item.basis.model_copy(update={"uncertain": True})  # type: ignore[attr-defined]
    return item.model_copy(update={"basis": basis})  # type: ignore[attr-defined, no-any-return]


def _told(known: Sequence[Any], item: Any, like: Callable[[Any, Any], bool]) -> int | None:
    """Which of `known` an item tells of: the one whose row it names, else one that is like it at the same time."""
    rows = set(item.basis.evidence) - {FRAMES, SOUND}  # what was joined before rests on these as well
    for index, one in enumerate(known):
        if rows.intersection(one.basis.evidence):
            return index
    for index, one in enumerate(known):
        if like(one, item) and _overlap(one.basis.span, item.basis.span):
            return index
    return None


# -- sounds


def _speech(measured: Record, seen: Record, table: Table) -> tuple[Utterance, ...]:
    known, more = list(measured.speech), list[Utterance]()
    for item in seen.speech:
        at = _told(known, item, lambda one, other: bool(one.text and other.text) and alike(one.text, other.text))
        if at is None:
            if not table.denied("speech", "speech", say.utterance(item, seen), item.basis):
                more.append(_doubted(item))
            continue
        row = known[at]
        if row.text and item.text and not alike(row.text, item.text):
            table.lay("speech", (say.utterance(row, measured), row.basis), (say.utterance(item, seen), item.basis))
            item = item.model_copy(update={"text": None, "gloss": None})  # noqa: PLW2901  who speaks, and how, is not disputed
        known[at] = row.model_copy(
            update={
                "text": row.text or item.text,
                "speaker": item.speaker or row.speaker,
                "manner": row.manner or item.manner,
                "language": row.language or item.language,
                "gloss": row.gloss or item.gloss,
                "basis": _agreed(row.basis, item.basis).model_copy(
                    update={"uncertain": row.basis.uncertain or (row.text is None and item.text is not None)}
                ),
            }
        )
    return (*known, *more)


def _events(measured: Record, seen: Record, table: Table) -> tuple[Event, ...]:
    known, more = list(measured.events), list[Event]()
    for item in seen.events:
        at = _told(known, item, lambda one, other: one.label == other.label)
        if at is None:
            if not table.denied("sound", "event", say.event(item, seen), item.basis):
                more.append(_doubted(item))
            continue
        row = known[at]
        unnamed = row.label == "sound"
        known[at] = row.model_copy(
            update={
                "label": item.label if unnamed else row.label,
                "description": row.description or (None if unnamed or item.label == row.label else item.label),
                "source": row.source or item.source,
                "on_screen": item.on_screen if row.on_screen is None else row.on_screen,
                "basis": _agreed(row.basis, item.basis).model_copy(
                    update={"uncertain": row.basis.uncertain or (unnamed and item.basis.uncertain)}
                ),
            }
        )
    return (*known, *more)


def _music(measured: Record, seen: Record, table: Table) -> tuple[Music, ...]:
    known, more = list(measured.music), list[Music]()
    for item in seen.music:
        at = _told(known, item, lambda one, other: True)
        if at is not None:
            row = known[at]
            told = {"description": row.description or item.description, "basis": _agreed(row.basis, item.basis)}
            known[at] = row.model_copy(update=told)
        elif not table.denied("music", "music", say.music(item, seen), item.basis):
            more.append(_doubted(item))
    return (*known, *more)


def _ambience(measured: Ambience | None, seen: Ambience | None) -> Ambience | None:
    if measured is None or seen is None:
        return measured or seen
    told = {"description": measured.description or seen.description, "basis": _agreed(measured.basis, seen.basis)}
    return measured.model_copy(update=told)
