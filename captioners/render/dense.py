"""All that the record says, absences too: first what is seen, then what is heard, a paragraph each."""

from collections.abc import Iterator

from captioners import statements as say
from captioners.record import Record, Utterance
from captioners.render.events import MOST, grouped, told

_SEEN = ("text", "other_text", "camera_motion", "movement")


def _seen(record: Record) -> Iterator[str]:
    if record.duration:
        yield say.duration(record)
    yield from (say.shot(item, record) for item in record.shots)
    yield from (say.setting(item, record) for item in record.settings)
    if record.first_frame:
        yield f"The first frame: {record.first_frame.description}"
    yield from (say.subject(item, record) for item in record.subjects)
    yield from (say.action(item, record) for item in record.actions)
    yield from (say.light(item, record) for item in record.lights)
    if record.palette:
        yield say.palette(record.palette)
    yield from (say.hold(item) for item in record.holds)
    yield from (say.camera(item, record) for item in record.camera)
    if record.movement:
        yield say.movement(record.movement, record)
    yield from (say.overlay(item, record) for item in record.overlays)
    yield from (say.text(item, record) for item in record.texts)
    if record.last_frame:
        yield f"The last frame: {record.last_frame.description}"
    yield from _absent(record, seen=True)


def _spoken(item: Utterance, record: Record) -> Iterator[str]:
    yield say.utterance(item, record)
    yield from (say.words(item.words[at : at + MOST], record) for at in range(0, len(item.words), MOST))


def _heard(record: Record) -> Iterator[str]:
    for item in record.speech:
        yield from _spoken(item, record)
    yield from (told(group, record) for group in grouped(record.events))
    yield from (say.music(item, record) for item in record.music)
    if record.silences:
        yield say.silences(record.silences, record)
    if record.ambience:
        yield say.ambience(record.ambience, record)
    yield from _absent(record, seen=False)


def _absent(record: Record, *, seen: bool) -> Iterator[str]:
    for name, statement in say.ABSENT.items():
        absence = getattr(record.absences, name)
        if absence and absence.absent and (name in _SEEN) is seen:
            yield statement


def dense(record: Record) -> str:
    """Every statement of the record as prose."""
    paragraphs = (" ".join(_seen(record)), " ".join(_heard(record)))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
