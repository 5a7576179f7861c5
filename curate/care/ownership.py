"""Which rows, files and shards hold something of a media."""

import tarfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import IO

import polars as pl
from polars.exceptions import PolarsError

from curate.care.finding import Orphan
from curate.care.removal import holds
from curate.errors import LakeError
from curate.storage.lake import Lake
from schemas.tables import TABLES


def made_from(table: str, media: Collection[str]) -> pl.Expr:
    """Rows of a table that were made from one of these media, failures included.

    Their key begins with the media's id; that of a row without a payload, whose input is a caption or a review, does
    not, and it has nothing else: `lost_captions` and `told_of` find it.
    """
    names = TABLES[table].schema.names
    keys = [pl.col(name) for name in ("media_id", "clip_id", "input_id") if name in names]
    return pl.coalesce(keys).str.split("/").list.first().is_in(list(media)).fill_null(value=False)


def owner_column(table: str) -> str | None:
    """The column of a table whose values begin with a media's id; None where it has none."""
    return next((name for name in ("media_id", "clip_id") if name in TABLES[table].schema.names), None)


def lost_captions(lake: Lake, table: str) -> list[str]:
    """Inputs of rows without a payload, of a table over captions, whose caption is not there any more."""
    bare = lake.scan(table).filter(pl.col("outputs") == 0).select("input_id").unique()
    there = lake.scan("captions").select(input_id="caption_id").drop_nulls().unique()
    return sorted(bare.join(there, on="input_id", how="anti").collect()["input_id"])


def told_of(lake: Lake, media: Collection[str]) -> list[str]:
    """The captions and reviews of these media: what other captions are made of, or are not."""
    captions = lake.scan("captions").filter(made_from("captions", media)).select("caption_id").drop_nulls()
    reviews = lake.scan("reviews").filter(made_from("reviews", media)).select("review_id")
    return sorted({*captions.collect()["caption_id"], *reviews.collect()["review_id"]})


def is_of(lake: Lake, orphan: Orphan, where: pl.Expr, media: Collection[str], shards: Collection[str]) -> bool:
    """Whether an orphan holds something of these media: rows for which `where` is true, or a member of a shard.

    One of `shards` does; so does one that cannot be read, for all that is known. One that is gone meanwhile does not.
    """
    try:
        if orphan.kind == "shard":
            return orphan.path in shards or shard_holds(lake, orphan, media)
        return holds(lake, orphan.path, where)
    except (LakeError, OSError, PolarsError):
        return lake.blobs.find(orphan.path) is not None


def shard_holds(lake: Lake, orphan: Orphan, media: Collection[str]) -> bool:
    """Whether a shard, or what a killed writer left of a tar shard, has a member of one of these media."""
    if orphan.path.endswith(".parquet"):
        return holds(lake, orphan.path, pl.col("clip_id").str.split("/").list.first().is_in(list(media)))
    if orphan.kind == "staged" and lake.blobs.folder is not None:
        with suppress(FileNotFoundError), (lake.blobs.folder / orphan.path).open("rb") as file:
            return any(owner in media for owner in _owners(file))
        return False  # it was finished meanwhile
    with lake.blobs.open(orphan.path) as file:
        return any(owner in media for owner in _owners(file))


def _owners(file: IO[bytes]) -> Iterator[str]:
    """The media that a tar has members of, as far as it can be read."""
    with suppress(tarfile.TarError), tarfile.open(fileobj=file, mode="r:") as tar:
        for member in tar:
            yield member.name.partition(".")[0].partition("/")[0]
