"""How often a clip is read: its weight, and the share of its cut in a mix."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from curate.chance import draw, uniform

_COPIES = 0
"""Purpose of the draw that says which clips of a fraction come first."""


def rates(
    weights: NDArray[np.float64], cuts: NDArray[np.int16], sizes: NDArray[np.int64], shares: Sequence[float],
    epoch_of: Literal["longest", "shortest"],
) -> NDArray[np.float64]:  # fmt: skip
    """Readings of each clip in an epoch, [clips], so that cuts come in their shares.

    sizes: [clips] of a reading, 1 for shares of samples. Within a cut, clips are read in the ratio of their weights.
    """
    held = np.bincount(cuts, weights * sizes, len(shares))
    lengths = held / np.array(shares)  # of an epoch that reads this cut just once
    length = lengths.max() if epoch_of == "longest" else lengths.min()
    often: NDArray[np.float64] = weights * (length / lengths)[cuts]
    return often


def own_phases(keys: NDArray[np.uint64], seed: int) -> NDArray[np.float64]:
    """When a clip of a fractional rate has its turn, in [0, 1): by chance, whatever other clips there are."""
    return uniform(_words(keys, seed)[0])


def even_phases(
    keys: NDArray[np.uint64],
    seed: int,
    cuts: NDArray[np.int16],
    buckets: NDArray[np.int16],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The same, spread evenly over the clips of one cut, bucket and weight, in random order.

    n clips of rate r then have round(n r) readings in the first epoch, round(2 n r) in the first two, and so on.
    """
    _, kind = np.unique(weights, return_inverse=True)
    stratum = (cuts.astype(np.int64) * (int(buckets.max(initial=0)) + 1) + buckets) * (
        int(kind.max(initial=0)) + 1
    ) + kind
    words = _words(keys, seed)
    order = np.lexsort((words[0].astype(np.uint64) << np.uint64(32) | words[1], stratum))
    _, starts, counts = np.unique(stratum[order], return_index=True, return_counts=True)
    place = np.arange(len(keys)) - np.repeat(starts, counts)
    phases = np.empty(len(keys))
    phases[order] = (place + 0.5) / np.repeat(counts, counts)
    return phases


def _words(keys: NDArray[np.uint64], seed: int) -> NDArray[np.uint32]:
    return draw(seed, keys, 0, np.full(len(keys), _COPIES, np.uint32))[:2]
