"""The perceptual hashes of clips, as arrays."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

METRIC = "duplicate"
MIRROR = np.uint64(0xA2B86573126E5A28)  # bits that a mirrored picture turns: those of odd horizontal frequencies
_FIRST = np.uint64(1 << 63)  # one of them: the lowest

Hashes = NDArray[np.uint64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """N clips by id, and their K pictures side by side: those of clip i are `[first[i], first[i + 1])`."""

    clips: pl.Series  # [N] ids, sorted
    first: Indices  # [N + 1]
    hashes: Hashes  # [K]
    ms: NDArray[np.int32]  # [K] how long the clip shows each; at least 1

    @property
    def counts(self) -> Indices:
        """[N]: how many pictures each clip has."""
        return np.diff(self.first)

    @property
    def owners(self) -> NDArray[np.uint32]:
        """[K]: whose each picture is."""
        return np.repeat(np.arange(len(self.clips), dtype=np.uint32), self.counts)

    @property
    def total_ms(self) -> NDArray[np.float64]:
        """[N]: the time that all pictures of a clip take."""
        return np.add.reduceat(np.append(self.ms, 0), self.first[:-1], dtype=np.float64) * (self.counts > 0)

    def of(self, chosen: Indices) -> "Fingerprints":
        """chosen: [n], ascending. Those clips alone."""
        inside = np.zeros(len(self.clips), np.bool_)
        inside[chosen] = True
        pictures = np.repeat(inside, self.counts)
        first = np.concatenate([[0], np.cumsum(self.counts[chosen])])
        return Fingerprints(self.clips.gather(chosen), first, self.hashes[pictures], self.ms[pictures])


def fingerprints(scores: pl.LazyFrame) -> Fingerprints:
    """Read the `duplicate` metric, whose detail is `{"frames": ["<16 hex digits>", ...], "ms": [...]}`."""
    shape = pl.Struct({"frames": pl.List(pl.String), "ms": pl.List(pl.Int32)})
    rows = (
        scores.filter(pl.col("metric") == METRIC, pl.col("detail").is_not_null())
        .select("clip_id", pl.col("detail").str.json_decode(shape).struct.unnest())
        .sort("clip_id")
        .collect()
    )
    first = np.concatenate([[0], rows["frames"].list.len().cast(pl.Int64).cum_sum().to_numpy()])
    pictures = rows.lazy().select("frames", "ms").explode("frames", "ms").drop_nulls().select(
        pl.col("frames").str.to_integer(base=16, dtype=pl.UInt64), pl.col("ms").clip(1)
    ).collect()  # fmt: skip
    return Fingerprints(rows["clip_id"], first, pictures["frames"].to_numpy(), pictures["ms"].to_numpy())


def upright(hashes: Hashes) -> Hashes:
    """The same hash for a picture and its mirror image."""
    return np.where(hashes & _FIRST, hashes ^ MIRROR, hashes)


def far(a: Hashes, b: Hashes) -> NDArray[np.uint8]:
    """Bits in which two pictures differ, or one and the other mirrored, whichever are fewer."""
    differ = a ^ b
    return np.asarray(np.minimum(np.bitwise_count(differ), np.bitwise_count(differ ^ MIRROR)))
