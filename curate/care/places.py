"""Where the rows of a lake say that bytes lie."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

import polars as pl

from curate.storage.lake import Lake
from schemas.media import Blob
from schemas.tables import TABLES

SHARDED = ("media", "proxies", "latents", "embeddings")
"""Tables whose bytes lie in shards."""

TENSORS = ("latents", "embeddings")
"""Those of them whose shards are Parquet."""

OWNERS: Mapping[str, str] = MappingProxyType(
    {"proxies": "clip_id", "latents": "content_key", "embeddings": "content_key"}
)
"""The column that names whose bytes they are, of tables whose rows have a hash; of `media`, the id is the hash."""

_BLOB = {one.name: pl.col("blob").struct.field(one.name).alias(one.name) for one in fields(Blob)}


@dataclass(frozen=True, slots=True)
class Place:
    """Bytes `[offset, offset + length)` of one shard, and what they must be."""

    offset: int
    length: int
    owner: str  # media_id, also of a sidecar; clip_id of a proxy; content_key of a tensor
    sha256: str | None  # None: a sidecar, of which there is the checksum alone
    checksum: str


def places(lake: Lake, table: str) -> pl.LazyFrame:
    """Each place once: columns of its blob, owner, sha256, input_id (of one of the rows that refer to it)."""
    rows = lake.scan(table).filter(pl.col("outputs") > 0)
    if table in OWNERS:
        return _once(rows.select(*_BLOB.values(), "sha256", "input_id", owner=OWNERS[table]))
    bodies = rows.select(*_BLOB.values(), "input_id", owner="media_id", sha256="media_id")
    beside = rows.select("input_id", "sidecars", owner="media_id").explode("sidecars").drop_nulls("sidecars")
    sidecars = beside.with_columns(blob=pl.col("sidecars").struct.field("blob")).select(
        *_BLOB.values(), "input_id", "owner", sha256=pl.lit(None, pl.String)
    )
    return _once(pl.concat([bodies, sidecars], how="diagonal"))


def _once(frame: pl.LazyFrame) -> pl.LazyFrame:
    key = (*_BLOB, "owner", "sha256")
    return frame.drop_nulls("shard").group_by(key).agg(pl.col("input_id").min())


def shards(lake: Lake, table: str) -> set[str]:
    """The shards that rows refer to; in memory are their names, not the places."""
    rows = lake.scan(table).filter(pl.col("outputs") > 0)
    parts = [rows.select("blob")]
    if "sidecars" in TABLES[table].schema.names:
        beside = rows.select(pl.col("sidecars").explode()).drop_nulls()
        parts.append(beside.select(blob=pl.col("sidecars").struct.field("blob")))
    named = pl.concat(parts).select(_BLOB["shard"]).drop_nulls().unique()
    return set(named.collect(engine="streaming")["shard"])
