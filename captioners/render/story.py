"""A clip told as those who train on it tell theirs: what is there, then what happens, one thing after the other.

No times in seconds, no shares of colours, no loudness in numbers: the order says what comes first. What the record
marks as uncertain is not told; of speech in doubt it is told that somebody speaks.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from captioners import statements as say
from captioners.phrase import sentence, untimed
from captioners.record import (
    Action,
    Ambience,
    Basis,
    Camera,
    Event,
    Light,
    Music,
    Overlay,
    Record,
    ScreenText,
    Setting,
    Shot,
    Subject,
    Utterance,
)
from captioners.render.absent import absences
from captioners.render.draft import Piece, Topic
from captioners.render.events import grouped, told
from captioners.render.medium import palette
from captioners.render.remarks import TOPICS
from schemas.caption import Facet

Item = TypeVar("Item", Action, Camera, Event, Light, Music, Overlay, ScreenText, Setting, Shot, Subject)

THROUGHOUT = 0.9
"""Share of the clip from which on something is there all along, and has no place in the order of things."""
LATER_US = 300_000
"""What begins so much after what was told before it comes "then"."""

_LEVELS = {"quiet": "quiet", "moderate": "moderately loud", "loud": "loud"}
_PLAIN = re.compile(
    r"(?:An?|The|There|Its?|Music|Some(?:body|one)|Nobody|One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten|Eleven|Twelve)\b"
)
"""First words of a sentence that are small within one; any other may be a name."""


def seen(record: Record) -> Iterator[Piece]:
    """What is seen and holds all along, the widest first."""
    yield from _all(record, "shot", record.shots, say.shot)
    yield from in_words(record, "shot")
    yield from _all(record, "setting", record.settings, say.setting)
    yield from in_words(record, "setting")
    yield from _all(record, "subject", record.subjects, say.subject)
    yield from in_words(record, "subject")
    yield from _all(record, "light", record.lights, say.light)
    yield from in_words(record, "light")
    if record.palette and not record.palette.basis.uncertain:
        yield Piece("palette", palette(record.palette))
    yield from in_words(record, "colour")
    yield from (Piece("hold", say.hold(item)) for item in record.holds if not item.basis.uncertain)
    yield from _all(record, "overlay", record.overlays, say.overlay)
    yield from in_words(record, "overlay")
    yield from _all(record, "camera", record.camera, say.camera)
    yield from in_words(record, "camera")
    yield from absences(record, ("camera_motion",))
    if record.movement and not record.movement.basis.uncertain:
        bare = record.movement.model_copy(update={"basis": _bare(record.movement.basis)})
        yield Piece("movement", say.movement(bare, record))
    yield from _all(record, "action", record.actions, say.action)
    yield from in_words(record, "action")
    yield from _all(record, "text", record.texts, say.text)
    yield from in_words(record, "text")


def heard(record: Record, speech: Callable[[Utterance], str]) -> Iterator[Piece]:
    """What is heard; `speech` is the sentence of something said."""
    yield from (Piece("speech", speech(item), "", _start(item.basis, record)) for item in record.speech)
    yield from in_words(record, "speech")
    for group in grouped(tuple(_sure(record.events))):
        bare = tuple(_untimed(event) for event in group)
        yield Piece("event", told(bare, record), "", _start(group[0].basis, record))
    yield from in_words(record, "event")
    yield from _all(record, "music", record.music, say.music)
    yield from in_words(record, "music")
    for silence in record.silences:
        yield Piece("silence", "It is silent.", "", _start(silence.basis, record))
    if record.ambience and not record.ambience.basis.uncertain and (level := _ambience(record.ambience)):
        yield Piece("ambience", level)
    yield from in_words(record, "ambience")


def ordered(pieces: Sequence[Piece]) -> list[Piece]:
    """What holds all along as it was, then what happens, in order of time."""
    return sorted(pieces, key=lambda piece: -1 if piece.start_us is None else piece.start_us)


def in_words(record: Record, facet: Facet) -> Iterator[Piece]:
    """What was put in words of a facet, without times."""
    for one in record.remarks:
        if one.facet == facet and not one.basis.uncertain:
            yield Piece(TOPICS[facet], sentence(untimed(one.text)), "", _start(one.basis, record))


def framed(record: Record, pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The story between its first frame and its last."""
    first, last = record.first_frame, record.last_frame
    before = (Piece("frame", sentence("At first:", first.description)),) if first and not first.basis.uncertain else ()
    after = (Piece("frame", sentence("At the end:", last.description)),) if last and not last.basis.uncertain else ()
    return (*before, *in_words(record, "first_frame"), *pieces, *after, *in_words(record, "last_frame"))


def flowing(pieces: Sequence[Piece]) -> str:
    """One paragraph; what begins clearly later than what was told before it comes "then"."""
    texts, last_us = [], None
    for piece in pieces:
        later = piece.start_us is not None and last_us is not None and piece.start_us - last_us >= LATER_US
        texts.append(f"Then {_small(piece.text)}" if later else piece.text)
        last_us = piece.start_us if piece.start_us is not None else last_us
    return " ".join(texts)


def quoting(item: Utterance, record: Record) -> str:
    """What is said, in quotation marks; of words in doubt, that somebody speaks."""
    bare = item.model_copy(update={"basis": _bare(item.basis), "gloss": None})
    return say.utterance(bare, record) if item.text and not item.basis.uncertain else speaking(item)


def speaking(item: Utterance) -> str:
    """That somebody speaks, and how."""
    return sentence(item.speaker or "Somebody", "speaks", item.manner)


def _all(record: Record, topic: Topic, items: Sequence[Item], statement: Callable[[Item, Record], str]) -> list[Piece]:
    return [Piece(topic, statement(_untimed(item), record), "", _start(item.basis, record)) for item in _sure(items)]


def _sure(items: Sequence[Item]) -> list[Item]:
    return [item for item in items if not item.basis.uncertain]


def _bare(basis: Basis) -> Basis:
    return basis.model_copy(update={"span": None, "uncertain": False})


def _untimed(item: Item) -> Item:
    return item.model_copy(update={"basis": _bare(item.basis)})


def _start(basis: Basis, record: Record) -> int | None:
    """When something begins; None: it is there all along."""
    span, lasts_us = basis.span, record.end_us - record.start_us
    if span is None or span.end_us - span.start_us >= THROUGHOUT * lasts_us:
        return None
    return span.start_us


def _ambience(item: Ambience) -> str | None:
    level = f"the sound is {_LEVELS[item.volume]}" if item.volume else None
    parts = [part for part in (level, item.description) if part]
    return sentence("; ".join(parts)) if parts else None


def _small(text: str) -> str:
    return f"{text[0].lower()}{text[1:]}" if _PLAIN.match(text) else text
