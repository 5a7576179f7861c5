"""Shares of questions over a corpus, with intervals: how many are answered, right, contradicted; how many can be seen.

Clips of one media are alike, so media are drawn again (`curate/bootstrap.py`).
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from curate.bootstrap import Figures, weights
from schemas.caption import Axis

ALL = "all"
MEASURES = ("coverage", "accuracy", "contradiction")
SEEN = ("seen", "gap")
"""`seen`: what one who sees gets right of what it is asked. `gap`: by how much that is more than what the captions get
right of the same questions; it is what could be told and is not."""
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
    some = weights(sums.shape[1], draws, seed)
    return np.concatenate([np.einsum("dm,smak->sdak", part, sums, optimize=True) for part in some], axis=1)


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


def _over(above: Figures, below: Figures) -> Figures:
    return np.asarray(np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0))
