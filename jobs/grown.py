"""What has come to a job since it last had nothing left to do: where inputs were only added, no others are pending."""

from dataclasses import dataclass

import polars as pl

from curate.storage.files import added, scan
from curate.storage.lake import Lake
from jobs.job import Job
from jobs.watermark import Rest, last_rest
from schemas.tables import TABLES


@dataclass(frozen=True, slots=True)
class Grown:
    """`ids` of the inputs that have come, some of which may have been there before: one column, id."""

    ids: pl.DataFrame
    rest: Rest


def grown(lake: Lake, job: Job, attempts: int) -> Grown | None:
    """None where everything has to be looked at: inputs waited, rows went, or the job's own output is another."""
    last = last_rest(lake, job, attempts)
    if job.among or not TABLES[job.over].traced or last is None or last[0].blocked:
        return None
    rest, versions = last
    came = added(lake, job.over, job.reads[job.over], versions[job.over])
    if came is None or added(lake, job.output, job.fingerprint, versions[job.output]) != []:
        return None
    rows = scan(lake, job.over, came).filter(pl.col("outputs") > 0)
    return Grown(rows.select(id=job.key).unique().collect(), rest)
