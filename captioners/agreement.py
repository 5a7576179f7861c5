"""The same speech by two engines: whose words are kept, and how far both agree."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from captioners.guards import plain
from captioners.heard import Heard
from captioners.speech import sentence

WORDS, TIMES = "word_agreement", "word_time_agreement"
SAME_TIME_S = 0.08
PAUSE_S = 0.8
ENDS = ".?!…。？！"


def settled(
    spans: Sequence[Heard], own: Sequence[Heard], others: Sequence[Heard], part_s: tuple[float, float]
) -> list[Heard]:
    """What is said in a part of a context: words of a model where it wrote any in a span of speech, else embedded ones.

    own: words and sentences of the part, by an embedded engine. others: words of the whole context, by a model; a
    sentence of it stands for words whose times are not known, and counts only where the part holds all of it.
    Where the embedded engine wrote words, in the language of the model, rows say how far they agree, and what it wrote.
    """
    begin_s, stop_s = part_s
    here = [one for one in others if begin_s <= one.middle_s < stop_s]
    words = [one for one in here if one.kind == "word"]
    whole = [one for one in here if one.kind == "sentence" and begin_s <= one.start_s and one.end_s <= stop_s]
    settled = [one for one in here if one.kind not in ("word", "sentence")] + whole + [*sentences(words), *words]
    settled += [one for one in own if one.kind not in ("word", "sentence")]
    for span in spans:
        mine = [one for one in own if one.kind in ("word", "sentence") and span.holds(one)]
        theirs = [one for one in words if _nearest(one, spans) is span]
        said = [one for one in mine if one.kind == "word"]
        if not theirs and not any(one.holds(span) for one in whole):
            settled += mine
        if said:
            settled += agreement(span, said, theirs, others)
    return settled


def agreement(span: Heard, mine: Sequence[Heard], theirs: Sequence[Heard], others: Sequence[Heard]) -> Iterator[Heard]:
    """How far two engines agree on the words of a span, and on the times of those that both wrote; 0..1.

    Words: 1 less the word error rate, by the longer of both. Times: the share of starts within 80 ms of each other.
    """
    other = next(iter(theirs or others), mine[0])
    if other.language != mine[0].language:
        return
    engines = ", ".join(dict.fromkeys([other.engine, mine[0].engine]))
    text = " ".join(word.text or "" for word in mine)
    errors, pairs = matched([plain(word) for word in theirs], [plain(word) for word in mine])
    row = Heard("agreement", span.start_s, span.end_s, engines, text=text, label=WORDS, language=other.language)
    yield replace(row, score=1 - errors / max(len(mine), len(theirs)))
    if pairs:
        apart_s = [abs(theirs[i].start_s - mine[k].start_s) for i, k in pairs]
        yield replace(row, label=TIMES, score=float(np.mean(np.asarray(apart_s) <= SAME_TIME_S)))


def matched(one: Sequence[str], other: Sequence[str]) -> tuple[int, list[tuple[int, int]]]:
    """The least number of words to put in, leave out or change, and which are the same (Levenshtein)."""
    cost = np.zeros((len(one) + 1, len(other) + 1), np.int64)
    cost[:, 0], cost[0, :] = np.arange(len(one) + 1), np.arange(len(other) + 1)
    for i, word in enumerate(one, 1):
        for k, another in enumerate(other, 1):
            cost[i, k] = min(cost[i - 1, k - 1] + (word != another), cost[i - 1, k] + 1, cost[i, k - 1] + 1)
    pairs = []
    i, k = len(one), len(other)
    while i and k:
        same = one[i - 1] == other[k - 1]
        if cost[i, k] == cost[i - 1, k - 1] + (not same):
            i, k = i - 1, k - 1
            if same:
                pairs.append((i, k))
        elif cost[i, k] == cost[i - 1, k] + 1:
            i -= 1
        else:
            k -= 1
    return int(cost[-1, -1]), pairs[::-1]


def sentences(words: Sequence[Heard]) -> Iterator[Heard]:
    """Words joined to sentences: they end with a full stop, a pause of 0.8 s, another speaker or another language."""
    run: list[Heard] = []
    for word in words:
        if run and _ends(run[-1], word):
            yield sentence(run)
            run = []
        run.append(word)
    if run:
        yield sentence(run)


def _ends(word: Heard, following: Heard) -> bool:
    stop = (word.text or "").rstrip("\"'”’)]»").endswith(tuple(ENDS))
    another = (word.speaker, word.language) != (following.speaker, following.language)
    return stop or another or following.start_s - word.end_s > PAUSE_S


def _nearest(word: Heard, spans: Sequence[Heard]) -> Heard | None:
    def apart_s(span: Heard) -> float:
        return max(span.start_s - word.middle_s, word.middle_s - span.end_s, 0.0)

    return min(spans, key=apart_s, default=None)
