"""Errors in who speaks."""

from itertools import pairwise

from captioners.check.mutate.mutation import Broken, Edit, Victim, replaced
from captioners.check.reader.said import Said
from captioners.check.reader.speakers import ANOTHER, KINDS, SAME

_STRANGER = "speaker 9"
_ORDINALS = {"1": "first", "2": "second", "3": "third", "4": "fourth", "5": "fifth"}
_NUMBERS = {"1": "one", "2": "two", "3": "three", "4": "four", "5": "five"}


def wrong_speaker(victim: Victim) -> Broken | None:
    """Words are given to the speaker of those before or after; to a stranger, where one alone speaks."""
    if not victim.asks("same_speaker", "who"):
        return None
    told = [(s, said) for s, said in victim.saying("utterance") if _named(said)]
    pairs = [(one, other) for one, other in pairwise(told) if one[0] != other[0]]
    pairs += [(other, one) for one, other in pairs]
    if not pairs:
        return None
    (sentence, said), (_, other) = victim.random.choice(pairs)
    label = said.speaker or ""
    wrong = other.speaker if other.speaker != label else _STRANGER
    new = replaced(sentence, _pattern(label), _told(wrong or ""))
    return ((Edit(sentence, new),), "speech") if new != sentence else None


def _named(said: Said) -> bool:
    return said.speaker is not None and said.speaker not in (SAME, ANOTHER, *KINDS)


def _pattern(label: str) -> str:
    """How a label may stand in a sentence."""
    number = label.removeprefix("speaker ")
    if number == label:
        return rf"\b{label}\b"
    ordinal, word = _ORDINALS.get(number, number), _NUMBERS.get(number, number)
    return rf"\bspeaker (?:number )?(?:{number}|{word})\b|\b(?:the )?{ordinal} (?:speaker|voice)\b"


def _told(label: str) -> str:
    return label if label.startswith("speaker ") else label.title()
