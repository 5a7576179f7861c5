"""A record read as claims: one statement each, with its facet, its span and the rows it rests on."""

from collections.abc import Iterator
from dataclasses import dataclass

from captioners import statements as say
from captioners.record import Basis, Record, Span
from schemas.caption import Claim, Facet

Place = tuple[str | int, ...]
"""Where an item lies in a record: ("movement",), ("events", 2), ("speech", 0, "words", 3), ("absences", "text")."""


@dataclass(frozen=True, slots=True)
class Line:
    """One statement of a record, and the item that makes it."""

    place: Place
    facet: Facet
    text: str
    basis: Basis


def _remarks(record: Record, facet: Facet) -> Iterator[Line]:
    """What was put in words of a facet comes after what its own items say."""
    for index, remark in enumerate(record.remarks):
        if remark.facet == facet:
            yield Line(("remarks", index), facet, say.remark(remark, record), remark.basis)


def _content(record: Record) -> Iterator[Line]:
    if record.duration:
        yield Line(("duration",), "shot", say.duration(record), record.duration)
    for index, shot in enumerate(record.shots):
        yield Line(("shots", index), "shot", say.shot(shot, record), shot.basis)
    yield from _remarks(record, "shot")
    for index, setting in enumerate(record.settings):
        yield Line(("settings", index), "setting", say.setting(setting, record), setting.basis)
    yield from _remarks(record, "setting")
    for index, subject in enumerate(record.subjects):
        yield Line(("subjects", index), "subject", say.subject(subject, record), subject.basis)
    yield from _remarks(record, "subject")
    for index, action in enumerate(record.actions):
        yield Line(("actions", index), "action", say.action(action, record), action.basis)
    yield from _remarks(record, "action")


def _picture(record: Record) -> Iterator[Line]:
    for index, light in enumerate(record.lights):
        yield Line(("lights", index), "light", say.light(light, record), light.basis)
    yield from _remarks(record, "light")
    if record.palette:
        yield Line(("palette",), "colour", say.palette(record.palette), record.palette.basis)
    yield from _remarks(record, "colour")
    for index, hold in enumerate(record.holds):
        yield Line(("holds", index), "shot", say.hold(hold), hold.basis)
    for index, camera in enumerate(record.camera):
        yield Line(("camera", index), "camera", say.camera(camera, record), camera.basis)
    yield from _remarks(record, "camera")
    if record.movement:
        yield Line(("movement",), "action", say.movement(record.movement, record), record.movement.basis)
    for index, overlay in enumerate(record.overlays):
        yield Line(("overlays", index), "overlay", say.overlay(overlay, record), overlay.basis)
    yield from _remarks(record, "overlay")
    for index, text in enumerate(record.texts):
        yield Line(("texts", index), "text", say.text(text, record), text.basis)
    yield from _remarks(record, "text")


def _sound(record: Record) -> Iterator[Line]:
    for index, utterance in enumerate(record.speech):
        yield Line(("speech", index), "speech", say.utterance(utterance, record), utterance.basis)
        for number, word in enumerate(utterance.words):
            yield Line(("speech", index, "words", number), "speech", say.word(word, record), word.basis)
    yield from _remarks(record, "speech")
    for index, event in enumerate(record.events):
        yield Line(("events", index), "event", say.event(event, record), event.basis)
    yield from _remarks(record, "event")
    for index, music in enumerate(record.music):
        yield Line(("music", index), "music", say.music(music, record), music.basis)
    yield from _remarks(record, "music")
    for index, silence in enumerate(record.silences):
        yield Line(("silences", index), "ambience", say.silence(silence, record), silence.basis)
    if record.ambience:
        yield Line(("ambience",), "ambience", say.ambience(record.ambience, record), record.ambience.basis)
    yield from _remarks(record, "ambience")


def _rest(record: Record) -> Iterator[Line]:
    first, last = record.first_frame, record.last_frame
    if first:
        yield Line(("first_frame",), "first_frame", f"The first frame: {first.description}", first.basis)
    yield from _remarks(record, "first_frame")
    if last:
        yield Line(("last_frame",), "last_frame", f"The last frame: {last.description}", last.basis)
    yield from _remarks(record, "last_frame")
    for name, statement in say.ABSENT.items():
        absence = getattr(record.absences, name)
        if absence and absence.absent:
            yield Line(("absences", name), "absence", statement, absence.basis)
    yield from _remarks(record, "absence")


def lines(record: Record) -> list[Line]:
    """Every statement of the record, in the order of its claims, with the item that makes it."""
    return [*_content(record), *_picture(record), *_sound(record), *_rest(record)]


def span_of(basis: Basis, record: Record) -> Span:
    """When a statement holds: what has no span of its own holds for all the clip."""
    return basis.span or Span(start_us=record.start_us, end_us=record.end_us)


def claims(record: Record, caption_id: str) -> tuple[Claim, ...]:
    """Every statement of the record; what holds for all the clip has the clip's own span."""
    rows = []
    for index, line in enumerate(lines(record)):
        span, basis = span_of(line.basis, record), line.basis
        rows.append(
            Claim(
                f"{caption_id}#{index}",
                line.facet,
                span.start_us,
                span.end_us,
                line.text,
                basis.evidence,
                basis.origin,
                basis.uncertain,
            )
        )
    return tuple(rows)
