"""Sentences, words and stretches of speech among the sounds, put together to utterances."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.clip import Sound

PAUSE_US = 800_000
QUOTED = {"pocketsphinx": 0.9}
"""Score of a sentence (0..1) from which its words are known, by engine; of one not named here they are.

PocketSphinx is sure of wrong words too: of 16 sentences of real speech none is right, and the best scores 0.88.
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance: its sentence (None: only words were heard), its words in order, or the bare stretch."""

    sentence: Sound | None
    words: tuple[Sound, ...]
    stretch: Sound | None = None

    @property
    def rows(self) -> tuple[Sound, ...]:
        own = self.sentence or self.stretch
        return ((own,) if own else ()) + self.words

    @property
    def start_us(self) -> int:
        return min(row.start_us for row in self.rows)

    @property
    def end_us(self) -> int:
        return max(row.end_us for row in self.rows)

    @property
    def text(self) -> str | None:
        """What was said; None where it is not known, or not well enough to be quoted."""
        if self.sentence is not None and self.sentence.text:
            return self.sentence.text if _quotable(self.sentence) else None
        return " ".join(word.text for word in self.words if word.text) or None

    @property
    def speaker(self) -> str | None:
        """Who says it; None where nobody knows, or its words are of several."""
        own = self.sentence or self.stretch
        if own is not None and own.speaker:
            return own.speaker
        found = {word.speaker for word in self.words}
        return found.pop() if len(found) == 1 else None


def speaker_name(speaker: str) -> str:
    """How prose calls a speaker: those that were told apart by a number are "Speaker 2", others have a name."""
    return f"Speaker {speaker}" if speaker.isdecimal() else speaker


def _quotable(sentence: Sound) -> bool:
    least = QUOTED.get(sentence.engine.partition(" ")[0])
    return least is None or sentence.score is None or sentence.score >= least


def _in_time(rows: Sequence[Sound], kind: str) -> list[Sound]:
    return sorted((row for row in rows if row.kind == kind), key=lambda row: (row.start_us, row.end_us, row.sound_id))


def _middle_in(word: Sound, line: Sound) -> bool:
    return line.start_us <= (word.start_us + word.end_us) // 2 < line.end_us


def _runs(words: list[Sound]) -> Iterator[tuple[Sound, ...]]:
    run: list[Sound] = []
    for word in words:
        if run and word.start_us - run[-1].end_us > PAUSE_US:
            yield tuple(run)
            run = []
        run.append(word)
    if run:
        yield tuple(run)


def lines(sounds: Sequence[Sound]) -> tuple[Line, ...]:
    """Utterances in order of time. Words without a sentence are joined across pauses under 0.8 s; a stretch of speech
    counts only where no word was heard in it."""
    words = [word for word in _in_time(sounds, "word") if word.text]
    result: list[Line] = []
    used: set[str] = set()
    for sentence in (row for row in _in_time(sounds, "sentence") if row.text):
        own = tuple(word for word in words if word.sound_id not in used and _middle_in(word, sentence))
        used.update(word.sound_id for word in own)
        result.append(Line(sentence, own))
    result.extend(Line(None, run) for run in _runs([word for word in words if word.sound_id not in used]))
    for stretch in _in_time(sounds, "speech"):
        if not any(line.start_us < stretch.end_us and stretch.start_us < line.end_us for line in result):
            result.append(Line(None, (), stretch))
    return tuple(sorted(result, key=lambda line: line.start_us))
