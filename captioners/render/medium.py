"""What a person would retell: no times of single words, no shares, no absences."""

from collections.abc import Iterator

from captioners import statements as say
from captioners.phrase import listing, sentence
from captioners.record import Palette, Record
from captioners.render.events import counted


def colours(palette: Palette, most: int) -> str:
    """The names of the widest colours."""
    return listing([colour.name for colour in palette.colours[:most]])


def _sentences(record: Record) -> Iterator[str]:
    yield from (say.shot(item, record) for item in record.shots)
    yield from (say.setting(item, record) for item in record.settings)
    yield from (say.subject(item, record) for item in record.subjects)
    yield from (say.action(item, record) for item in record.actions)
    yield from (say.light(item, record) for item in record.lights)
    if record.palette:
        yield sentence("The main colours are" if len(record.palette.colours) > 1 else "The main colour is",
                       colours(record.palette, 3))  # fmt: skip
    yield from (say.camera(item, record) for item in record.camera)
    yield from (say.text(item, record) for item in record.texts)
    yield from (say.utterance(item, record) for item in record.speech)
    if record.events:
        heard = "is heard" if len(record.events) == 1 else "are heard"
        yield sentence(listing(counted(record.events)), heard)
    yield from (say.music(item, record) for item in record.music)
    if record.ambience:
        yield say.ambience(record.ambience, record)


def medium(record: Record) -> str:
    """The main statements of the record in one paragraph."""
    return " ".join(_sentences(record))
