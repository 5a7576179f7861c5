"""Statements about what is written and what is said."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from captioners import certainty, degrees
from captioners.check.judge import turns
from captioners.check.judge.finding import Court, Finding, agrees
from captioners.check.question import plain, spoken
from captioners.check.reader.said import Said
from captioners.speech_lines import Line, lines
from schemas.clip import Text

NEAR = 0.04
"""So near to a line between two ninths of the picture, either is right."""


def text(court: Court, said: Said) -> Finding:
    rows = court.it.evidence.texts
    if rows is None:
        return "unverifiable"
    if said.other:
        named = {plain(item.value) for item in court.prose.of("text") if item.value}
        return agrees(all(plain(row.text) in named for row in rows if certainty.legible(row)))
    if said.value is None:
        return agrees(bool(rows) is not said.absent)
    same = [row for row in rows if plain(row.text) == plain(said.value or "")]
    if said.absent:
        return agrees(not same)
    if not same:
        doubt = any(not certainty.legible(row) and _alike(row.text, said.value) for row in rows)
        return "unverifiable" if doubt else "contradicted"
    slack = court.it.rules.text_time_s
    timed = all(any(court.covers(time, row.start_us, row.end_us, slack) for row in same) for time in said.times)
    return agrees(timed and (said.place is None or said.place in _places(same)))


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, plain(one), plain(other)).ratio() >= 0.6


def _places(rows: Sequence[Text]) -> set[str]:
    steps = (-NEAR, 0.0, NEAR)
    return {degrees.place(r.x + dx, r.y + dy, r.width, r.height) for r in rows for dx in steps for dy in steps}


def utterance(court: Court, said: Said) -> Finding:
    """The words must follow each other in what was heard, and at that time."""
    sounds = court.it.evidence.sounds
    if sounds is None:
        return "unverifiable"
    said_words, heard = spoken(said.value or ""), lines(sounds)
    own = [line for line in heard if _within(said_words, spoken(line.text or ""))]
    there = bool(own) or _within(said_words, [word for line in heard for word in spoken(line.text or "")])
    if said.absent:
        return agrees(not there)
    if not there:
        doubt = any(line.text is None or not all(court.it.sure(row.score) for row in line.rows) for line in heard)
        return "unverifiable" if doubt else "contradicted"
    if turns.wrong_speaker(court, said, own):
        return "contradicted"
    slack = court.it.rules.time_s
    if any(spoken(line.text or "") == said_words for line in own):
        return agrees(all(any(court.starts(time, line.start_us, slack) for line in own) for time in said.times))
    return agrees(all(any(_inside(court, time.start_s, line, slack) for line in own or heard) for time in said.times))


def _inside(court: Court, at_s: float, line: Line, slack_s: float) -> bool:
    return court.it.seconds(line.start_us) - slack_s <= at_s <= court.it.seconds(line.end_us) + slack_s


def _within(part: list[str], whole: list[str]) -> bool:
    return bool(part) and any(whole[at : at + len(part)] == part for at in range(len(whole) - len(part) + 1))


def word(court: Court, said: Said) -> Finding:
    sounds = court.it.evidence.sounds
    if sounds is None:
        return "unverifiable"
    rows = [row for row in sounds if row.kind == "word" and spoken(row.text or "") == spoken(said.value or "")]
    if not rows:
        return utterance(court, said)
    slack = court.it.rules.word_time_s
    return agrees(all(any(court.starts(time, row.start_us, slack) for row in rows) for time in said.times))


def speech(court: Court, said: Said) -> Finding:
    sounds = court.it.evidence.sounds
    if sounds is None:
        return "unverifiable"
    heard = lines(sounds)
    if said.absent or not heard:
        return agrees(bool(heard) is not said.absent)
    slack = court.it.rules.time_s
    return agrees(all(any(_inside(court, time.start_s, line, slack) for line in heard) for time in said.times))
