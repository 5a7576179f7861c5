"""The loop of every job: find what is pending, map the stage over it, commit every few seconds, write the ledger."""

import functools
import importlib.metadata
import itertools
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from uuid import uuid4

import polars as pl

from curate.stage import config
from curate.storage.join import join_files
from curate.storage.lake import Lake
from jobs.ending import raise_if_ended
from jobs.engines import Engine, Share, never, pool_size
from jobs.job import Job, Snapshot, counter
from jobs.pending import TRANSIENT, Pending, pending
from jobs.pilot import Pilot
from jobs.progress import Progress, Watch
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
    pilot: Pilot | None = None  # nothing else is worked on
    reached: Callable[[Progress], str | None] | None = None  # the bound of a budget at which nothing new is begun


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
    work = pending(lake, job, policy.attempts, policy.retry, policy.pilot)
    progress.total, progress.settled, progress.blocked = len(work.todo), work.settled, work.blocked
    progress.standing = work.standing
    progress.run_id = run_id if progress.total else None
    watch(progress)
    try:
        if progress.total:
            make = functools.partial(Worker, job, snapshot, run_id)
            for result in _results(make, job, engine, policy, work, progress, watch):
                committer.add(result)
                progress.count(result)
                watch(progress)
                raise_if_ended()
            if progress.done == progress.total:  # what was under way was all that there was
                progress.reached = None
        committer.flush()
        # else some are tried again by the next run, or are left for it
        if not progress.reached and not any(progress.failures[kind] for kind in TRANSIENT):
            if job.sorted_by:
                join_files(lake, job.output, job.fingerprint, job.sorted_by)
            mark = None if policy.pilot else at_rest(lake, job, policy.attempts, seen)
    except KeyboardInterrupt:
        progress.interrupted = True
        committer.flush()
        raise
    finally:
        progress.standing += committer.committed.failed
        if committer.committed.done or mark or progress.reached:
            lake.append("runs", [_record(job, progress, committer.committed, (run_id, start_us), mark)])


def _results(
    make: Callable[[], Worker],
    job: Job,
    engine: Engine,
    policy: Policy,
    work: Pending,
    progress: Progress,
    watch: Watch,
) -> Iterator[Result]:
    """What becomes of the units, wave by wave, in any order."""
    room = engine.workers(policy.workers, job.gpus)  # asked also for a job with its own number: a refusal comes early
    workers = job.workers or room
    units, share = work.units(job.rows_per_unit, workers), Share(job.concurrent_units, job.gpus)
    progress.gpus = job.gpus

    def stop() -> bool:
        if policy.reached and progress.done < progress.total:
            progress.reached = policy.reached(progress)
        return progress.reached is not None

    try:
        while not stop() and (wave := list(itertools.islice(units, WAVE))):
            progress.give(len(wave), pool_size(len(wave), workers, share))
            watch(progress)
            yield from engine.map(make, wave, workers, share, stop if policy.reached else never)
    finally:
        progress.hold(0)


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
        worker_s=seen.worker_s,  # also of what was not kept: it was held
        gpu_s=seen.gpu_s,
        gpu_idle_s=seen.gpu_idle_s,
        tokens_in=kept.tokens_in,
        tokens_out=kept.tokens_out,
        bytes_read=kept.bytes_read,
        bytes_written=kept.bytes_written,
        start_us=run[1],
        end_us=time.time_ns() // 1000,
        outcome="budget" if seen.reached else "done" if kept.done == seen.total else "interrupted",
        settled=seen.settled + kept.done,
        blocked=seen.blocked,
        standing=seen.standing,
        versions=mark,
        unheld=tuple(sorted(kept.unheld)),
    )
