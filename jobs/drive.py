"""The loop of every job: find what is pending, map the stage over it, commit every few seconds, write the ledger."""

import functools
import importlib.metadata
import itertools
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import uuid4

import polars as pl

from curate.stage import config
from curate.storage.lake import Lake
from jobs.engines import Engine, Share
from jobs.job import Job, Snapshot, counter
from jobs.pending import TRANSIENT, pending
from jobs.watermark import at_rest, inputs_at, rest_at, versions
from jobs.worker import Result, Worker
from schemas.ledger import FailureCount, RunRecord, StageRecord

COMMIT_EVERY_S = 3.0
WAVE = 4096
"""Units that an engine is given at a time: what the driver holds does not grow with what is to be done."""
LIBRARIES = (
    "av",
    "numpy",
    "opencv-python-headless",
    "librosa",
    "rapidocr",
    "onnxruntime",
    "pocketsphinx",
    "faster-whisper",
)


@dataclass(frozen=True, slots=True)
class Policy:
    """How a job is driven."""

    workers: int | None = None  # None: as many as the engine has room for
    attempts: int = 3  # of a transient failure
    retry: frozenset[str] = frozenset()  # failure kinds to work on again


@dataclass(slots=True)
class Progress:
    """Where one job stands; a live table shows it."""

    job: str
    total: int = 0  # inputs to work on in this run
    settled: int = 0  # inputs that had their row before
    blocked: int = 0  # inputs that wait for another table
    standing: int = 0  # inputs that stand as failed
    done: int = 0
    rows_out: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    started_s: float = field(default_factory=time.monotonic)
    ended_s: float | None = None
    interrupted: bool = False
    cpu_s: float = 0.0
    bytes_read: int = 0
    bytes_written: int = 0

    @property
    def failed(self) -> int:
        return self.failures.total()

    @property
    def elapsed_s(self) -> float:
        return (self.ended_s or time.monotonic()) - self.started_s

    def count(self, result: Result) -> None:
        self.done += result.rows_in
        self.rows_out += result.rows_out
        self.failures.update(result.failures)
        self.cpu_s += result.cpu_s
        self.bytes_read += result.bytes_read
        self.bytes_written += sum(file.size for file in result.files)


Watch = Callable[[Progress], None]


def run_job(job: Job, snapshot: Snapshot, engine: Engine, policy: Policy, watch: Watch) -> Progress:
    """Do all that is pending; on an interrupt, commit what is done, write the ledger, and raise it again."""
    progress = Progress(job.label)
    watch(progress)
    lake, mark = snapshot.lake, versions(snapshot.lake, job, policy.attempts)
    rest = None if policy.retry else rest_at(lake, job.label, job.fingerprint, mark)
    if rest is None:
        _work(job, snapshot, engine, policy, progress, watch)
    else:
        progress.settled, progress.blocked, progress.standing = rest.settled, rest.blocked, rest.standing
    progress.ended_s = time.monotonic()
    watch(progress)
    return progress


def _work(job: Job, snapshot: Snapshot, engine: Engine, policy: Policy, progress: Progress, watch: Watch) -> None:
    lake, start_us, run_id, mark = snapshot.lake, time.time_ns() // 1000, uuid4().hex[:12], None
    # both before looking: a takedown steps the counters of all who are described, and commits of somebody else are seen
    describe(lake, job.fingerprint, job.name, job.stage.version, config(job.stage), job.reads)
    committer = Committer(job, snapshot)
    seen = inputs_at(lake, job)
    work = pending(lake, job, policy.attempts, policy.retry)
    progress.total, progress.settled, progress.blocked = len(work.todo), work.settled, work.blocked
    progress.standing = work.standing
    watch(progress)
    try:
        if progress.total:
            # asked also for a job with its own number: a refusal comes early
            room = engine.workers(policy.workers, job.gpus)
            workers = job.workers or room
            units, share = work.units(job.rows_per_unit, workers), Share(job.concurrent_units, job.gpus)
            while wave := list(itertools.islice(units, WAVE)):
                for result in engine.map(functools.partial(Worker, job, snapshot, run_id), wave, workers, share):
                    committer.add(result)
                    progress.count(result)
                    watch(progress)
        committer.flush()
        if not any(progress.failures[kind] for kind in TRANSIENT):  # else they are tried again by the next run
            lake.compact(job.output, job.fingerprint, job.sorted_by)
            mark = at_rest(lake, job, policy.attempts, seen)
    except KeyboardInterrupt:
        progress.interrupted = True
        committer.flush()
        raise
    finally:
        progress.standing += committer.committed.failed
        if committer.committed.done or mark:
            lake.append("runs", [_record(job, progress, committer.committed, (run_id, start_us), mark)])


class Committer:
    """Gathers files and commits them every few seconds, each commit one step of the job's own transaction counter.

    `committed` counts what is in the table, which is less than what was computed when a commit is refused.
    """

    def __init__(self, job: Job, snapshot: Snapshot) -> None:
        self.lake, self.table = snapshot.lake, job.output
        self.app = counter(job.name, job.fingerprint)
        self.version = self.lake.transaction(self.table, self.app)
        self.waiting: list[Result] = []
        self.committed = Progress(job.label)
        self.last_s = time.monotonic()

    def add(self, result: Result) -> None:
        self.waiting.append(result)
        if time.monotonic() - self.last_s >= COMMIT_EVERY_S:
            self.flush()

    def flush(self) -> None:
        """Commit what is waiting. Interrupted or refused, it is given up: its rows are still pending."""
        results, self.waiting = self.waiting, []
        if results:
            self.version += 1
            self.lake.commit(self.table, [file for result in results for file in result.files], self.app, self.version)
        for result in results:
            self.committed.count(result)
        self.last_s = time.monotonic()


def describe(lake: Lake, fingerprint: str, name: str, version: int, settings: str, reads: Mapping[str, str]) -> None:
    """Say in `stages`, once, what a fingerprint stands for."""
    known = lake.scan("stages").filter(pl.col("fingerprint") == fingerprint).select(pl.len()).collect().item()
    if not known:
        libraries = json.dumps({library: importlib.metadata.version(library) for library in LIBRARIES})
        upstream = json.dumps(dict(sorted(reads.items())))
        lake.append("stages", [StageRecord(fingerprint, name, version, settings, upstream, libraries)])


def _record(job: Job, seen: Progress, kept: Progress, run: tuple[str, int], mark: str | None) -> RunRecord:
    return RunRecord(
        run_id=run[0],
        job=job.label,
        fingerprint=job.fingerprint,
        rows_in=kept.done,
        rows_out=kept.rows_out,
        failed=kept.failed,
        failures=tuple(FailureCount(kind, rows) for kind, rows in sorted(kept.failures.items())),
        cpu_s=kept.cpu_s,
        bytes_read=kept.bytes_read,
        bytes_written=kept.bytes_written,
        start_us=run[1],
        end_us=time.time_ns() // 1000,
        outcome="done" if kept.done == seen.total else "interrupted",
        settled=seen.settled + kept.done,
        blocked=seen.blocked,
        standing=seen.standing,
        versions=mark,
    )
