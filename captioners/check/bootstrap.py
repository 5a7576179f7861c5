"""Shares of questions over a corpus, with intervals: how many are answered, right, contradicted; how many can be seen.

Clips of one media are alike, so media are drawn again (a cluster bootstrap; Efron, Tibshirani 1993). Percentiles of the
draws are too near to each other where media are few, so they are taken farther out (Hesterberg 2015).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from schemas.caption import Axis

Figures = NDArray[np.float64]

ALL = "all"
MEASURES = ("coverage", "accuracy", "contradiction")
SEEN = ("seen", "gap")
"""`seen`: what one who sees gets right of what it is asked. `gap`: by how much that is more than what the captions get
right of the same questions; it is what could be told and is not."""
FEWEST = 8
"""Media that an interval is made of: of fewer, one of 95 % holds the truth less than nine times in ten."""
_WEIGHTS_AT_ONCE = 1 << 24
_COUNTS = 7


def names_of(axes: Iterable[Iterable[Axis]]) -> list[str]:
    """ "all" first, then each axis by name."""
    return [ALL, *sorted({axis.axis for some in axes for axis in some})]


def sums_of(
    axes: Mapping[str, Sequence[Axis]], media_of: Mapping[str, str], media: Sequence[str], names: Sequence[str]
) -> Figures:
    """[media, names, 7]: the counts of all that belongs to a media, `axes` being by what `media_of` knows."""
    rows, columns = {one: at for at, one in enumerate(media)}, {one: at for at, one in enumerate(names)}
    sums = np.zeros((len(media), len(names), _COUNTS))
    for key, some in axes.items():
        for axis in some:
            counts = (
                axis.asked, axis.answered, axis.right, axis.contradicted, axis.seen, axis.seen_right, axis.seen_told
            )  # fmt: skip
            for name in (ALL, axis.axis):
                sums[rows[media_of[key]], columns[name]] += counts
    return sums


def drawn(sums: Figures, draws: int, seed: int) -> Figures:
    """sums: [side, media, names, 7] -> [side, draws, names, 7], over media that are drawn with replacement.

    All sides are judged by the same draw: what is hard for both does not blur their difference.
    """
    if not sums.shape[1]:
        return sums[:, :0]
    return np.concatenate([*_some(sums, draws, seed)], axis=1)


def _some(sums: Figures, draws: int, seed: int) -> Iterator[Figures]:
    random = np.random.default_rng(seed)
    count = sums.shape[1]
    some = max(1, _WEIGHTS_AT_ONCE // count)
    for begin in range(0, draws, some):
        weights = random.multinomial(count, np.full(count, 1 / count), size=min(some, draws - begin))
        yield np.asarray(np.einsum("dm,smak->sdak", weights.astype(np.float64), sums, optimize=True))


def shares(sums: Figures, measure: str) -> Figures:
    """sums: [..., 7]; NaN where there is nothing to divide by."""
    asked, answered, right, wrong, seen, seen_right, seen_told = np.moveaxis(sums, -1, 0)
    parts = {
        "coverage": (answered, asked),
        "accuracy": (right, answered),
        "contradiction": (wrong, asked),
        "seen": (seen_right, seen),
        "gap": (seen_right - seen_told, seen),
    }
    return _over(*parts[measure])


def share(sums: Figures, measure: str) -> float | None:
    """The same of one row of counts; None where there is nothing to divide by."""
    value = float(shares(sums, measure))
    return None if np.isnan(value) else value


def interval(values: Figures, level: float, media: int) -> tuple[float, float] | None:
    """The middle of so much of the values, which are drawn from so many media; None where these are too few."""
    known = values[np.isfinite(values)]
    if media < FEWEST or not len(known):
        return None
    tail = NormalDist().cdf(-sqrt(media / (media - 1)) * _student((1 + level) / 2, media - 1))
    return float(np.quantile(known, tail)), float(np.quantile(known, 1 - tail))


def _student(share: float, freedom: int) -> float:
    """A quantile of Student's distribution, from that of the normal one (Cornish, Fisher 1938; 1 % off at 7)."""
    z = NormalDist().inv_cdf(share)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return z + (z**3 + z) / (4 * freedom) + second


def _over(above: Figures, below: Figures) -> Figures:
    return np.asarray(np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0))
