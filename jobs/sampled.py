"""What the jobs of a recipe have made of each source: the columns that an estimate is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from curate.bootstrap import Figures
from curate.storage.lake import Lake
from jobs.job import Job
from jobs.pending import traces
from jobs.pilot import alive, owned
from schemas.tables import TABLES

CHUNK = 16 << 20
"""Bytes of a request: media are read and shards are written so much at a time (`curate/storage/blobs.py`)."""
MIB = 1 << 20
_SPENT = ("cpu_s", "gpu_s", "tokens_in", "tokens_out", "bytes_read")


@dataclass(frozen=True, eq=False)
class Sampled:
    """The sources that `fetch` has met, in the order of their ids, and the media that each was the first to bring.

    sources: `source_id, at`, the place of a source in every column. media: `media_id, at, size_bytes, duration_us`.
    """

    lake: Lake
    sources: pl.DataFrame
    media: pl.DataFrame
    fetched: pl.DataFrame  # at, size_bytes: of every source, those whose bytes were there as well

    @classmethod
    def of(cls, lake: Lake, fetch: Job) -> "Sampled":
        met = traces(lake, "media", fetch.fingerprint).select(source_id="id").unique()
        sources = met.join(alive(lake), on="source_id", how="semi").sort("source_id").with_row_index("at").collect()
        rows = lake.scan("media", fetch.fingerprint).filter(pl.col("outputs") > 0)
        named = rows.select("source_id", "media_id", "size_bytes", "duration_us").unique(["source_id", "media_id"])
        fetched = named.join(sources.lazy(), on="source_id").sort("at").collect()
        first = fetched.unique("media_id", keep="first", maintain_order=True)
        return cls(lake, sources, first.drop("source_id"), fetched.select("at", "size_bytes"))

    def column(self, rows: pl.DataFrame, of: pl.Expr | None = None) -> Figures:
        """The sum of an expression over the rows of each source, or how many there are: [sources]. rows: with `at`."""
        summed = rows.group_by("at").agg((pl.len() if of is None else of.sum()).cast(pl.Float64).alias("sum"))
        column = np.zeros(len(self.sources))
        column[summed["at"].to_numpy()] = summed["sum"].to_numpy()
        return column

    def inputs(self, job: Job) -> pl.DataFrame:
        """`id, at, media_id, size_bytes, seconds`: the inputs of a job that come of these sources."""
        if job.over == "sources":
            size = self.fetched.group_by("at").agg(pl.col("size_bytes").sum())
            rows = self.sources.join(size, on="at", how="left").with_columns(pl.col("size_bytes").fill_null(0))
            return rows.select("at", "size_bytes", id="source_id", media_id="source_id", seconds=pl.lit(0.0))
        rows = owned(self.lake, job).unique("id").collect().join(self.media, on="media_id")
        seconds = pl.coalesce("span_us", "duration_us", 0) / 1e6
        return rows.select("id", "at", "media_id", "size_bytes", seconds=seconds)


@dataclass(frozen=True, eq=False)
class Worked:
    """What one job has done, by source: columns [sources].

    What the ledger tells of the whole job is shared out among its inputs: what it used by how long they last, each a
    second longer than it does (of `fetch` by their bytes, each a MiB more); what it read by the media that it opened.
    """

    inputs: Figures  # that it has met, or never will, because another job has failed at them
    outputs: Figures
    failed: Figures
    stored_bytes: Figures  # in shards
    table_bytes: Figures
    gets: Figures  # of media: one for every `CHUNK`, as often as they were opened
    spent: Mapping[str, Figures]  # by column of the ledger
    idle_share: float | None  # of GPU seconds; None: there were none


def worked(sampled: Sampled, job: Job) -> Worked | None:
    """None where the job has not run on any of these sources."""
    met = _met(sampled, job)
    tried = met.filter(pl.col("attempts") > 0)
    if tried.is_empty():
        return None
    ledger = _ledger(sampled.lake, job, float(tried["attempts"].sum()))
    extra = pl.col("size_bytes") + MIB if job.over == "sources" else pl.col("seconds") + 1
    weight = sampled.column(tried, extra)
    opened = tried.unique(["at", "media_id"])
    read_bytes = sampled.column(opened, pl.col("size_bytes"))
    times = ledger["bytes_read"] / read_bytes.sum() if read_bytes.sum() else 0.0
    share = weight / weight.sum()
    given = sampled.column(sampled.media) if job.output == "media" else sampled.column(tried, pl.col("outputs"))
    spent = {name: share * ledger[name] for name in _SPENT} | {"bytes_read": times * read_bytes}
    return Worked(
        inputs=sampled.column(met),
        outputs=given,
        failed=sampled.column(tried, pl.col("failed")),
        stored_bytes=sampled.column(tried, pl.col("stored_bytes")),
        table_bytes=share * _table_bytes(sampled.lake, job),
        gets=times * sampled.column(opened, (pl.col("size_bytes") / CHUNK).ceil()),
        spent=spent,
        idle_share=ledger["gpu_idle_s"] / ledger["gpu_s"] if ledger["gpu_s"] else None,
    )


def _met(sampled: Sampled, job: Job) -> pl.DataFrame:
    """The inputs that the job has tried, with what came of them, and those that it never will."""
    rows = sampled.lake.scan(job.output, job.fingerprint)
    ends = rows.filter(pl.col("ordinal") == 0).group_by(id="input_id").agg(
        attempts=pl.len(), outputs=pl.col("outputs").max(), failed=pl.col("failure").is_not_null().all()
    )  # fmt: skip
    known = sampled.inputs(job).lazy().join(ends, on="id", how="left")
    if "blob" in TABLES[job.output].schema.names:
        place = pl.col("blob").struct
        held = rows.filter(pl.col("blob").is_not_null()).select(
            "input_id", shard=place.field("shard"), offset=place.field("offset"), length=place.field("length")
        )  # fmt: skip
        once = held.sort("input_id").unique(["shard", "offset"], keep="first")
        known = known.join(once.group_by(id="input_id").agg(stored_bytes="length"), on="id", how="left")
        known = known.with_columns(pl.col("stored_bytes").list.sum().fill_null(0))
    else:
        known = known.with_columns(stored_bytes=0)
    known = known.with_columns(pl.col("attempts", "outputs").fill_null(0), pl.col("failed").fill_null(value=False))
    marked = known.join(_stuck(sampled.lake, job), on="id", how="left")
    return marked.filter((pl.col("attempts") > 0) | pl.col("stuck").fill_null(value=False)).collect()


def _stuck(lake: Lake, job: Job) -> pl.LazyFrame:
    """`id, stuck`: inputs at which a job has failed that this one waits for."""
    found = [pl.LazyFrame(schema={"id": pl.String, "stuck": pl.Boolean})]
    for table in job.needs:
        tried = traces(lake, table, job.reads[table]).group_by("id").agg(stuck=pl.col("kind").is_not_null().all())
        found.append(tried.filter("stuck"))
    return pl.concat(found).unique("id")


def _ledger(lake: Lake, job: Job, attempts: float) -> dict[str, float]:
    """What so many rows of a job took, by what the ledger tells of all of its rows."""
    mine = lake.scan("runs").filter(pl.col("job") == job.label, pl.col("fingerprint") == job.fingerprint)
    (sums,) = mine.select(pl.col("rows_in", "gpu_idle_s", *_SPENT).sum()).collect().iter_rows(named=True)
    rate = attempts / sums["rows_in"] if sums["rows_in"] else 0.0
    return {name: float(sums[name] or 0) * rate for name in ("gpu_idle_s", *_SPENT)}


def _table_bytes(lake: Lake, job: Job) -> float:
    """The size of the job's rows, as the log of their table tells it."""
    actions: Any = lake.delta(job.output).get_add_actions(flatten=True)
    files = pl.DataFrame({name: pl.Series(actions.column(name)) for name in ("size_bytes", "partition.fingerprint")})
    return float(files.filter(pl.col("partition.fingerprint") == job.fingerprint)["size_bytes"].sum())
