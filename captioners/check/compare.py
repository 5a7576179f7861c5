"""Which of two captioners is better: the same questions of the same clips, with intervals.

Clips of one media are alike, so media are drawn again (a cluster bootstrap with percentile intervals; Efron, Tibshirani
1993), and both captioners are judged by the same draw: what is hard for both does not blur the difference.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.caption import Axis

Figures = NDArray[np.float64]
Counts = tuple[int, int, int, int]
"""Asked, answered, right, contradicted."""

MEASURES = ("coverage", "accuracy", "contradiction")
ALL = "all"
_WEIGHTS_AT_ONCE = 1 << 24


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure on one axis: of A, of B, and B less A with its interval. None where nothing was asked or answered."""

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
    media = {name: at for at, name in enumerate(sorted({media_of[clip] for clip in clips}))}
    names = [ALL, *sorted({axis.axis for one in (first, second) for clip in clips for axis in one[clip]})]
    sums = np.zeros((2, len(media), len(names), 4))
    for side, one in enumerate((first, second)):
        for clip in clips:
            _add(sums[side, media[media_of[clip]]], one[clip], names)
    drawn = np.concatenate([*_drawn(sums, draws, seed)] if media else [sums[:, :0]], axis=1)
    tail = (1 - level) / 2
    found = []
    for at, name in enumerate(names):
        whole = sums.sum(axis=1)
        for measure in MEASURES:
            values = [_share(whole[side, at], measure) for side in (0, 1)]
            apart = _shares(drawn[1, :, at], measure) - _shares(drawn[0, :, at], measure)
            apart = apart[np.isfinite(apart)]
            known = None not in values and len(apart)
            low, high = (float(edge) for edge in np.quantile(apart, (tail, 1 - tail))) if known else (None, None)
            found.append(Difference(name, measure, int(whole[0, at, 0]), values[0], values[1], low, high))
    return found


def _add(row: Figures, axes: Iterable[Axis], names: list[str]) -> None:
    for axis in axes:
        counts = (axis.asked, axis.answered, axis.right, axis.contradicted)
        row[names.index(axis.axis)] += counts
        row[0] += counts


def _drawn(sums: Figures, draws: int, seed: int) -> Iterable[Figures]:
    """[2, d, axes, 4]: the sums over media that are drawn with replacement, some draws at a time."""
    random = np.random.default_rng(seed)
    count = sums.shape[1]
    some = max(1, _WEIGHTS_AT_ONCE // count)
    for begin in range(0, draws, some):
        weights = random.multinomial(count, np.full(count, 1 / count), size=min(some, draws - begin))
        yield np.asarray(np.einsum("dm,smak->sdak", weights.astype(np.float64), sums, optimize=True))


def _shares(sums: Figures, measure: str) -> Figures:
    """sums: [..., 4]; NaN where there is nothing to divide by."""
    asked, answered, right, wrong = np.moveaxis(sums, -1, 0)
    parts = {"coverage": (answered, asked), "accuracy": (right, answered), "contradiction": (wrong, asked)}
    above, below = parts[measure]
    return np.asarray(np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0))


def _share(sums: Figures, measure: str) -> float | None:
    value = float(_shares(sums, measure))
    return None if np.isnan(value) else value
