"""What several sentences say of the same things, put together: how often, when, in which order."""

from captioners.check.question import plain, spoken
from captioners.check.reader.said import Reading, Said, Time

SAME_S = 0.15
"""Two times of one thing that are nearer than this are one time."""


def _merged(times: list[Time]) -> list[Time]:
    kept: list[Time] = []
    for time in sorted(times, key=lambda time: time.start_s):
        if not kept or time.start_s - kept[-1].start_s >= SAME_S:
            kept.append(time)
    return kept


def _events(reading: Reading, label: str) -> list[Said]:
    return [item for item in reading.of("event") if item.value == label]


def event_times(reading: Reading, label: str) -> list[Time]:
    """When a sound is heard, in order; a time that is said twice counts once."""
    known: list[tuple[Time, float | None]] = []
    for item in _events(reading, label):
        known += [(time, item.number) for time in item.times if not _known(time, item.number, known)]
    return sorted((time for time, _ in known), key=lambda time: time.start_s)


def event_count(reading: Reading, label: str) -> int | None:
    """How often a sound is heard; None where the prose leaves it open."""
    said = _events(reading, label)
    if not said:
        told = reading.none_of("event", label) or reading.closed("event") or reading.none_of("sound")
        return 0 if told else None
    total = 0
    known: list[tuple[Time, float | None]] = []
    for item in said:
        again = bool(item.times) and all(_known(time, item.number, known) for time in item.times)
        if total and (again or (item.definite and not item.times)):
            continue
        if item.count is None:
            return None
        total += item.count
        known += [(time, item.number) for time in item.times]
    return total


def _known(time: Time, pitch_hz: float | None, known: list[tuple[Time, float | None]]) -> bool:
    """Whether it was told before; two pitches are two sounds."""
    return any(
        abs(time.start_s - other.start_s) < SAME_S and (None in (pitch_hz, pitch) or pitch == pitch_hz)
        for other, pitch in known
    )


def _in_order(said: list[Said]) -> list[Said]:
    if all(item.times for item in said):
        return sorted(said, key=lambda item: item.times[0].start_s)
    return said


def transcript(reading: Reading) -> list[str]:
    """The words that are spoken, in order: of the sentences, or of single words where there is no sentence."""
    said = reading.of("utterance") or reading.of("word")
    return [word for item in _in_order(said) for word in spoken(item.value or "")]


def word_start(reading: Reading, word: str, nth: int) -> float | None:
    """When a word is said for the nth time; the first word of a sentence starts with it."""
    times = sorted(t.start_s for item in reading.of("word") if spoken(item.value or "") == [word] for t in item.times)
    if not times:
        for item in reading.of("utterance"):
            words = spoken(item.value or "")
            if item.times and words and words[0] == word:
                times.append(item.times[0].start_s)
        if transcript(reading).count(word) != len(times):
            return None
    return times[nth - 1] if nth <= len(times) else None


def speech_times(reading: Reading) -> list[Time]:
    """When somebody speaks, in order."""
    return _merged([t for item in [*reading.of("utterance"), *reading.of("speech")] for t in item.times])


def place(reading: Reading, name: str) -> tuple[float | None, int] | None:
    """When a thing is first there, and where the prose first names it.

    The name: "event:knock", "text:EXIT", "speech", "music".
    """
    topic, _, value = name.partition(":")
    hits = [(index, item) for index, item in enumerate(reading.said) if _is(item, topic, value)]
    if not hits:
        return None
    starts = [time.start_s for _, item in hits for time in item.times]
    return (min(starts) if starts else None), hits[0][0]


def _is(item: Said, topic: str, value: str) -> bool:
    if item.absent or item.other:
        return False
    if topic == "speech":
        return item.topic in {"utterance", "word", "speech"}
    return item.topic == topic and (not value or plain(item.value or "") == plain(value))
