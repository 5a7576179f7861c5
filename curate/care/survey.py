"""What an audit has to look at: places against the listing, and a task for each object that is there."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from curate.care.audit import FileTask, ShardTask
from curate.care.finding import Damage
from curate.care.orphans import Listing
from curate.care.places import SHARDED, Place, places
from curate.storage.files import files
from curate.storage.lake import Lake

BATCH_ROWS = 4_000_000
"""Places that are held in memory at once, about half a gigabyte."""


@dataclass(frozen=True, slots=True)
class Doubles:
    """The same bytes stored more than once: by workers that fetched them at the same time."""

    owners: int
    bytes: int  # beyond the first of each


def file_tasks(lake: Lake, held: Listing) -> Iterator[FileTask | Damage]:
    """A task for each file of a table's current version, or the damage that its listing shows."""
    sizes = {one.path: one.size for one in held.files}
    for file in files(lake.delta(held.table)):
        path = f"{held.table}/{file.path}"
        size = sizes.get(path)
        if size is None and lake.blobs.find(path) is None:  # it may have been written since the listing
            yield Damage("missing", held.table, path, None, f"the log has it, with {file.rows} rows")
        elif size is not None and size != file.size:
            yield Damage("truncated", held.table, path, None, f"{size} bytes, the log says {file.size}")
        else:
            yield FileTask(held.table, path, file.size, file.rows)


def shard_tasks(lake: Lake, held: Listing) -> Iterator[ShardTask | Damage]:
    """A task for each shard that rows refer to; the damage of places in shards that are missing or too short."""
    if held.table not in SHARDED:
        return
    everything = places(lake, held.table)
    batches = 1 + everything.select(pl.len()).collect().item() // BATCH_ROWS
    sizes = pl.DataFrame(
        {"shard": [one.path for one in held.shards], "size": [one.size for one in held.shards]},
        schema={"shard": pl.String, "size": pl.Int64},
    )
    for batch in range(batches):
        part = everything.filter(pl.col("shard").hash(0) % batches == batch).collect()
        for (shard,), group in (
            part.join(sizes, on="shard", how="left").sort("shard", "offset").group_by("shard", maintain_order=True)
        ):
            yield from _shard(lake, held.table, str(shard), group)


def _shard(lake: Lake, table: str, shard: str, group: pl.DataFrame) -> Iterator[ShardTask | Damage]:
    size = group["size"][0]
    if size is None and (found := lake.blobs.find(shard)):  # it may have been written since the listing
        size = found.size
    inside = []
    for place in group.select("offset", "length", "owner", "sha256", "checksum").iter_rows():
        offset, length, owner, *_ = place
        if size is None:
            yield Damage("missing", table, shard, owner, f"{length} bytes at {offset}")
        elif offset + length > size:
            yield Damage("truncated", table, shard, owner, f"{length} bytes at {offset}, the shard has {size}")
        else:
            inside.append(Place(*place))
    if inside:
        yield ShardTask(table, shard, size, tuple(inside))


def doubles(lake: Lake, table: str) -> Doubles:
    """How much is stored more than once."""
    held = places(lake, table).filter(pl.col("sha256").is_not_null()).group_by("owner")
    more = held.agg(pl.len(), pl.col("length").first()).filter(pl.col("len") > 1)
    found = more.select(pl.len(), (pl.col("length") * (pl.col("len") - 1)).sum()).collect()
    return Doubles(*found.row(0))


def undead(lake: Lake) -> list[str]:
    """Sources that were taken down, and of which there are media: a takedown that was not finished."""
    gone = lake.scan("sources").filter("tombstone").select(input_id="source_id").unique()
    return sorted(lake.scan("media").select("input_id").unique().join(gone, on="input_id").collect()["input_id"])
