"""What a person would retell: no times of single words, no shares, no absences."""

from collections.abc import Iterator

from captioners import statements as say
from captioners.phrase import listing, sentence
from captioners.record import Palette, Record
from captioners.render.absent import PLAIN, absences
from captioners.render.draft import Draft, Piece, spaced
from captioners.render.events import counted, told_of
from captioners.render.remarks import remarks


def colours(palette: Palette, most: int) -> str:
    """The names of the widest colours."""
    return listing([colour.name for colour in palette.colours[:most]])


def palette(item: Palette) -> str:
    """The three widest colours, in a sentence."""
    return sentence("The main colours are" if len(item.colours) > 1 else "The main colour is", colours(item, 3))


def _pieces(record: Record) -> Iterator[Piece]:
    yield from (Piece("shot", say.shot(item, record)) for item in record.shots)
    yield from remarks(record, "shot")
    yield from (Piece("setting", say.setting(item, record)) for item in record.settings)
    yield from remarks(record, "setting")
    yield from (Piece("subject", say.subject(item, record)) for item in record.subjects)
    yield from remarks(record, "subject")
    yield from (Piece("action", say.action(item, record)) for item in record.actions)
    yield from remarks(record, "action")
    yield from (Piece("light", say.light(item, record)) for item in record.lights)
    yield from remarks(record, "light")
    if record.palette:
        yield Piece("palette", palette(record.palette))
    yield from remarks(record, "colour")
    yield from (Piece("camera", say.camera(item, record)) for item in record.camera)
    yield from remarks(record, "camera")
    yield from (Piece("text", say.text(item, record)) for item in record.texts)
    yield from remarks(record, "text")
    yield from (Piece("speech", say.utterance(item, record)) for item in record.speech)
    yield from remarks(record, "speech")
    if record.events:
        heard = "is heard" if len(record.events) == 1 else "are heard"
        yield Piece("event", sentence(listing(counted(record.events)), heard))
    yield from remarks(record, "event")
    yield from (Piece("music", say.music(item, record)) for item in record.music)
    yield from remarks(record, "music")
    if record.ambience and told_of(record.ambience):
        yield Piece("ambience", say.ambience(record.ambience, record))
    yield from remarks(record, "ambience")


def draft(record: Record, absent: bool | None = None) -> Draft:
    """The main statements of the record; absences only where they are asked for."""
    return Draft((*_pieces(record), *absences(record, PLAIN if absent else ())), spaced)


def medium(record: Record) -> str:
    """The main statements of the record in one paragraph."""
    return draft(record).text
