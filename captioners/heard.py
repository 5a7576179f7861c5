"""One thing heard, before it is a row: what every listener gives."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.clip import SoundKind, Trend


@dataclass(frozen=True, slots=True)
class Part:
    """A `schemas.clip.MusicPart` in seconds from the first sample."""

    start_s: float
    end_s: float
    trend: Trend


@dataclass(frozen=True, slots=True)
class Heard:
    """A `schemas.clip.Sound` in seconds from the first sample, without the clip it belongs to."""

    kind: SoundKind
    start_s: float
    end_s: float
    engine: str
    text: str | None = None
    label: str | None = None
    score: float | None = None
    speaker: str | None = None
    language: str | None = None
    pitch_hz: float | None = None
    tempo_bpm: float | None = None
    key: str | None = None
    beats_s: tuple[float, ...] = ()
    metre: int | None = None
    downbeats_s: tuple[float, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s

    @property
    def middle_s(self) -> float:
        return (self.start_s + self.end_s) / 2

    def holds(self, other: "Heard") -> bool:
        """Whether the middle of the other lies in this."""
        return self.start_s <= other.middle_s < self.end_s

    def covered_by(self, others: "Iterable[Heard]") -> float:
        """The share of this span, 0..1, that lies inside `others`."""
        inside, reached = 0.0, self.start_s
        for other in sorted(others, key=lambda one: one.start_s):
            end_s = min(self.end_s, other.end_s)
            inside += max(0.0, end_s - max(reached, other.start_s))
            reached = max(reached, end_s)
        return inside / self.duration_s
