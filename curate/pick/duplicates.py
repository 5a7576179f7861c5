"""Groups of near-duplicates, from the perceptual hashes of sampled frames."""

from collections.abc import Iterator
from itertools import combinations, pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.pick.policy import Duplicates

METRIC = "duplicate"
_NEIGHBOURS = 8
_FEW = 1 << 18


def duplicate_groups(scores: pl.LazyFrame, rule: Duplicates) -> pl.DataFrame:
    """`clip_id, group` of each clip that has a near-duplicate; a group is named by its first clip id.

    Reads the `duplicate` metric, whose detail is `{"frames": ["<16 hex digits>", ...]}`. Candidates share a part of a
    hash (locality-sensitive hashing: parts as in Manku, Jain, Sarma 2007), so the cost is that of sorting the frames;
    each is then tested on all its frames. Near-duplicates of near-duplicates are of one group.
    """
    clips, frames = _frames(scores)
    if frames.is_empty():
        return pl.DataFrame(schema={"clip_id": pl.String, "group": pl.String})
    hashes, owners = frames["hash"].to_numpy(), frames["clip"].to_numpy()
    pairs = _close_pairs(frames, _candidates(hashes, owners, rule.bits), rule)
    labels = components(len(clips), pairs[0], pairs[1])
    table = pl.DataFrame({"clip_id": clips, "group": clips.gather(labels)})
    return table.filter(pl.len().over("group") > 1)


def _frames(scores: pl.LazyFrame) -> tuple[pl.Series, pl.DataFrame]:
    """Clip ids in order; and `clip` (index), `frame`, `hash` of each distinct frame."""
    detail = pl.col("detail").str.json_decode(pl.Struct({"frames": pl.List(pl.String)})).struct.field("frames")
    rows = (
        scores.filter(pl.col("metric") == METRIC, pl.col("detail").is_not_null())
        .select("clip_id", detail.list.unique().alias("hash"))
        .sort("clip_id")
        .with_row_index("clip")
        .collect()
    )
    frames = rows.select("clip", "hash").explode("hash", empty_as_null=False).drop_nulls().with_row_index("frame")
    return rows["clip_id"], frames.with_columns(pl.col("hash").str.to_integer(base=16, dtype=pl.UInt64))


def _masks(frames: int) -> Iterator[np.uint64]:
    """Parts of a 64-bit hash: few and short for few frames, more and longer for many, so that few share one."""
    blocks, taken = (4, 1) if frames < _FEW else (5, 2)
    edges = [round(64 * i / blocks) for i in range(blocks + 1)]
    parts = [(1 << high) - (1 << low) for low, high in pairwise(edges)]
    for chosen in combinations(parts, taken):
        yield np.uint64(sum(chosen))


def _candidates(hashes: NDArray[np.uint64], owners: NDArray[np.uint32], bits: int) -> NDArray[np.uint64]:
    """Pairs of clips of which two frames are close and share a part, as `low << 32 | high`, each once.

    Of the many clips that show one common frame (black, a logo), those that show little else are neighbours.
    """
    frames = np.bincount(owners)[owners]
    found = [np.empty(0, np.uint64)]
    for mask in _masks(len(hashes)):
        part = hashes & mask
        order = np.lexsort((owners, frames, hashes, part))
        part, ordered, clips = part[order], hashes[order], owners[order].astype(np.uint64)
        for step in range(1, min(_NEIGHBOURS, len(order) - 1) + 1):
            close = (part[step:] == part[:-step]) & (np.bitwise_count(ordered[step:] ^ ordered[:-step]) <= bits)
            a, b = clips[:-step][close], clips[step:][close]
            pairs = np.minimum(a, b) << np.uint64(32) | np.maximum(a, b)
            found.append(np.unique(pairs[a != b]))
    return np.unique(np.concatenate(found))


def _close_pairs(
    frames: pl.DataFrame, pairs: NDArray[np.uint64], rule: Duplicates
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pairs of which enough frames, counted over both clips, are close to a frame of the other clip."""
    counts = np.bincount(frames["clip"].to_numpy())
    low, high = (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)
    pair = np.arange(len(pairs))
    both = pl.LazyFrame(
        {
            "pair": np.concatenate([pair, pair]),
            "one": np.concatenate([low, high]),
            "other": np.concatenate([high, low]),
        }
    )
    typed = frames.lazy().with_columns(pl.col("clip").cast(pl.Int64))
    far = (pl.col("hash") ^ pl.col("hash_right")).bitwise_count_ones()
    close = (
        both.join(typed, left_on="one", right_on="clip")
        .join(typed.select("clip", "hash"), left_on="other", right_on="clip")
        .group_by("pair", "frame")
        .agg(far.min().alias("far"))
        .group_by("pair")
        .agg((pl.col("far") <= rule.bits).sum().alias("close"))
        .collect()
    )
    matched = np.zeros(len(pairs))
    matched[close["pair"].to_numpy()] = close["close"].to_numpy()
    enough = matched >= rule.share * (counts[low] + counts[high]) - 1e-9
    return low[enough], high[enough]


def components(nodes: int, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
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
