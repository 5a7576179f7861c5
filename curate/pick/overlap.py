"""For how long two clips show the same pictures."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from curate.pick.fingerprints import Fingerprints, Indices, far

_CHUNK = 1 << 21  # pictures compared at once

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Closeness:
    """How many bits two pictures may differ in: fewer where a clip has only few pictures to be known by."""

    single_bits: int
    bits: int

    def limits(self, pictures: Indices) -> Indices:
        """pictures: how many the clip with fewer has. Two bits more for each, up to `bits`."""
        return np.minimum(self.bits, self.single_bits + 2 * (pictures - 1))


def overlap_ms(
    one: Fingerprints, a: Indices, other: Fingerprints, b: Indices, closeness: Closeness
) -> tuple[Floats, Floats]:
    """[P], [P]: for how long clip `a[i]` of `one` is like some of clip `b[i]` of `other`, and the other way round."""
    combinations = np.cumsum(one.counts[a] * other.counts[b])
    chunks = np.searchsorted(combinations, np.arange(_CHUNK, combinations[-1] if len(a) else 0, _CHUNK))
    edges = np.unique([0, *chunks.tolist(), len(a)])
    parts = [_overlap(one, a[start:end], other, b[start:end], closeness) for start, end in pairwise(edges)]
    if not parts:
        return np.zeros(0), np.zeros(0)
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _overlap(
    one: Fingerprints, a: Indices, other: Fingerprints, b: Indices, closeness: Closeness
) -> tuple[Floats, Floats]:
    wide, high = one.counts[a], other.counts[b]
    cells = wide * high
    pair = np.repeat(np.arange(len(a)), cells)
    cell = np.arange(len(pair)) - np.repeat(np.cumsum(cells) - cells, cells)
    row, column = cell // high[pair], cell % high[pair]
    limits = closeness.limits(np.minimum(wide, high))
    close = far(one.hashes[one.first[a][pair] + row], other.hashes[other.first[b][pair] + column]) <= limits[pair]
    pair, row, column = pair[close], row[close], column[close]
    return _time(one, a, pair, row), _time(other, b, pair, column)


def _time(prints: Fingerprints, clips: Indices, pair: Indices, picture: Indices) -> Floats:
    """The time of the pictures, each counted once a pair: [P]."""
    counts = prints.counts[clips]
    start = np.cumsum(counts) - counts
    seen = np.zeros(counts.sum(), np.bool_)
    seen[start[pair] + picture] = True
    hit = np.flatnonzero(seen)
    owner = np.repeat(np.arange(len(clips)), counts)[hit]
    ms = prints.ms[prints.first[clips][owner] + hit - start[owner]]
    return np.bincount(owner, ms, len(clips)).astype(np.float64)
