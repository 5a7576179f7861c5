"""What a fingerprint means, and what a run did."""

from dataclasses import dataclass
from typing import Literal

from schemas.row import volatile


@dataclass(frozen=True, slots=True)
class StageRecord:
    """What one fingerprint stands for."""

    fingerprint: str
    stage: str
    version: int
    config: str  # JSON
    upstream: str  # JSON: table -> fingerprint
    libraries: str = volatile()  # JSON: distribution -> version


@dataclass(frozen=True, slots=True)
class RecipeRecord:
    """A recipe from when jobs began to run by it until the next one: the last is meant where somebody names none."""

    began_us: int
    recipe: str  # JSON, as of `retold recipe render`; without its sources, which are in `sources`


@dataclass(frozen=True, slots=True)
class FailureCount:
    kind: str
    rows: int


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of one job."""

    run_id: str
    job: str
    fingerprint: str
    rows_in: int
    rows_out: int
    failed: int
    failures: tuple[FailureCount, ...]
    cpu_s: float
    worker_s: float  # seconds of workers held, whether they had work or not
    gpu_s: float  # of these, by the share of a GPU that each held
    gpu_idle_s: float | None  # of gpu_s, at least so many without a row to work on; None: no GPU was held
    tokens_in: int  # of models, told by the rows that were written
    tokens_out: int
    bytes_read: int
    bytes_written: int  # of rows and of shards
    start_us: int
    end_us: int
    outcome: Literal["done", "interrupted", "budget"]  # budget: a bound of the recipe was reached
    settled: int  # inputs that have their row after this run, of this or an earlier one
    blocked: int  # inputs that wait for another table
    standing: int  # inputs that stand as failed
    versions: str | None  # JSON: table -> Delta version at which the job has nothing left to do; None: it has
    unheld: tuple[str, ...] = ()  # by what processes that opened media were not held, on some machine
