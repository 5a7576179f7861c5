"""From a sample of sources to all of them: amounts, each with what it would have been of other samples.

An amount is a chain of ratios: so many sources, times media of a source, times clips of a media, times bytes of a clip.
Each ratio is over what its own job has worked on, so a job that is half done tells of the whole as well; of a pilot
that is done, the chain is the plain mean of a source times the number of sources. All ratios are drawn by the same
sources, so that long sources are long in every one of them.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from curate.bootstrap import Figures, interval, weights

DRAWS = 2000
GROUPS = 2000
"""More sources than this are drawn in groups: sums of many vary as much, by clusters of one or of a thousand."""
FEW = 30
"""Sources of which an interval is to be taken with care: one among them that is unlike the others tells too much."""


@dataclass(frozen=True, slots=True, eq=False)
class Amount:
    """An amount, and the same of samples that are drawn again.

    draws: [1 + DRAWS], the amount itself first; NaN where a draw does not tell. sources: how many tell of it. known: it
    is no guess.
    """

    draws: Figures
    sources: int
    known: bool = False

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.draws + other.draws, min(self.sources, other.sources), self.known and other.known)

    def __mul__(self, factor: "float | Amount") -> "Amount":
        if isinstance(factor, Amount):
            sources, known = min(self.sources, factor.sources), self.known and factor.known
            return Amount(self.draws * factor.draws, sources, known)
        return Amount(self.draws * factor, self.sources, self.known)

    @property
    def value(self) -> float:
        return float(self.draws[0])

    def interval(self, level: float = 0.95) -> tuple[float, float] | None:
        """Where the true amount lies in so many of a hundred samples.

        None where too few sources tell, or all are alike: drawn again, they show nothing of those that are not.
        """
        if self.known:
            return self.value, self.value
        edges = interval(self.draws[1:], level, self.sources)
        return None if edges is None or np.isclose(*edges, rtol=1e-9, atol=0.0) else edges

    def settled(self, share: float, inside: bool) -> "Amount":
        """A ratio, where such a share of the inputs that it is for was worked on.

        `inside`: these are part of the whole, and what is known of it needs no guess (Cochran 1977, ch. 2). Otherwise
        the whole is another one, which varies beside the sample.
        """
        known = inside and share > 1 - 1e-9
        factor = 0.0 if known else sqrt(1 - share if inside else 1 + share)
        return Amount(self.draws[0] + factor * (self.draws - self.draws[0]), self.sources, known)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Sources, drawn again and again. weights: [1 + DRAWS, groups], the sample itself first; group: [sources]."""

    weights: Figures
    group: NDArray[np.int64]

    @classmethod
    def of(cls, sources: int, seed: int = 0) -> "Sample":
        """Sources in an order that says nothing of them, as that of their ids."""
        groups = max(1, min(sources, GROUPS))
        drawn = np.concatenate([np.ones((1, groups)), *weights(groups, DRAWS, seed)])
        return cls(drawn, np.arange(sources) % groups)

    @property
    def sources(self) -> int:
        return len(self.group)

    def sums(self, column: Figures) -> Figures:
        """column: [sources] -> its sum in each draw, [1 + DRAWS]."""
        return np.asarray(self.weights @ np.bincount(self.group, column, self.weights.shape[1]))

    def ratio(self, above: Figures, below: Figures) -> Figures:
        """The sum of one column over that of another, in each draw; NaN where there is nothing to divide by."""
        top, bottom = self.sums(above), self.sums(below)
        return np.asarray(np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0))
