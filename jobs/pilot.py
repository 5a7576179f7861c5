"""A pilot: the first few sources of a lake, and all that comes of them.

Ids of sources are hashes, so the first few of them are a uniform sample, and the same one each time: what a pilot has
done is a part of the whole, and a later run without it does the rest.
"""

from dataclasses import dataclass

import polars as pl

from curate.storage.lake import Lake
from jobs.job import Job
from schemas.tables import TABLES


@dataclass(frozen=True, slots=True)
class Pilot:
    """The first `sources` of a lake, in the order of their ids; those that were taken down are not counted."""

    sources: int

    def inputs(self, lake: Lake, job: Job) -> pl.LazyFrame:
        """The ids of the inputs of a job that come from these sources, as `id`."""
        first = alive(lake).sort("source_id").head(self.sources)
        if job.over == "sources":
            return first.select(id="source_id")
        media = media_sources(lake).join(first, on="source_id", how="semi").select("media_id").unique()
        return owned(lake, job).join(media, on="media_id", how="semi").select("id").unique()


def alive(lake: Lake, table: str = "sources", key: str = "source_id") -> pl.LazyFrame:
    """The keys of an untraced table that were not taken down."""
    stated = lake.scan(table).group_by(key).agg(pl.col("tombstone").any())
    return stated.filter(~pl.col("tombstone")).select(key)


def media_sources(lake: Lake) -> pl.LazyFrame:
    """`media_id, source_id`: a row for each source that a media came from."""
    return lake.scan("media").filter(pl.col("outputs") > 0).select("media_id", "source_id").unique()


def owned(lake: Lake, job: Job) -> pl.LazyFrame:
    """`id, media_id, span_us`: the inputs of a job over anything but sources, and the media that each is of.

    `span_us` is how long the clip lasts that an input is, or is of; null of a whole media.
    """
    frame = lake.scan(job.over)
    if TABLES[job.over].traced:
        frame = frame.filter(pl.col("fingerprint") == job.reads[job.over], pl.col("outputs") > 0)
    if "clip_id" not in TABLES[job.over].schema.names:
        return frame.select(id=job.key, media_id="media_id", span_us=pl.lit(None, pl.Int64))
    span = [pl.col("clip_id").str.extract(r"/(\d+)-(\d+)$", group).cast(pl.Int64) for group in (1, 2)]
    return frame.select(id=job.key, media_id=pl.col("clip_id").str.extract(r"^([^/]*)/"), span_us=span[1] - span[0])
