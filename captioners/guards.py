"""What word engines make up: words where nobody speaks, phrases in a loop, more letters than a mouth can say.

Nothing is lost: what is dropped stays as "dropped", with the reason as its label, and no captioner reads it.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from captioners.heard import Heard

Reason = Literal["no voice", "repeated", "too fast"]


@dataclass(frozen=True, slots=True)
class GuardRules:
    """When a word is not believed."""

    voice_share: float = 0.3  # of a word that lies in speech, at least
    voice_edge_s: float = 0.15  # speech is taken to begin and end so much earlier and later
    loop_words: int = 8  # a phrase said over and over, so many words in all, ...
    loop_repeats: int = 3  # ... and so many times, is a loop: its first time is kept
    letters_per_s: float = 35.0  # fast speakers reach 25
    letters: int = 3  # that may be too many anyway: times are rounded


def guarded(words: Sequence[Heard], voice: Sequence[Heard], rules: GuardRules) -> list[Heard]:
    """The words of one engine in order of time, those that cannot be as "dropped".

    voice: the spans in which the voice detector hears somebody. A sentence among them stands for words whose times are
    not known: it is believed as a whole, or not.
    """
    kept = list(words)
    for reason, wrong in _WRONG.items():
        said = [index for index, one in enumerate(kept) if one.kind == "word"]
        doubted = [said[found] for found in wrong([kept[index] for index in said], voice, rules)]
        for index, one in enumerate(kept):
            if one.kind == "sentence" and next(iter(wrong(_evenly(one), voice, rules)), None) is not None:
                doubted.append(index)
        for index in doubted:
            kept[index] = replace(kept[index], kind="dropped", label=reason)
    return kept


def _evenly(sentence: Heard) -> list[Heard]:
    """Its words, as if each letter took the same time: a guess that is good for asking whether they can be said."""
    texts = (sentence.text or "").split()
    ends = list(itertools.accumulate(len(text) for text in texts))
    letter_s = sentence.duration_s / max(1, sum(map(len, texts)))
    return [
        replace(
            sentence, kind="word", text=text, start_s=sentence.start_s + (end - len(text)) * letter_s,
            end_s=sentence.start_s + end * letter_s,
        )
        for text, end in zip(texts, ends, strict=True)
    ]  # fmt: skip


def silent(words: Sequence[Heard], voice: Sequence[Heard], rules: GuardRules) -> Iterator[int]:
    """Which words lie where no voice is heard."""
    edge_s = rules.voice_edge_s
    wider = [replace(one, start_s=one.start_s - edge_s, end_s=one.end_s + edge_s) for one in voice]
    return (index for index, word in enumerate(words) if word.covered_by(wider) < rules.voice_share)


def loops(words: Sequence[Heard], voice: Sequence[Heard], rules: GuardRules) -> Iterator[int]:
    """Which words repeat the phrase just before them once more, in a phrase that is said over and over."""
    said = [plain(word) for word in words]
    at = 0
    while at < len(said):
        length, times = max(
            ((n, _times(said, at, n)) for n in range(1, (len(said) - at) // rules.loop_repeats + 1)),
            key=lambda found: (found[0] * found[1] if _loop(found[0], found[1], rules) else 0, -found[0]),
            default=(1, 1),
        )
        if _loop(length, times, rules):
            yield from range(at + length, at + length * times)
            at += length * times
        else:
            at += 1


def _loop(length: int, times: int, rules: GuardRules) -> bool:
    return times >= max(rules.loop_repeats, math.ceil(rules.loop_words / length))


def _times(said: Sequence[str], at: int, length: int) -> int:
    """How often the phrase of this length is said, one after the other."""
    phrase, times = said[at : at + length], 1
    while said[at + times * length : at + (times + 1) * length] == phrase:
        times += 1
    return times


def hasty(words: Sequence[Heard], voice: Sequence[Heard], rules: GuardRules) -> Iterator[int]:
    """Which words belong to three in a row, or to all there are, of more letters than can be said in that time."""
    size = min(3, len(words))
    wrong: set[int] = set()
    for first in range(len(words) - size + 1 if size else 0):
        three = words[first : first + size]
        letters = sum(len(plain(word)) for word in three) + size - 1
        if letters > rules.letters_per_s * (three[-1].end_s - three[0].start_s) + rules.letters:
            wrong.update(range(first, first + size))
    return iter(sorted(wrong))


def plain(word: Heard) -> str:
    """Its letters and digits."""
    return "".join(letter for letter in (word.text or "").casefold() if letter.isalnum() or letter == "'")


_WRONG: Mapping[Reason, Callable[[Sequence[Heard], Sequence[Heard], GuardRules], Iterator[int]]] = MappingProxyType(
    {"no voice": silent, "repeated": loops, "too fast": hasty}
)
"""In this order: a word is dropped for the first reason that holds."""
