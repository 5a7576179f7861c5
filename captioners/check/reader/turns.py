"""What several sentences say of who speaks, put together."""

import re
from itertools import pairwise

from captioners.check.question import spoken
from captioners.check.reader.numbers import NUMBER, number
from captioners.check.reader.said import Reading, Said
from captioners.check.reader.speakers import ANOTHER, KINDS, SAME

COUNTED = re.compile(
    rf"\b(?:only )?({NUMBER}|a single) (?:different )?(?:people|persons?|speakers?|voices?) "
    rf"(?:speaks?|talks?|(?:is|are|can be) (?:\w+ )?heard)\b"
)


def speakers_of(reading: Reading) -> list[tuple[Said, str | None]]:
    """The utterances in order of time, each with a label of its speaker that is the same for the same one.

    None: not told. "another" stays where nothing tells which other.
    """
    said = [*reading.of("utterance"), *(item for item in reading.of("speech") if item.count is None)]
    if all(item.times for item in said):
        said = sorted(said, key=lambda item: item.times[0].start_s)
    found: list[tuple[Said, str | None]] = []
    for item in said:
        label = item.speaker
        if label == SAME:
            label = found[-1][1] if found else None
        found.append((item, label))
    return found


def one_speaker(first: str | None, second: str | None) -> bool | None:
    """Whether two labels of speakers that follow each other are of one; None: they may be."""
    if first is None or second is None:
        return None
    if second == ANOTHER:
        return False
    if first == ANOTHER or (first == second and first in KINDS):
        return None
    if (first in KINDS) != (second in KINDS):
        return None
    return first == second


def count(reading: Reading) -> int | None:
    """How many different people speak; None where the prose leaves it open."""
    counted = [item.count for item in reading.of("speech") if item.count is not None]
    if counted:
        return counted[0]
    labels = [label for _, label in speakers_of(reading)]
    if not labels or any(label is None or label == ANOTHER or label in KINDS for label in labels):
        return None
    return len(set(labels))


def told_by(reading: Reading, words: str) -> tuple[str | None, bool]:
    """The label of who says these words, and whether they are told at all."""
    hits = [label for item, label in speakers_of(reading) if same_words(item.value, words)]
    return (hits[0], True) if len(hits) == 1 else (None, False)


def follows(reading: Reading, before: str, words: str) -> bool | None:
    """Whether both are said by one speaker; None where the prose does not tell, or tells something between them."""
    for (one, first), (other, second) in pairwise(speakers_of(reading)):
        if same_words(one.value, before) and same_words(other.value, words):
            return one_speaker(first, second)
    return None


def same_words(told: str | None, words: str) -> bool:
    """Whether two transcripts are of one utterance."""
    return spoken(told or "") == spoken(words)


def people(text: str) -> int | None:
    """ "Two people speak"."""
    hit = COUNTED.search(text)
    if hit is None:
        return None
    return 1 if hit.group(1) == "a single" else int(number(hit.group(1)))
