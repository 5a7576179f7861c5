"""What a job has still to do: an anti-join of its inputs with the traces in its output table."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from curate.errors import ROW_ERRORS
from curate.storage.lake import Lake
from jobs.job import Job, Unit
from schemas.tables import TABLES

TRANSIENT = tuple(kind for kind, error in ROW_ERRORS.items() if error.transient)


@dataclass(frozen=True, slots=True)
class Pending:
    """`todo` has columns id and attempt, sorted by id, so that each file written covers a narrow range of keys."""

    todo: pl.DataFrame
    settled: int  # inputs that have their row already, failed ones included
    blocked: int  # inputs that wait for a table in `needs`
    standing: int  # settled inputs that stand as failed

    def units(self, rows: int, workers: int) -> Iterator[Unit]:
        """Divide the work in units of at most `rows`, small enough that each worker gets several."""
        size = max(1, min(rows, -(-len(self.todo) // (workers * 4))))
        for index, start in enumerate(range(0, len(self.todo), size)):
            part = self.todo.slice(start, size)
            yield Unit(index, tuple(part["id"].to_list()), tuple(part["attempt"].to_list()))


def inputs(lake: Lake, job: Job) -> pl.LazyFrame:
    """The ids of all rows that the job is over: one column, id."""
    if not TABLES[job.over].traced:
        alive = lake.scan(job.over).group_by(job.key).agg(pl.col("tombstone").any())
        return alive.filter(~pl.col("tombstone")).select(id=job.key)
    frame = lake.scan(job.over, job.reads[job.over]).filter(pl.col("outputs") > 0)
    return frame.select(id=job.key).unique()


def traces(lake: Lake, table: str, fingerprint: str) -> pl.LazyFrame:
    """One row for each attempt at each input: id, attempt, kind (null: done)."""
    frame = lake.scan(table, fingerprint).filter(pl.col("ordinal") == 0)
    return frame.select(id="input_id", attempt="attempt", kind=pl.col("failure").struct.field("kind"))


def pending(lake: Lake, job: Job, attempts: int, retry: frozenset[str] = frozenset()) -> Pending:
    """Inputs without a row, with a transient failure that has attempts left, or with a failure of a kind to retry."""
    tried = traces(lake, job.output, job.fingerprint)
    done = tried.filter(pl.col("kind").is_null()).select("id")
    failed = (
        tried.filter(pl.col("kind").is_not_null())
        .join(done, on="id", how="anti")
        .sort("attempt")
        .group_by("id")
        .agg(pl.col("attempt").last(), pl.col("kind").last())
    )
    again = pl.col("kind").is_in(list(retry)) | (pl.col("kind").is_in(TRANSIENT) & (pl.col("attempt") < attempts))
    everything = inputs(lake, job)
    waiting = everything.join(done, on="id", how="anti").join(failed.filter(~again), on="id", how="anti")
    ready = waiting
    for table in job.needs:
        there = traces(lake, table, job.reads[table]).filter(pl.col("kind").is_null()).select("id")
        ready = ready.join(there, on="id", how="semi")
    todo = ready.join(failed, on="id", how="left").select("id", attempt=pl.col("attempt").fill_null(0) + 1).sort("id")
    counts = [frame.select(pl.len()) for frame in (everything, waiting, failed.filter(~again))]
    *sizes, frame = pl.collect_all([*counts, todo])
    total, open_, standing = (size.item() for size in sizes)
    return Pending(frame, total - open_, open_ - len(frame), standing)
