"""A prose read sentence by sentence."""

import dataclasses
import re
from collections.abc import Iterator
from functools import lru_cache

from captioners.check.reader import drift, picture, quotes, sounds
from captioners.check.reader.said import Reading, Said
from captioners.check.reader.sentences import Sentence, sentences
from captioners.check.reader.times import Given, assign, stamps, without_lengths

_BACK = re.compile(r"^\s*(?:it|this|that|they|these|those|the latter)\b")


@lru_cache(maxsize=256)
def read(prose: str, names: frozenset[str] = frozenset()) -> Reading:
    """Everything that the prose says, as far as this reader understands it.

    `names` are of sounds that it would not know: a tagger has more of them than a lexicon.
    """
    said: list[Said] = []
    for sentence in sentences(prose):
        text, lengths = without_lengths(sentence.text)
        text, found = stamps(text)
        things = _things(sentence, text, names)
        given = dict(zip(things, assign(text, found, things), strict=True))
        new = list(_sentence(sentence, text, lengths, given, names))
        if not new and found and said and not said[-1].times and _BACK.match(text):
            said[-1] = dataclasses.replace(said[-1], times=tuple(stamp.time for stamp in found))
        said.extend(new)
    return Reading(tuple(said))


def _things(sentence: Sentence, text: str, names: frozenset[str]) -> list[tuple[int, int]]:
    """Where the things stand that a time may belong to; of two that overlap, the first."""
    found = [(quote.at, quote.at + 1) for quote in sentence.quotes]
    found += [(start, end) for start, end, _ in [*sounds.named(text, names), *picture.moves(text)]]
    places = [sounds.music_place(text), sounds.silence_place(text)]
    if not sentence.quotes:
        places.append(quotes.speech_place(text))
    found += [place for place in places if place]
    kept: list[tuple[int, int]] = []
    for place in sorted(found):
        if not kept or place[0] >= kept[-1][1]:
            kept.append(place)
    return kept


def _sentence(
    sentence: Sentence, text: str, lengths: list[float], given: Given, names: frozenset[str]
) -> Iterator[Said]:
    if sentence.quotes:
        yield from quotes.quotations(sentence, text, given)
    else:
        yield from quotes.unquoted(sentence, text, given)
    yield from picture.duration(lengths, text)
    yield from picture.frame(text)
    yield from picture.light(text)
    yield from picture.colours(text)
    yield from picture.camera(text, given)
    yield from picture.movement(text)
    yield from drift.drift(text)
    yield from sounds.events(text, given, names)
    yield from sounds.music(text, given)
    yield from sounds.silence(text, given)
    yield from sounds.loudness(text)
