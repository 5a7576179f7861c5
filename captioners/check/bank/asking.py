"""One clip under questioning."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from captioners.check.bank.rules import Rules
from captioners.check.question import Kind, Question, Topic
from captioners.evidence import Evidence
from schemas.clip import Clip, Sound


@dataclass(frozen=True, slots=True)
class Subject:
    """The evidence of one clip and the rules by which it is asked about."""

    evidence: Evidence
    rules: Rules

    @property
    def id(self) -> str:
        return self.evidence.clip.clip_id

    @property
    def clip(self) -> Clip:
        return self.evidence.clip

    def seconds(self, time_us: int) -> float:
        """Seconds from the start of the clip."""
        return (time_us - self.clip.start_us) / 1e6

    def sounds(self, *kinds: str) -> list[Sound]:
        """The sounds of some kinds, in order of time; those that are too unsure are left out."""
        rows = [row for row in self.evidence.sounds or () if row.kind in kinds and self.sure(row.score)]
        return sorted(rows, key=lambda row: (row.start_us, row.end_us, row.sound_id))

    def sure(self, score: float | None) -> bool:
        """Whether a row of this score is asked about."""
        return score is None or score >= self.rules.sure

    def ask(  # noqa: PLR0913  the fields of a question
        self,
        axis: str,
        kind: Kind,
        topic: Topic,
        text: str,
        truth: str,
        evidence: tuple[str, ...],
        *,
        about: tuple[str, ...] = (),
        options: tuple[str, ...] = (),
        tolerance: float | None = None,
        span: tuple[int, int] | None = None,
    ) -> Question:
        """A question about a span, or about all the clip."""
        start_us, end_us = span or (self.clip.start_us, self.clip.end_us)
        return Question(axis, kind, topic, text, truth, start_us, end_us, evidence, about, options, tolerance)


def pick(key: str, among: Sequence[str], number: int) -> list[str]:
    """`number` of `among`, the same for the same key."""
    return sorted(among, key=lambda item: hashlib.sha256(f"{key}\n{item}".encode()).digest())[:number]


def shuffled(key: str, options: Sequence[str]) -> tuple[str, ...]:
    """The options in an order that says nothing of the truth."""
    return tuple(pick(key, options, len(options)))


def ordinal(number: int) -> str:
    """ "1st", "2nd", "3rd"."""
    tail = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{tail}"
