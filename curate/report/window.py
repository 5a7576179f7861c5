"""The stretch of time that a drawing shows, and where things lie in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.clip import Clip


@dataclass(frozen=True, slots=True)
class Window:
    """`[start_us, end_us)` drawn from 0 to 100 %."""

    start_us: int
    end_us: int

    def percent(self, at_us: int) -> float:
        return round(100 * (at_us - self.start_us) / max(1, self.end_us - self.start_us), 3)

    def meets(self, start_us: int, end_us: int) -> bool:
        return start_us < self.end_us and max(end_us, start_us + 1) > self.start_us

    def place(self, start_us: int, end_us: int) -> tuple[float, float]:
        """Left edge and width of a span, cut off at the window's ends."""
        left = self.percent(max(start_us, self.start_us))
        return left, round(max(0.0, self.percent(min(end_us, self.end_us)) - left), 3)


def around(clip: Clip, media_end_us: int) -> Window:
    """A clip with a little of what comes before and after, so that the cuts at its ends can be seen."""
    pad = min(1_000_000, max(150_000, (clip.end_us - clip.start_us) // 12))
    return Window(max(0, clip.start_us - pad), max(clip.end_us, min(clip.end_us + pad, media_end_us)))


def pack(spans: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """A row for each span, so that none overlaps another in its row; rows are as few as can be."""
    rows: list[int] = []  # where each row is free again
    chosen = [0] * len(spans)
    for i in sorted(range(len(spans)), key=lambda i: spans[i]):
        start, end = spans[i]
        row = next((r for r, free in enumerate(rows) if free <= start), len(rows))
        if row == len(rows):
            rows.append(end)
        rows[row] = max(end, rows[row])
        chosen[i] = row
    return tuple(chosen)
