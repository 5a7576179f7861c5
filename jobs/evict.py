"""Caches give their space back: bytes that can be made again go, and what is known of them stays.

A row of `latents` or `embeddings` stays without its place, so nothing is encoded again until a plan needs it
(`recall.py`). A proxy's row goes too: the next run makes it, if its recipe still asks for it.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from curate.care.places import TENSORS
from curate.care.removal import Doomed, in_shards, remove_rows
from curate.errors import UsageError
from curate.storage.lake import Lake
from jobs.job import Snapshot
from jobs.takedown import REMAKES

CACHES = ("latents", "embeddings", "proxies")
"""Tables whose bytes are made from others."""

AT_ONCE = 2000
"""Shards of one commit: what stays in them is in memory while they are written anew."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which bytes of a table go."""

    table: str
    encoder: str | None = None  # as in `latents`; of embeddings the name too, without the digits of the contract
    unused_by_plans: bool = False  # only what no stored plan reads
    older_than_h: int | None = None  # only what was made so many hours ago

    def __post_init__(self) -> None:
        if self.table not in CACHES:
            raise UsageError(f"{self.table!r} is no cache; these are: {', '.join(CACHES)}")
        if self.table not in TENSORS and self.encoder is not None:
            raise UsageError(f"{self.table} are of no encoder: leave out --encoder")


@dataclass(frozen=True, slots=True)
class Evicted:
    """What was removed, or would be."""

    table: str
    rows: int
    bytes: int
    shards: int  # that are removed or written anew


def preview(lake: Lake, choice: Choice) -> Evicted:
    """What would go."""
    place = [pl.col("blob").struct.field(name) for name in ("shard", "offset", "length")]
    rows = lake.scan(choice.table).filter(_where(lake, choice)).select(*place)
    held = rows.unique().select(pl.col("length").sum(), pl.col("shard").n_unique())
    count, (size, shards) = rows.select(pl.len()).collect().item(), held.collect().row(0)
    return Evicted(choice.table, count, size, shards)


def evict(lake: Lake, choice: Choice) -> Evicted:
    """Remove the bytes; killed between two commits, it goes on when it is run again."""
    before, where, rows = preview(lake, choice), _where(lake, choice), 0
    shards: set[str] = set()
    for some in _shards(lake, choice, where):
        doomed = Doomed(choice.table, where & in_shards(choice.table, some), rows_stay=choice.table in TENSORS)
        removed = remove_rows(lake, doomed, REMAKES[choice.table])
        lake.blobs.delete(removed.shards)
        rows += removed.rows
        shards |= set(removed.shards)
    return Evicted(choice.table, rows, before.bytes, len(shards))


def evicted(snapshot: Snapshot) -> Iterator[tuple[str, int]]:
    """Table, and of how many of the rows that a recipe asks for the bytes are not there any more."""
    for table in (name for name in TENSORS if name in snapshot.fingerprints):
        gone = snapshot.all_payload(table).filter(pl.col("blob").is_null())
        if count := gone.select(pl.len()).collect().item():
            yield table, count


def _shards(lake: Lake, choice: Choice, where: pl.Expr) -> Iterator[list[str]]:
    named = lake.scan(choice.table).filter(where).select(pl.col("blob").struct.field("shard").unique())
    found = sorted(named.collect()["shard"])
    for start in range(0, len(found), AT_ONCE):
        yield found[start : start + AT_ONCE]


def _where(lake: Lake, choice: Choice) -> pl.Expr:
    """Rows whose bytes are there and go."""
    where = pl.col("blob").is_not_null() & (pl.col("outputs") > 0)
    if choice.encoder is not None:
        named = pl.col("encoder") == choice.encoder
        where &= named | pl.col("encoder").str.starts_with(f"{choice.encoder}@")
    if choice.older_than_h is not None:
        where &= pl.col("made_us") <= (time.time_ns() // 1000 - choice.older_than_h * 3_600_000_000)
    if choice.unused_by_plans and choice.table in TENSORS:  # a plan reads no proxy
        where &= ~pl.col("content_key").is_in(sorted(_read_by_plans(lake, choice.table)))
    return where


def _read_by_plans(lake: Lake, table: str) -> set[str]:
    """The content keys that some stored plan reads."""
    slots = lake.scan("plans")
    if table == "latents":
        both = [slots.select(key=name) for name in ("content_key", "audio_content_key")]
        return set(pl.concat(both).drop_nulls().unique().collect()["key"])
    records = lake.scan("plan_records").filter(pl.col("text_encoder").is_not_null())
    of = records.select("plan_hash", encoder="text_encoder").unique()
    read = slots.join(of, on="plan_hash").select("caption_id", "variant", "encoder").unique()
    rows = lake.scan("embeddings").filter(pl.col("blob").is_not_null())
    told = rows.join(read, on=["caption_id", "variant", "encoder"], how="semi")
    empty = rows.filter(pl.col("variant") == "none").join(of, on="encoder", how="semi")
    return set(pl.concat([told, empty]).select("content_key").unique().collect()["content_key"])
