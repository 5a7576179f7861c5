"""Errors in what is heard."""

import re

from captioners.check.bank.sounds import NAMED, other_keys
from captioners.check.mutate.mutation import Broken, Edit, Victim, replaced
from captioners.check.reader.numbers import NUMBER, WORDS, number
from captioners.check.reader.sounds import COURSES
from captioners.phrase import article

_OPPOSITE = {
    "crescendo": "growing softer", "decrescendo": "growing louder", "quiet then loud": "loud and then quiet",
    "loud then quiet": "quiet and then loud",
}  # fmt: skip
_WORDS = {value: word for word, value in WORDS.items()}


def _labels(victim: Victim) -> set[str]:
    return {about[0] for topic, about in victim.asked if topic == "event"}


def dropped_sound(victim: Victim) -> Broken | None:
    """A sound or the music is not told."""
    asked = _labels(victim)
    choices = [(sentence, "event") for sentence, said in victim.saying("event") if said.value in asked]
    if victim.asks("any_music"):
        choices += [(sentence, "music") for sentence, _ in victim.saying("music")]
    if not choices:
        return None
    sentence, axis = victim.random.choice(choices)
    return (Edit(sentence, None),), axis


def invented_sound(victim: Victim) -> Broken | None:
    """A sound is told that nobody heard: of a new kind, or once more of a known one."""
    asked, clip = _labels(victim), victim.it.clip
    if not asked & set(NAMED) or victim.row.evidence.sounds is None:
        return None
    rows = [row for row in victim.row.evidence.sounds if row.kind == "event"]
    new = [label for label in NAMED if label in asked and all(row.label != label for row in rows)]
    label = victim.random.choice(new or sorted(asked & set(NAMED)))
    length = victim.it.seconds(clip.end_us)
    times = [step / 10 for step in range(int(length * 10))]
    starts = [victim.it.seconds(row.start_us) for row in rows]
    free = [time for time in times if all(abs(time - start) > 1.0 for start in starts)]
    if not free:
        return None
    return (Edit(None, f"{article(label).capitalize()} is heard at {victim.random.choice(free):.2f} s."),), "event"


def changed_count(victim: Victim) -> Broken | None:
    """A sound is heard once or twice more than it was."""
    asked = {about[0] for topic, about in victim.asked if topic == "event_count"}
    for sentence, said in victim.saying("event"):
        if said.value not in asked or said.count is None or said.count < 2:
            continue
        more = said.count + victim.random.choice([1, 2])
        told = rf"\b(?:{_WORDS.get(said.count, said.count)}|{said.count})\b(?!\s*\.?\d*\s*(?:hz|s\b))"
        new = replaced(sentence, told, _WORDS.get(more, str(more)))
        if new != sentence:
            return (Edit(sentence, new),), "event"
    return None


def wrong_tempo(victim: Victim) -> Broken | None:
    """The tempo is a quarter too high or a fifth too low."""
    if not victim.asks("tempo"):
        return None
    for sentence, said in victim.saying("music"):
        found = re.search(rf"({NUMBER})(?=\s*(?:bpm\b|beats? (?:per|a) minute))", sentence, re.IGNORECASE)
        if said.number is not None and found:
            wrong = number(found.group(1).lower()) * victim.random.choice([1.25, 0.8])
            return (Edit(sentence, sentence[: found.start()] + f"{wrong:.0f}" + sentence[found.end() :]),), "music"
    return None


def wrong_key(victim: Victim) -> Broken | None:
    """The music is in another key."""
    if not victim.asks("key"):
        return None
    for sentence, said in victim.saying("music"):
        if said.key:
            new = sentence.replace(said.key, victim.random.choice(other_keys(said.key)), 1)
            if new != sentence:
                return (Edit(sentence, new),), "music"
    return None


def wrong_metre(victim: Victim) -> Broken | None:
    """Three beats to a bar become four, all else three."""
    if not victim.asks("metre"):
        return None
    for sentence, said in victim.saying("music"):
        if said.metre is None:
            continue
        number = rf"(?:{_WORDS.get(said.metre, said.metre)}|{said.metre})"
        told = rf"\b{number}(?= beats? (?:to|in|per)\b)|\b{said.metre}(?=/4\b)|\bwaltz\b"
        wrong = 4 if said.metre == 3 else 3
        new = replaced(sentence, told, "4/4" if "waltz" in sentence else _WORDS[wrong])
        if new != sentence:
            return (Edit(sentence, new),), "music"
    return None


def wrong_dynamics(victim: Victim) -> Broken | None:
    """Music that grows louder grows softer, and the other way round."""
    if not victim.asks("dynamics"):
        return None
    for sentence, said in victim.saying("music"):
        if said.course in _OPPOSITE:
            new = replaced(sentence, COURSES[said.course].pattern, _OPPOSITE[said.course])
            if new != sentence:
                return (Edit(sentence, new),), "music"
    return None
