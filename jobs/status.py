"""What is there, what is still to do, what failed."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl
from rich.table import Table

from jobs.job import Job, Snapshot
from jobs.pending import pending
from jobs.recipe import Recipe
from jobs.road import road


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one job of the recipe stands in the lake."""

    job: str
    table: str
    fingerprint: str
    done: int  # inputs with a payload, or with nothing to find
    failed: int
    pending: int
    waiting: int  # inputs that cannot be worked on before another table has them
    rows: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Failed:
    """One input that has a failure and no payload."""

    job: str
    input_id: str
    what: str  # the source's URI, where the input comes from one source
    kind: str
    detail: str
    attempt: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def status(snapshot: Snapshot, recipe: Recipe) -> list[Standing]:
    """One row a job, in the order of the road."""
    return [_standing(snapshot, recipe, job) for job in road(recipe)]


def _standing(snapshot: Snapshot, recipe: Recipe, job: Job) -> Standing:
    work = pending(snapshot.lake, job, recipe.resources.attempts)
    stand = failed_of(snapshot, job.output)
    failed = stand.select(pl.len()).collect().item()
    rows = (
        snapshot.lake.scan(job.output, job.fingerprint).filter(pl.col("outputs") > 0).select(pl.len()).collect().item()
    )
    waiting_again = stand.join(work.todo.lazy(), left_on="input_id", right_on="id", how="semi")
    settled_failed = failed - waiting_again.select(pl.len()).collect().item()
    return Standing(
        job.name, job.output, job.fingerprint, work.settled - settled_failed, failed, len(work.todo), work.blocked, rows
    )


def failed_of(snapshot: Snapshot, table: str) -> pl.LazyFrame:
    """The last failure of each input that never got its row: input_id, failure, attempt."""
    traces = snapshot.lake.scan(table, snapshot.fingerprints[table]).filter(pl.col("ordinal") == 0)
    good = traces.filter(pl.col("failure").is_null()).select("input_id")
    bad = traces.filter(pl.col("failure").is_not_null()).join(good, on="input_id", how="anti")
    return bad.sort("attempt").group_by("input_id").agg(pl.col("failure").last(), pl.col("attempt").last())


def failed(snapshot: Snapshot, recipe: Recipe) -> int:
    """How many inputs of the recipe's jobs stand as failed."""
    return sum(failed_of(snapshot, job.output).select(pl.len()).collect().item() for job in road(recipe))


def failures(snapshot: Snapshot, recipe: Recipe, kind: str | None = None) -> Iterator[Failed]:
    """Every failed input, with the URI that it came from."""
    uris = dict(snapshot.lake.scan("sources").select("source_id", "uri").collect().iter_rows())
    media = snapshot.lake.scan("media").filter(pl.col("outputs") > 0).select("media_id", "source_id").unique("media_id")
    names = {**uris, **{media_id: uris.get(source, media_id) for media_id, source in media.collect().iter_rows()}}
    for job in road(recipe):
        for row in failed_of(snapshot, job.output).sort("input_id").collect().iter_rows(named=True):
            if kind is None or row["failure"]["kind"] == kind:
                owner, _, span = row["input_id"].partition("/")
                what = f"{names.get(owner, owner)} {span}".strip()
                yield Failed(job.name, row["input_id"], what, **row["failure"], attempt=row["attempt"])


def table(rows: list[Standing]) -> Table:
    """The standing of all jobs, for a terminal."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    grid.add_column("job")
    grid.add_column("table")
    for name in ("done", "failed", "to do", "waiting", "rows"):
        grid.add_column(name, justify="right")
    grid.add_column("fingerprint", style="dim")
    for row in rows:
        counts = (row.done, row.failed, row.pending, row.waiting, row.rows)
        grid.add_row(row.job, row.table, *map(str, counts), row.fingerprint)
    return grid
