"""How the captions of a corpus stand: each measure of each axis, with its interval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from captioners.check.bootstrap import MEASURES, SEEN, drawn, names_of, share, shares, sums_of
from curate.bootstrap import interval
from schemas.caption import Axis


@dataclass(frozen=True, slots=True)
class Standing:
    """One measure on one axis, 0..1, and where it lies in 95 of 100 such corpora.

    None where too few media tell, or all say the same: drawn again, they show nothing.
    """

    axis: str
    measure: str
    asked: int  # of those who see, where it is a measure of theirs
    value: float
    low: float | None
    high: float | None


def standing(
    axes: Mapping[str, Sequence[Axis]],
    media_of: Mapping[str, str],
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> list[Standing]:
    """Axes by caption, "all" first; what nothing was asked or answered of is left out."""
    media, names = sorted({media_of[key] for key in axes}), names_of(axes.values())
    sums = sums_of(axes, media_of, media, names)[None]
    draw = drawn(sums, draws, seed)
    found = []
    for at, name in enumerate(names):
        whole = sums[0, :, at].sum(axis=0)
        for measure in (*MEASURES, *SEEN):
            value = share(whole, measure)
            if value is None:
                continue
            media_of_it = int(np.isfinite(shares(sums[0, :, at], measure)).sum())
            edges = interval(shares(draw[0, :, at], measure), level, media_of_it)
            low, high = edges if edges and edges[0] < edges[1] else (None, None)
            asked = int(whole[4] if measure in SEEN else whole[0])
            found.append(Standing(name, measure, asked, value, low, high))
    return found
