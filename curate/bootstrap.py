"""What a sample says of the whole, with an interval: clusters of it are drawn again (Efron, Tibshirani 1993).

Percentiles of the draws are too near to each other where clusters are few, so they are taken farther out (Hesterberg
2015).
"""

from collections.abc import Iterator
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Figures = NDArray[np.float64]

FEWEST = 8
"""Clusters that an interval is made of: of fewer, one of 95 % holds the truth less than nine times in ten."""
_AT_ONCE = 1 << 24


def weights(clusters: int, draws: int, seed: int) -> Iterator[Figures]:
    """How often each cluster is drawn: [some draws, clusters], a part at a time."""
    random = np.random.default_rng(seed)
    some = max(1, _AT_ONCE // clusters)
    for begin in range(0, draws, some):
        drawn = random.multinomial(clusters, np.full(clusters, 1 / clusters), size=min(some, draws - begin))
        yield drawn.astype(np.float64)


def interval(values: Figures, level: float, clusters: int) -> tuple[float, float] | None:
    """The middle of so much of the values, which are drawn from so many clusters; None where these are too few."""
    known = values[np.isfinite(values)]
    if clusters < FEWEST or not len(known):
        return None
    tail = NormalDist().cdf(-sqrt(clusters / (clusters - 1)) * _student((1 + level) / 2, clusters - 1))
    return float(np.quantile(known, tail)), float(np.quantile(known, 1 - tail))


def _student(share: float, freedom: int) -> float:
    """A quantile of Student's distribution, from that of the normal one (Cornish, Fisher 1938; 1 % off at 7)."""
    z = NormalDist().inv_cdf(share)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return z + (z**3 + z) / (4 * freedom) + second
