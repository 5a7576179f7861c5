"""One or two sentences: what is seen, what is heard."""

from collections.abc import Iterator

from captioners import statements as say
from captioners.phrase import article, count, listing, quoted, sentence
from captioners.record import Record
from captioners.render.absent import PLAIN, absences
from captioners.render.draft import Draft, Piece, spaced
from captioners.render.events import counted
from captioners.render.medium import colours
from captioners.render.remarks import HEARD, remarks
from schemas.caption import Facet


def _seen(record: Record) -> str | None:
    bright = next((light.brightness for light in record.lights if light.brightness), None)
    kind = ["image" if record.still else "shot"]
    if bright:
        kind.insert(0, {"medium": "medium-bright"}.get(bright, bright))
    tinted = f"in {colours(record.palette, 2)}" if record.palette else None
    subjects = [f"{count(s.count)} {s.name}" if s.count else s.name for s in record.subjects[:3]]
    shown = f"of {listing(subjects)}" if subjects else None
    moves = [
        say.camera(move.model_copy(update={"pace": None}), record).split(" from ")[0] for move in record.camera[:1]
    ]
    camera = f"; {moves[0].rstrip('.').lower()}" if moves else ""
    written = f", with the text {quoted(record.texts[0].text)}" if record.texts else ""
    if not (bright or tinted or shown or camera or written):
        return None
    text = " ".join(part for part in (article(" ".join(kind)), shown, tinted) if part)
    return sentence(f"{text}{written}{camera}")


def _heard(record: Record) -> str | None:
    parts = []
    said = next((item.text for item in record.speech if item.text), None)
    if said:
        parts.append(f"a voice saying {quoted(said)}")
    elif record.speech:
        parts.append("speech")
    if record.music:
        key = record.music[0].key
        parts.append(f"music in {key}" if key else "music")
    if record.events:
        parts += counted(record.events)
    return sentence("with", listing(parts)) if parts else None


def _worded(record: Record, *facets: Facet) -> str | None:
    """The first thing that was put in words of these facets."""
    return next((piece.text for facet in facets for piece in remarks(record, facet)), None)


def _parts(record: Record) -> Iterator[str | None]:
    """What was put in words stands in for items that there are none of."""
    yield _seen(record)
    yield None if record.subjects else _worded(record, "subject", "action", "setting", "text")
    yield _heard(record) or _worded(record, *HEARD)


def draft(record: Record, absent: bool | None = None) -> Draft:
    """What is seen, what is heard; absences only where they are asked for."""
    told = (Piece("summary", part) for part in _parts(record) if part)
    return Draft((*told, *absences(record, PLAIN if absent else ())), spaced)


def short(record: Record) -> str:
    """At most three sentences; empty where the record says nothing of what is seen or heard."""
    return draft(record).text
