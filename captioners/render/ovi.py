"""In the manner of Ovi: what is seen with the speech inside tags, then a description of the sound.

Ovi 1.0 puts the sound between <AUDCAP> and <ENDAUDCAP>, Ovi 1.1 after "Audio:". Upstream: character-ai/Ovi, README.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from captioners.phrase import QUOTED, sentence
from captioners.record import Record, Utterance
from captioners.render.absent import SEEN, absences
from captioners.render.draft import Draft, Piece
from captioners.render.story import flowing, framed, heard, ordered, seen, speaking

_TAG = re.compile(r"<(?:S|E|AUDCAP|ENDAUDCAP)>")
_AUDIO = "audio"
_HEARD = ("sound", "speech", "music", "events")


def draft(record: Record, absent: bool | None = None) -> Draft:
    """For Ovi 1.0. absent: whether to say what is not there; it is not said unless asked for."""
    return Draft(_pieces(record, absent), lambda pieces: _joined(pieces, "<AUDCAP>", "<ENDAUDCAP>"))


def draft_11(record: Record, absent: bool | None = None) -> Draft:
    """For Ovi 1.1."""
    return Draft(_pieces(record, absent), lambda pieces: _joined(pieces, "Audio: ", ""))


def _pieces(record: Record, absent: bool | None) -> tuple[Piece, ...]:
    record = _disarmed(record)
    spoken = [_quoting(piece) for piece in heard(record, _tagged) if piece.topic == "speech"]
    shown = framed(record, ordered([*map(_safe, seen(record)), *spoken]))
    sounds = [replace(_safe(piece), part=_AUDIO) for piece in ordered([*heard(_unspoken(record), speaking)])]
    missing = absences(record, SEEN[:1] if absent else ()), absences(record, _HEARD if absent else (), _AUDIO)
    return (*shown, *missing[0], *_once(sounds), *missing[1])


def _tagged(item: Utterance) -> str:
    if not item.text or item.basis.uncertain:
        return speaking(item)
    words = " ".join(_plain(item.text).split())
    return f"{_plain(sentence(item.speaker or 'A voice', 'says', item.manner)).rstrip('.')}: <S>{words}<E>."


def _disarmed(record: Record) -> Record:
    """The record whose words of strangers hold nothing that would be read as a tag."""
    plain = ((one, _plain(one.text)) for one in record.remarks)
    kept = tuple(one.model_copy(update={"text": text}) for one, text in plain if text.strip())
    return record.model_copy(update={"remarks": kept})


def _quoting(piece: Piece) -> Piece:
    """Speech that was put in words, with what it quotes between the tags."""
    if "<S>" in piece.text:
        return piece
    return replace(piece, text=QUOTED.sub(lambda quote: f"<S>{quote.group()[1:-1]}<E>", piece.text))


def _unspoken(record: Record) -> Record:
    """The record without speech that was put in words: it stands among what is seen."""
    return record.model_copy(update={"remarks": tuple(one for one in record.remarks if one.facet != "speech")})


def _once(pieces: Sequence[Piece]) -> list[Piece]:
    """The same sentence, as that somebody speaks, once."""
    return list({piece.text: piece for piece in reversed(pieces)}.values())[::-1]


def _plain(text: str) -> str:
    """Words of a stranger without what would be read as a tag."""
    while _TAG.search(text):  # what is left of "<<S>S>" is a tag again
        text = _TAG.sub("", text)
    return text


def _safe(piece: Piece) -> Piece:
    return replace(piece, text=_plain(piece.text))


def _joined(pieces: Sequence[Piece], before: str, after: str) -> str:
    shown = flowing([piece for piece in pieces if piece.part != _AUDIO])
    audio = flowing([piece for piece in pieces if piece.part == _AUDIO])
    return " ".join(part for part in (shown, f"{before}{audio}{after}" if audio else "") if part)
