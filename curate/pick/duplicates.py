"""Groups of near-duplicates: one is kept, and each of the others resembles that one."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.pick.fingerprints import Fingerprints, Indices
from curate.pick.neighbours import candidates
from curate.pick.overlap import Closeness, overlap_ms
from curate.pick.policy import Duplicates

_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Likenesses:
    """Which clips are like which."""

    prints: Fingerprints  # of the clips that are like another
    edges: Indices  # [2, E]


def likenesses(prints: Fingerprints, rule: Duplicates) -> Likenesses:
    """All that there are, whatever may be kept."""
    a, b = candidates(prints, rule.bits)
    same = alike(prints, a, b, rule)
    nodes, ends = np.unique(np.concatenate([a[same], b[same]]), return_inverse=True)
    return Likenesses(prints.of(nodes), ends.reshape(2, -1))


def groups(like: Likenesses, ranking: pl.DataFrame, rule: Duplicates) -> pl.DataFrame:
    """`clip_id, first, group` of each clip that has a near-duplicate.

    ranking: `clip_id, rank` of the clips that may be kept; the lowest rank is the best. `group` is the kept clip that
    this one resembles, or itself where it is kept for others; null where there is no such clip. `first` names all that
    near-duplicates of near-duplicates lead to by its first clip, whatever is kept.
    """
    ids = like.prints.clips
    known = ids.to_frame("clip_id").join(ranking, on="clip_id", how="left", maintain_order="left")
    ranks = known["rank"].cast(pl.Int64).fill_null(_NEVER).to_numpy()
    group = pl.Series(kept_for_each(like.prints, like.edges, ranks, rule)).replace(-1, None)
    firsts = components(len(ids), like.edges[0], like.edges[1])
    return pl.DataFrame({"clip_id": ids, "first": ids.gather(firsts), "group": ids.gather(group)})


def alike(prints: Fingerprints, a: Indices, b: Indices, rule: Duplicates) -> NDArray[np.bool_]:
    """Which pairs are like each other for enough of the time of both together."""
    mine, theirs = overlap_ms(prints, a, prints, b, Closeness(rule.single_bits, rule.bits))
    total = prints.total_ms
    return np.asarray(mine + theirs >= rule.share * (total[a] + total[b]))


def kept_for_each(prints: Fingerprints, edges: Indices, ranks: Indices, rule: Duplicates) -> Indices:
    """edges: [2, E] between clips that are alike. For each clip the one that is kept for it (or itself), or -1.

    Of all that hangs together the best is kept and what is like it goes with it; what is left, and still hangs
    together, is dealt with in the same way. So a chain of likenesses does not melt into one group, and each clip that
    is dropped is like the one that is kept. Clips that may not be kept tie nothing together.
    """
    keepers = np.full(len(ranks), -1)
    alive = ranks < _NEVER
    left = edges[:, alive[edges].all(axis=0)]
    while left.size:
        members = np.unique(left)
        heads = _best_of_each(components(len(ranks), *left), ranks)[members]
        same = alike(prints, members, heads, rule)
        keepers[members[same]], keepers[heads] = heads[same], heads
        alive[members[same]] = alive[heads] = False
        left = left[:, alive[left].all(axis=0)]
    for one, other in (edges, edges[::-1]):
        loose = (ranks[one] == _NEVER) & (ranks[other] < _NEVER)
        members, heads = one[loose], np.where(keepers[other] < 0, other, keepers[other])[loose]
        same = alike(prints, members, heads, rule)
        keepers[members[same]], keepers[heads[same]] = heads[same], heads[same]
    return keepers


def _best_of_each(labels: Indices, ranks: Indices) -> Indices:
    """For each node, the node of least rank with its label."""
    order = np.lexsort((ranks, labels))
    starts = np.diff(labels[order], prepend=-1) != 0
    best = np.empty(len(labels), np.int64)
    best[labels[order[starts]]] = order[starts]
    return best[labels]


def components(nodes: int, a: Indices, b: Indices) -> Indices:
    """For each node, the smallest node that edges a[i] - b[i] connect it to: [nodes]."""
    labels = np.arange(nodes, dtype=np.int64)
    while True:
        before = labels.copy()
        least = np.minimum(labels[a], labels[b])
        for end in (a, b):
            np.minimum.at(labels, before[end], least)
            np.minimum.at(labels, end, least)
        labels = labels[labels]
        if np.array_equal(labels, before):
            return labels
