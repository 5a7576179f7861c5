"""A record read as claims: one statement each, with its facet, its span and the rows it rests on."""

from collections.abc import Iterator

from captioners import statements as say
from captioners.record import Basis, Record
from schemas.caption import Claim, Facet

Line = tuple[Facet, str, Basis]


def _content(record: Record) -> Iterator[Line]:
    if record.duration:
        yield "shot", say.duration(record), record.duration
    for shot in record.shots:
        yield "shot", say.shot(shot, record), shot.basis
    for setting in record.settings:
        yield "setting", say.setting(setting, record), setting.basis
    for subject in record.subjects:
        yield "subject", say.subject(subject, record), subject.basis
    for action in record.actions:
        yield "action", say.action(action, record), action.basis


def _picture(record: Record) -> Iterator[Line]:
    for light in record.lights:
        yield "light", say.light(light, record), light.basis
    if record.palette:
        yield "colour", say.palette(record.palette), record.palette.basis
    for hold in record.holds:
        yield "shot", say.hold(hold), hold.basis
    for camera in record.camera:
        yield "camera", say.camera(camera, record), camera.basis
    if record.movement:
        yield "action", say.movement(record.movement, record), record.movement.basis
    for overlay in record.overlays:
        yield "overlay", say.overlay(overlay, record), overlay.basis
    for text in record.texts:
        yield "text", say.text(text, record), text.basis


def _sound(record: Record) -> Iterator[Line]:
    for utterance in record.speech:
        yield "speech", say.utterance(utterance, record), utterance.basis
        for word in utterance.words:
            yield "speech", say.word(word, record), word.basis
    for event in record.events:
        yield "event", say.event(event, record), event.basis
    for music in record.music:
        yield "music", say.music(music, record), music.basis
    for silence in record.silences:
        yield "ambience", say.silence(silence, record), silence.basis
    if record.ambience:
        yield "ambience", say.ambience(record.ambience, record), record.ambience.basis


def _rest(record: Record) -> Iterator[Line]:
    if record.first_frame:
        yield "first_frame", f"The first frame: {record.first_frame.description}", record.first_frame.basis
    if record.last_frame:
        yield "last_frame", f"The last frame: {record.last_frame.description}", record.last_frame.basis
    for name, statement in say.ABSENT.items():
        absence = getattr(record.absences, name)
        if absence and absence.absent:
            yield "absence", statement, absence.basis


def claims(record: Record, caption_id: str) -> tuple[Claim, ...]:
    """Every statement of the record; what holds for all the clip has the clip's own span."""
    lines = [*_content(record), *_picture(record), *_sound(record), *_rest(record)]
    rows = []
    for index, (facet, text, basis) in enumerate(lines):
        start_us = basis.span.start_us if basis.span else record.start_us
        end_us = basis.span.end_us if basis.span else record.end_us
        claim_id = f"{caption_id}#{index}"
        rows.append(Claim(claim_id, facet, start_us, end_us, text, basis.evidence, basis.origin, basis.uncertain))
    return tuple(rows)
