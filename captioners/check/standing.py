"""How the captions of a corpus stand: each measure of each axis, with its interval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from captioners.check.bootstrap import MEASURES, SEEN, drawn, interval, names_of, share, shares, sums_of
from schemas.caption import Axis


@dataclass(frozen=True, slots=True)
class Standing:
    """One measure on one axis, 0..1, and where it lies in 95 of 100 such corpora."""

    axis: str
    measure: str
    asked: int  # of those who see, where it is a measure of theirs
    value: float
    low: float
    high: float


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
            value, edges = share(whole, measure), interval(shares(draw[0, :, at], measure), level)
            if value is not None and edges is not None:
                asked = int(whole[4] if measure in SEEN else whole[0])
                found.append(Standing(name, measure, asked, value, *edges))
    return found
