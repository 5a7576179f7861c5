"""Which of two captioners is better: the same questions of the same clips, with intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from captioners.check.bootstrap import MEASURES, drawn, names_of, share, shares, sums_of
from curate.bootstrap import interval
from schemas.caption import Axis


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure on one axis: of A, of B, and B less A with its interval. None where nothing was asked or answered.

    There is no interval, and so none that is better, where too few media tell.
    """

    axis: str
    measure: str
    asked: int
    first: float | None
    second: float | None
    low: float | None
    high: float | None

    @property
    def better(self) -> str | None:
        """ "A" or "B" where the interval leaves out 0; less contradiction is better."""
        if self.low is None or self.high is None or self.low <= 0 <= self.high:
            return None
        return "B" if (self.low > 0) != (self.measure == "contradiction") else "A"


def compared(
    first: Mapping[str, Sequence[Axis]],
    second: Mapping[str, Sequence[Axis]],
    media_of: Mapping[str, str],
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> list[Difference]:
    """Axes by clip id of two captioners; only clips that both have retold count. "all" first, then by axis."""
    clips = sorted(first.keys() & second.keys())
    both = [{clip: one[clip] for clip in clips} for one in (first, second)]
    media, names = sorted({media_of[clip] for clip in clips}), names_of(axes for one in both for axes in one.values())
    sums = np.stack([sums_of(one, media_of, media, names) for one in both])
    draw = drawn(sums, draws, seed)
    found = []
    for at, name in enumerate(names):
        whole = sums[:, :, at].sum(axis=1)
        for measure in MEASURES:
            values = [share(whole[side], measure) for side in (0, 1)]
            media_of_it = int(np.isfinite(shares(sums[:, :, at], measure)).all(axis=0).sum())
            apart = interval(shares(draw[1, :, at], measure) - shares(draw[0, :, at], measure), level, media_of_it)
            low, high = apart if apart and None not in values else (None, None)
            found.append(Difference(name, measure, int(whole[0, 0]), values[0], values[1], low, high))
    return found
