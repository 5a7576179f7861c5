"""One thing heard, before it is a row: what every listener gives."""

from dataclasses import dataclass

from schemas.clip import SoundKind


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
    language: str | None = None
    pitch_hz: float | None = None
    tempo_bpm: float | None = None
    key: str | None = None
    beats_s: tuple[float, ...] = ()

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s

    def covered_by(self, others: "list[Heard]") -> float:
        """The share of this span, 0..1, that lies inside `others`, which do not overlap each other."""
        inside = sum(max(0.0, min(self.end_s, other.end_s) - max(self.start_s, other.start_s)) for other in others)
        return inside / self.duration_s
