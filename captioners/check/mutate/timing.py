"""Errors in when things happen."""

import re

from captioners.check.judge import names
from captioners.check.mutate.mutation import Broken, Edit, Victim, in_quotation
from captioners.check.question import plain
from captioners.check.reader.read import read
from captioners.check.reader.said import Said, SaidTopic
from captioners.check.reader.sentences import sentences_verbatim

SHIFT_S = 1.5
_NUMBER = r"(?<![\d:.])(\d+(?:\.\d+)?)"
_UNIT = r"\s*s(?:ec(?:ond)?s?)?\b"
_SPAN = re.compile(rf"{_NUMBER}((?:{_UNIT})?\s*(?:to|and|until|till|-|–)\s*){_NUMBER}(?={_UNIT})|{_NUMBER}(?={_UNIT})")
_AXES: dict[SaidTopic, str] = {
    "event": "event", "text": "text", "utterance": "speech", "word": "speech", "speech": "speech", "music": "music",
    "silence": "loudness",
}  # fmt: skip


def _times(sentence: str) -> list[re.Match[str]]:
    """The times that stand outside quotations."""
    return [match for match in _SPAN.finditer(sentence) if not in_quotation(sentence, match.start())]


def _timed(victim: Victim, said: Said) -> bool:
    """Whether the time of this is asked."""
    if said.topic == "event":
        return ("event_time", (said.value or "", "1")) in victim.asked
    if said.topic == "text":
        asked = [plain(about[0]) for topic, about in victim.asked if topic == "text_time"]
        return plain(said.value or "") in asked
    if said.topic == "music":
        return victim.asks("music_time")
    if said.topic == "silence":
        return victim.asks("silence_time")
    return victim.asks("speech_time") if said.topic in {"utterance", "speech"} else victim.asks("word_time")


def shifted_time(victim: Victim) -> Broken | None:
    """Something happens 1.5 s later, or earlier where the clip ends before."""
    choices = []
    for topic, axis in _AXES.items():
        choices += [(sentence, axis) for sentence, said in victim.saying(topic) if _timed(victim, said)]
    choices = [(sentence, axis) for sentence, axis in choices if _times(sentence)]
    if not choices:
        return None
    sentence, axis = victim.random.choice(choices)
    match = victim.random.choice(_times(sentence))
    first = float(match.group(1) or match.group(4))
    last = float(match.group(3) or first)
    length = victim.it.seconds(victim.it.clip.end_us)
    step = -SHIFT_S if last + SHIFT_S > length and first >= SHIFT_S else SHIFT_S
    new = f"{first + step:.2f}" + (f"{match.group(2)}{last + step:.2f}" if match.group(3) else "")
    return (Edit(sentence, sentence[: match.start()] + new + sentence[match.end() :]),), axis


def reversed_order(victim: Victim) -> Broken | None:
    """Two things that follow each other change places."""
    pairs = [about for topic, about in victim.asked if topic == "order"]
    for first, second in victim.random.sample(sorted(pairs), len(pairs)):
        one, other = _first_time(victim, first), _first_time(victim, second)
        if one and other and one[0] != other[0]:
            return (Edit(one[0], _put(one, other)), Edit(other[0], _put(other, one))), "order"
    return None


def _first_time(victim: Victim, name: str) -> tuple[str, re.Match[str]] | None:
    """The sentence that tells, surely or not, when a thing is first there, and where in it."""
    topic, _, value = name.partition(":")
    topics: tuple[SaidTopic, ...] = ("utterance", "speech") if topic == "speech" else (topic,)  # type: ignore[assignment]
    found: list[tuple[float, str, re.Match[str] | None]] = []
    for each in topics:
        for sentence in sentences_verbatim(victim.row.caption.dense):
            for said in read(sentence, names(victim.row.evidence)).of(each):
                if (
                    said.times
                    and not said.absent
                    and not said.other
                    and (not value or plain(said.value or "") == plain(value))
                ):
                    start = min(time.start_s for time in said.times)
                    hits = [m for m in _times(sentence) if abs(float(m.group(1) or m.group(4)) - start) < 0.01]
                    found.append((start, sentence, next(iter(hits), None)))
    _, sentence, match = min(found, key=lambda each: each[0], default=(0.0, "", None))
    return (sentence, match) if match else None


def _put(target: tuple[str, re.Match[str]], source: tuple[str, re.Match[str]]) -> str:
    """The target's sentence with the source's time in the place of its own."""
    sentence, match = target
    start = float(source[1].group(1) or source[1].group(4))
    text = f"{start:.2f}"
    if match.group(3):
        lasts = float(match.group(3)) - float(match.group(1))
        text += f"{match.group(2)}{start + lasts:.2f}"
    return sentence[: match.start()] + text + sentence[match.end() :]
