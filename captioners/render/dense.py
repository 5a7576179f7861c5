"""All that the record says, absences too: first what is seen, then what is heard, a paragraph each."""

from collections.abc import Iterator

from captioners import statements as say
from captioners.record import Record, Utterance
from captioners.render.absent import SEEN, absences
from captioners.render.draft import Draft, Piece, paragraphs
from captioners.render.events import MOST, grouped, told, told_of
from captioners.render.remarks import remarks

HEARD = "heard"
"""The part of a draft that is the second paragraph."""


def _seen(record: Record) -> Iterator[Piece]:
    if record.duration:
        yield Piece("duration", say.duration(record))
    yield from (Piece("shot", say.shot(item, record)) for item in record.shots)
    yield from remarks(record, "shot")
    yield from (Piece("setting", say.setting(item, record)) for item in record.settings)
    yield from remarks(record, "setting")
    if record.first_frame:
        yield Piece("frame", f"The first frame: {record.first_frame.description}")
    yield from remarks(record, "first_frame")
    yield from (Piece("subject", say.subject(item, record)) for item in record.subjects)
    yield from remarks(record, "subject")
    yield from (Piece("action", say.action(item, record)) for item in record.actions)
    yield from remarks(record, "action")
    yield from (Piece("light", say.light(item, record)) for item in record.lights)
    yield from remarks(record, "light")
    if record.palette:
        yield Piece("palette", say.palette(record.palette))
    yield from remarks(record, "colour")
    yield from (Piece("hold", say.hold(item)) for item in record.holds)
    yield from _last_seen(record)


def _last_seen(record: Record) -> Iterator[Piece]:
    yield from (Piece("camera", say.camera(item, record)) for item in record.camera)
    yield from remarks(record, "camera")
    if record.movement:
        yield Piece("movement", say.movement(record.movement, record))
    yield from (Piece("overlay", say.overlay(item, record)) for item in record.overlays)
    yield from remarks(record, "overlay")
    yield from (Piece("text", say.text(item, record)) for item in record.texts)
    yield from remarks(record, "text")
    if record.last_frame:
        yield Piece("frame", f"The last frame: {record.last_frame.description}")
    yield from remarks(record, "last_frame")
    yield from remarks(record, "absence")


def _spoken(item: Utterance, record: Record) -> Iterator[Piece]:
    yield Piece("speech", say.utterance(item, record), HEARD)
    for at in range(0, len(item.words), MOST):
        yield Piece("words", say.words(item.words[at : at + MOST], record), HEARD)


def _heard(record: Record) -> Iterator[Piece]:
    for item in record.speech:
        yield from _spoken(item, record)
    yield from remarks(record, "speech", HEARD)
    yield from (Piece("event", told(group, record), HEARD) for group in grouped(record.events))
    yield from remarks(record, "event", HEARD)
    yield from (Piece("music", say.music(item, record), HEARD) for item in record.music)
    yield from remarks(record, "music", HEARD)
    if record.silences:
        yield Piece("silence", say.silences(record.silences, record), HEARD)
    if record.ambience and told_of(record.ambience):
        yield Piece("ambience", say.ambience(record.ambience, record), HEARD)
    yield from remarks(record, "ambience", HEARD)


def draft(record: Record, absent: bool | None = None) -> Draft:
    """Every statement of the record as prose; `absent` False leaves out what is not there."""
    names = tuple(say.ABSENT) if absent is not False else ("camera_motion",)
    seen, heard = (tuple(name for name in names if (name in SEEN) is sight) for sight in (True, False))
    missing = [absences(record, part, where, doubtful=True) for part, where in ((seen, ""), (heard, HEARD))]
    return Draft((*_seen(record), *missing[0], *_heard(record), *missing[1]), paragraphs)


def dense(record: Record) -> str:
    """Every statement of the record as prose."""
    return draft(record).text
