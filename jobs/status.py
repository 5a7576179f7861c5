"""What is there, what is still to do, what failed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl
from rich.table import Table

from curate.storage.lake import Lake
from jobs.cut import has_cut, latest_hash, pick_fingerprint, pick_rests, plan_fingerprint, plan_rests
from jobs.job import Job, Snapshot
from jobs.pending import pending
from jobs.recipe import Recipe
from jobs.road import road
from jobs.show import rate, span
from schemas.uri import shown_uri


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


@dataclass(frozen=True, slots=True)
class FailedGroup:
    """The failures of one kind in one job."""

    job: str
    kind: str
    rows: int
    examples: tuple[Failed, ...]


def status(snapshot: Snapshot, recipe: Recipe) -> list[Standing]:
    """One row a job, in the order of the road, then those over whole tables."""
    return [*(standing(snapshot, recipe, job) for job in road(recipe)), *set_standings(snapshot, recipe)]


def set_standings(snapshot: Snapshot, recipe: Recipe) -> list[Standing]:
    """`pick` and `plan`: done where nothing has changed of what they were made of; a plan waits for a cut."""
    cut, ready = pick_fingerprint(snapshot, recipe), has_cut(snapshot, recipe)
    return [
        _set(snapshot, "pick", "picks", "cut_hash", cut, pick_rests(snapshot, recipe), True),
        _set(snapshot, "plan", "plans", "plan_hash", plan_fingerprint(snapshot, recipe),
             ready and plan_rests(snapshot, recipe), ready),
    ]  # fmt: skip


def _set(snapshot: Snapshot, job: str, table: str, column: str, fingerprint: str, rests: bool, ready: bool) -> Standing:
    last = latest_hash(snapshot, table, column, fingerprint)
    rows = snapshot.lake.scan(table).filter(pl.col(column) == last).select(pl.len()).collect().item() if last else 0
    return Standing(job, table, fingerprint, int(rests), 0, int(ready and not rests), int(not ready), rows)


def standing(snapshot: Snapshot, recipe: Recipe, job: Job) -> Standing:
    work = pending(snapshot.lake, job, recipe.resources.attempts)
    return Standing(
        job.label,
        job.output,
        job.fingerprint,
        done=work.settled - work.standing,
        failed=work.standing,
        pending=len(work.todo),
        waiting=work.blocked,
        rows=_payload(snapshot, job).select(pl.len()).collect().item(),
    )


def _payload(snapshot: Snapshot, job: Job) -> pl.LazyFrame:
    return snapshot.lake.scan(job.output, job.fingerprint).filter(pl.col("outputs") > 0)


def failed_of(snapshot: Snapshot, table: str, fingerprint: str | None = None) -> pl.LazyFrame:
    """The last failure of each input that never got its row: input_id, failure, attempt."""
    traces = snapshot.lake.scan(table, fingerprint or snapshot.fingerprints[table]).filter(pl.col("ordinal") == 0)
    good = traces.filter(pl.col("failure").is_null()).select("input_id")
    bad = traces.filter(pl.col("failure").is_not_null()).join(good, on="input_id", how="anti")
    return bad.sort("attempt").group_by("input_id").agg(pl.col("failure").last(), pl.col("attempt").last())


def last_fingerprints(lake: Lake) -> dict[str, str]:
    """Job -> the fingerprint that it last ran by."""
    runs = lake.scan("runs").group_by("job").agg(pl.col("fingerprint").sort_by("start_us").last())
    return dict(runs.collect().iter_rows())


def failures(snapshot: Snapshot, recipe: Recipe, kind: str | None = None) -> Iterator[Failed]:
    """Every failed input, with the URI that it came from."""
    for job in road(recipe):
        found = _failed(snapshot, job)
        wanted = found if kind is None else found.filter(pl.col("kind") == kind)
        yield from _named(snapshot, job, wanted)


def failure_groups(snapshot: Snapshot, recipe: Recipe, most: int) -> Iterator[FailedGroup]:
    """The failures of each job by kind, most first, with up to `most` examples each."""
    for job in road(recipe):
        ranked = _failed(snapshot, job).with_columns(
            rows=pl.len().over("kind"), rank=pl.col("input_id").rank("ordinal").over("kind")
        )
        counted = ranked.select("kind", "rows").unique().sort("rows", "kind", descending=[True, False]).collect()
        examples = list(_named(snapshot, job, ranked.filter(pl.col("rank") <= most))) if len(counted) else []
        for kind, rows in counted.iter_rows():
            yield FailedGroup(job.label, kind, rows, tuple(one for one in examples if one.kind == kind))


def _failed(snapshot: Snapshot, job: Job) -> pl.LazyFrame:
    parts, failure = pl.col("input_id").str.split_exact("/", 1), pl.col("failure").struct
    return failed_of(snapshot, job.output, job.fingerprint).with_columns(
        owner=parts.struct.field("field_0"), span=parts.struct.field("field_1"),
        kind=failure.field("kind"), detail=failure.field("detail"),
    )  # fmt: skip


def _named(snapshot: Snapshot, job: Job, failed: pl.LazyFrame) -> Iterator[Failed]:
    """Failed inputs by the URI of their source."""
    sources = snapshot.lake.scan("sources").select("source_id", "uri").unique("source_id")
    media = snapshot.lake.scan("media").filter(pl.col("outputs") > 0).select("media_id", "source_id").unique("media_id")
    names = pl.concat(
        [sources.select("uri", owner="source_id"), media.join(sources, on="source_id").select("uri", owner="media_id")]
    )
    for row in failed.join(names, on="owner", how="left").sort("input_id").collect().iter_rows(named=True):
        what = f"{shown_uri(row['uri'] or row['owner'])} {row['span'] or ''}".strip()
        yield Failed(job.label, row["input_id"], what, row["kind"], row["detail"], row["attempt"])


def table(rows: Sequence[Standing], rates_hz: Mapping[str, float] | None = None) -> Table:
    """The standing of all jobs, for a terminal; with inputs a second by job, also how long what is to do may take."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    grid.add_column("job")
    grid.add_column("table")
    for name in ("done", "failed", "to do", "waiting", "rows"):
        grid.add_column(name, justify="right")
    for name in () if rates_hz is None else ("rate/s", "left"):
        grid.add_column(name, justify="right")
    grid.add_column("fingerprint", style="dim")
    for row in rows:
        counts = (row.done, row.failed, row.pending, row.waiting, row.rows)
        pace = () if rates_hz is None else _pace(row, rates_hz.get(row.job))
        grid.add_row(row.job, row.table, *map(str, counts), *pace, row.fingerprint)
    return grid


def _pace(row: Standing, rate_hz: float | None) -> tuple[str, str]:
    return (rate(rate_hz), span(row.pending / rate_hz if row.pending else None)) if rate_hz else ("", "")
