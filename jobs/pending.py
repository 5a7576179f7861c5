"""What a job has still to do: an anti-join of its inputs with the traces in its output table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from curate.errors import ROW_ERRORS
from curate.storage.files import files
from curate.storage.lake import Lake
from jobs.grown import grown
from jobs.job import Job, Unit
from jobs.pilot import Pilot, alive
from schemas.tables import TABLES

CRUMBS = 16
"""A unit is not divided further: below this part of its rows, the engine takes longer than the work."""

SPAN_ROWS = 4_000_000
"""Inputs that are looked at together: some hundred bytes of memory each."""

TRANSIENT = tuple(kind for kind, error in ROW_ERRORS.items() if error.transient)


@dataclass(frozen=True, slots=True)
class Pending:
    """`todo` has columns id and attempt, sorted by id, so that each file written covers a narrow range of keys."""

    todo: pl.DataFrame
    settled: int  # inputs that have their row already, failed ones included
    blocked: int  # inputs that wait for a table in `needs` or `needs_of`
    standing: int  # settled inputs that stand as failed

    def units(self, rows: int, workers: int) -> Iterator[Unit]:
        """Divide the work in units of at most `rows`, so small that each worker gets several, but not tiny ones."""
        size = max(1, rows // CRUMBS, min(rows, -(-len(self.todo) // (workers * 4))))
        for index, start in enumerate(range(0, len(self.todo), size)):
            part = self.todo.slice(start, size)
            yield Unit(index, tuple(part["id"].to_list()), tuple(part["attempt"].to_list()))


@dataclass(frozen=True, slots=True)
class Span:
    """Ids from one text to before another, without an end where there is none."""

    first: str | None = None
    end: str | None = None

    def has(self, column: str) -> pl.Expr:
        after = pl.lit(value=True) if self.first is None else pl.col(column) >= self.first
        return after if self.end is None else after & (pl.col(column) < self.end)


def spans(lake: Lake, job: Job) -> list[Span]:
    """All ids in so many spans that each fits in memory: ids begin with a hash, so spans of equal length are alike."""
    mine = [file for file in files(lake.delta(job.over)) if file.fingerprint == job.reads.get(job.over)]
    parts = max(1, -(-sum(file.rows or 0 for file in mine) // SPAN_ROWS))
    edges = [f"{part * 16**8 // parts:08x}" for part in range(1, parts)]
    return [Span(*pair) for pair in zip([None, *edges], [*edges, None], strict=True)]


def inputs(lake: Lake, job: Job, span: Span = Span()) -> pl.LazyFrame:
    """The ids of all rows that the job is over: one column, id."""
    if not TABLES[job.over].traced:
        return alive(lake, job.over, job.key).filter(span.has(job.key)).select(id=job.key)
    frame = lake.scan(job.over, job.reads[job.over]).filter(pl.col("outputs") > 0, span.has(job.key))
    for table, column in job.among.items():
        there = lake.scan(table, job.reads[table]).filter(pl.col("outputs") > 0)
        frame = frame.join(there.select(pl.col(TABLES[table].key[0]).alias(column)), on=column, how="semi")
    return frame.select(id=job.key).unique()


def traces(lake: Lake, table: str, fingerprint: str, span: Span = Span()) -> pl.LazyFrame:
    """One row for each attempt at each input: id, attempt, kind (null: done)."""
    frame = lake.scan(table, fingerprint).filter(pl.col("ordinal") == 0, span.has("input_id"))
    return frame.select(id="input_id", attempt="attempt", kind=pl.col("failure").struct.field("kind"))


def pending(
    lake: Lake, job: Job, attempts: int, retry: frozenset[str] = frozenset(), pilot: Pilot | None = None
) -> Pending:
    """Inputs without a row, with a transient failure that has attempts left, or with a failure of a kind to retry.

    Of a pilot, nothing else is looked at; nor, where inputs were only added since the job rested, at those of before.
    """
    more = grown(lake, job, attempts) if pilot is None and not retry else None
    if more is not None:
        found = _pending(lake, job, more.ids.lazy(), attempts, retry, few=True) if len(more.ids) else _joined([])
        return replace(found, settled=more.rest.settled, standing=more.rest.standing)
    if pilot is not None:
        wanted = inputs(lake, job).join(pilot.inputs(lake, job), on="id", how="semi")
        return _pending(lake, job, wanted, attempts, retry, few=True)
    return _joined([_pending(lake, job, inputs(lake, job, span), attempts, retry, span) for span in spans(lake, job)])


def _joined(parts: Sequence[Pending]) -> Pending:
    """What is pending of several spans, in their order."""
    none = pl.DataFrame(schema={"id": pl.String, "attempt": pl.Int64})
    return Pending(
        pl.concat([none, *(part.todo for part in parts)]),
        sum(part.settled for part in parts),
        sum(part.blocked for part in parts),
        sum(part.standing for part in parts),
    )


def _pending(
    lake: Lake, job: Job, wanted: pl.LazyFrame, attempts: int, retry: frozenset[str],
    span: Span = Span(), *, few: bool = False,
) -> Pending:  # fmt: skip
    """The same of those inputs that are wanted, of a span; of a few, what is known of others is not held in memory."""
    known = traces(lake, job.output, job.fingerprint, span)
    if few:
        known = known.join(wanted, on="id", how="semi")
    everything, tried = pl.collect_all([wanted, known], engine="streaming" if few else "auto")
    done = tried.filter(pl.col("kind").is_null()).select("id")
    waiting = everything.join(done, on="id", how="anti")
    failed = _last_failures(tried, done)
    again = pl.col("kind").is_in(list(retry)) | (pl.col("kind").is_in(TRANSIENT) & (pl.col("attempt") < attempts))
    stands = failed.filter(~again)
    waiting = waiting.join(stands, on="id", how="anti")
    ready = waiting
    for table in job.needs if len(waiting) else ():
        there = traces(lake, table, job.reads[table], span).filter(pl.col("kind").is_null()).select("id")
        ready = _also_in(ready, there)
    for table, column in job.needs_of.items() if len(waiting) else ():
        done_of = traces(lake, table, job.reads[table]).filter(pl.col("kind").is_null()).select(of="id")
        mine = lake.scan(job.over, job.reads[job.over]).filter(pl.col("outputs") > 0).select(id=job.key, of=column)
        ready = _also_in(ready, mine.join(done_of, on="of", how="semi").select("id"))
    todo = ready.join(failed, on="id", how="left").select("id", attempt=pl.col("attempt").fill_null(0) + 1).sort("id")
    return Pending(todo, len(everything) - len(waiting), len(waiting) - len(todo), len(stands))


def _also_in(ids: pl.DataFrame, there: pl.LazyFrame) -> pl.DataFrame:
    """The ids that are in a table too, which may be far larger."""
    found = there.join(ids.lazy().select("id"), on="id", how="semi").unique().collect(engine="streaming")
    return ids.join(found, on="id", how="semi")


def _last_failures(tried: pl.DataFrame, done: pl.DataFrame) -> pl.DataFrame:
    """The last attempt at each input that never got its row: id, attempt, kind."""
    bad = tried.filter(pl.col("kind").is_not_null()).join(done, on="id", how="anti")
    return bad.sort("attempt").group_by("id").agg(pl.col("attempt").last(), pl.col("kind").last())
