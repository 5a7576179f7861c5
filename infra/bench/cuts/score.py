"""Precision, recall and F1 of found boundaries, per kind of the join that is there.

A boundary is one join when they overlap but for a slack: two frames for cuts and jumps, five for what takes frames.
One boundary is one join at most. Detectors that name no kinds are compared with others that do, so names do not count
here (`named` tells how often it is right); and a boundary that is no join is false for every kind: the precision of a
kind is that of a detector which was asked for this kind alone.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from infra.bench.cuts.reel import Join, Reel

SUDDEN = ("cut", "jump")
SLACK = {"cut": 2, "jump": 2}
GRADUAL_SLACK = 5


@dataclass(frozen=True, slots=True)
class Found:
    """A boundary that a detector found: frames `[start, end)`, and its kind where the detector has one."""

    start: int
    end: int
    kind: str | None = None


@dataclass
class Tally:
    """What one detector found of some reels."""

    true: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)
    named: int = 0
    false: int = 0
    cpu_s: float = 0.0

    def add(self, reel: Reel, found: Sequence[Found]) -> None:
        """Count one reel."""
        pairs = matched(reel.joins, found)
        self.true.update(join.kind for join in reel.joins)
        self.hits.update(reel.joins[a].kind for a, _ in pairs)
        self.named += sum(found[b].kind == reel.joins[a].kind for a, b in pairs)
        used = {b for _, b in pairs}
        rest = [one for b, one in enumerate(found) if b not in used]
        self.false += sum(
            not any(one.start <= end and one.end >= start for start, end in reel.open_ended) for one in rest
        )

    def precision(self, kinds: Iterable[str]) -> float:
        """Of what was found for these kinds, the share that is there; 0 where nothing was."""
        hits = sum(self.hits[kind] for kind in kinds)
        return hits / (hits + self.false) if hits else 0.0

    def recall(self, kinds: Sequence[str]) -> float:
        """Of what is there, the share that was found."""
        true = sum(self.true[kind] for kind in kinds)
        return sum(self.hits[kind] for kind in kinds) / true if true else 0.0

    def f1(self, kinds: Sequence[str]) -> float:
        """Their harmonic mean."""
        precision, recall = self.precision(kinds), self.recall(kinds)
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def touches(join: Join, one: Found) -> bool:
    """Whether a boundary is where a join is; a cut must be no longer than its slack."""
    slack = SLACK.get(join.kind, GRADUAL_SLACK)
    close = one.start <= join.end + slack and one.end >= join.start - slack
    return close and (join.kind not in SUDDEN or one.end - one.start <= 2 * slack)


def matched(joins: Sequence[Join], found: Sequence[Found]) -> list[tuple[int, int]]:
    """Indices of joins and of the boundaries that are them, the closest first."""
    pairs = [
        (abs(join.start + join.end - one.start - one.end), a, b)
        for a, join in enumerate(joins)
        for b, one in enumerate(found)
        if touches(join, one)
    ]
    taken: list[tuple[int, int]] = []
    for _, a, b in sorted(pairs):
        if all(a != other and b != another for other, another in taken):
            taken.append((a, b))
    return taken
