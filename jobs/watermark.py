"""When a job last found nothing left to do: at these versions of the tables it asks, it need not ask again."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from curate.storage.lake import Lake
from jobs.job import Job


@dataclass(frozen=True, slots=True)
class Rest:
    """How a job stood when it had nothing left to do."""

    settled: int
    blocked: int
    standing: int


def input_tables(job: Job) -> frozenset[str]:
    """The tables that say what a job has to do."""
    return frozenset({job.over, *job.needs, *job.needs_of, *job.among})


def inputs_at(lake: Lake, job: Job) -> dict[str, int]:
    """The versions of the tables that a job's inputs come from; read before the tables are."""
    return at(lake, input_tables(job))


def at_rest(lake: Lake, job: Job, attempts: int, inputs: Mapping[str, int]) -> str:
    """The mark of a job that has done all there was in `inputs`, trying transient failures up to `attempts` times."""
    return json.dumps({**at(lake, [job.output]), **inputs, "attempts": attempts}, sort_keys=True)


def versions(lake: Lake, job: Job, attempts: int) -> str:
    """The mark that the job would have had if nothing has changed since."""
    return at_rest(lake, job, attempts, inputs_at(lake, job))


def at(lake: Lake, tables: Iterable[str]) -> dict[str, int]:
    return {name: lake.delta(name).version() for name in tables}


def last_rest(lake: Lake, job: Job, attempts: int) -> tuple[Rest, dict[str, int]] | None:
    """How the job stood when it last rested, and at which versions; None: never with so many attempts."""
    mine = (pl.col("job") == job.label) & (pl.col("fingerprint") == job.fingerprint) & pl.col("versions").is_not_null()
    found = lake.scan("runs").filter(mine).sort("end_us").last().collect()
    if not found.height:
        return None
    (row,) = found.to_dicts()
    mark = json.loads(row["versions"])
    if mark.pop("attempts") != attempts or mark.keys() != input_tables(job) | {job.output}:
        return None
    return Rest(row["settled"], row["blocked"], row["standing"]), mark


def rest_at(lake: Lake, job: str, fingerprint: str, mark: str) -> Rest | None:
    """How the job stood when it last rested, if that was at this mark."""
    mine = (pl.col("job") == job) & (pl.col("fingerprint") == fingerprint) & (pl.col("versions") == mark)
    found = lake.scan("runs").filter(mine).select("settled", "blocked", "standing").last().collect()
    return Rest(*found.row(0)) if found.height else None
