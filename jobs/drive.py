"""The loop of every job: find what is pending, map the stage over it, commit every few seconds, write the ledger."""

import functools
import importlib.metadata
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from curate.stage import config
from curate.storage.lake import NewFile
from jobs.engines import Engine
from jobs.job import Job, Snapshot
from jobs.pending import TRANSIENT, pending
from jobs.watermark import at_rest, inputs_at, settled_at, versions
from jobs.worker import Result, Worker
from schemas.ledger import FailureCount, RunRecord, StageRecord

COMMIT_EVERY_S = 3.0
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

    workers: int = 1
    attempts: int = 3  # of a transient failure
    retry: frozenset[str] = frozenset()  # failure kinds to work on again


@dataclass(slots=True)
class Progress:
    """Where one job stands; a live table shows it."""

    job: str
    total: int = 0  # inputs to work on in this run
    settled: int = 0  # inputs that had their row before
    blocked: int = 0
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
        self.bytes_written += result.file.size


Watch = Callable[[Progress], None]


def run_job(job: Job, snapshot: Snapshot, engine: Engine, policy: Policy, watch: Watch) -> Progress:
    """Do all that is pending; on an interrupt, commit what is done, write the ledger, and raise it again."""
    progress = Progress(job.name)
    watch(progress)
    now = versions(snapshot.lake, job)
    settled = None if policy.retry else settled_at(snapshot.lake, job.name, job.fingerprint, now)
    if settled is None:
        _work(job, snapshot, engine, policy, progress, watch)
    else:
        progress.settled, progress.ended_s = settled, time.monotonic()
    watch(progress)
    return progress


def _work(job: Job, snapshot: Snapshot, engine: Engine, policy: Policy, progress: Progress, watch: Watch) -> None:
    lake, start_us, run_id = snapshot.lake, time.time_ns() // 1000, uuid4().hex[:12]
    committer = Committer(
        job, snapshot
    )  # before looking: a commit of somebody else after this is a conflict, not a loss
    seen = inputs_at(lake, job)
    work = pending(lake, job, policy.attempts, policy.retry)
    progress.total, progress.settled, progress.blocked = len(work.todo), work.settled, work.blocked
    watch(progress)
    try:
        if progress.total:
            _describe(job, snapshot)
            workers = engine.workers(job.workers or policy.workers)
            units = list(work.units(job.rows_per_unit, workers))
            for result in engine.map(functools.partial(Worker, job, snapshot, run_id), units, workers):
                committer.add(result.file)
                progress.count(result)
                watch(progress)
        committer.flush()
    except KeyboardInterrupt:
        progress.interrupted = True
        committer.flush()
        raise
    finally:
        progress.ended_s = time.monotonic()
        restless = progress.blocked + work.spent + sum(progress.failures[kind] for kind in TRANSIENT)
        finished = progress.done == progress.total and not restless
        if progress.done or finished:
            mark = at_rest(lake, job, seen) if finished else None
            lake.append("runs", [_record(job, progress, run_id, start_us, mark)])


class Committer:
    """Gathers files and commits them every few seconds, each commit one step of the job's own transaction counter."""

    def __init__(self, job: Job, snapshot: Snapshot) -> None:
        self.lake, self.table = snapshot.lake, job.output
        self.app = f"{job.name}-{job.fingerprint}"
        self.version = self.lake.transaction(self.table, self.app)
        self.files: list[NewFile] = []
        self.last_s = time.monotonic()

    def add(self, file: NewFile) -> None:
        self.files.append(file)
        if time.monotonic() - self.last_s >= COMMIT_EVERY_S:
            self.flush()

    def flush(self) -> None:
        if self.files:
            self.lake.commit(self.table, self.files, self.app, self.version + 1)
            self.version += 1
            self.files = []
        self.last_s = time.monotonic()


def _describe(job: Job, snapshot: Snapshot) -> None:
    """Say in `stages`, once, what the job's fingerprint stands for."""
    known = snapshot.lake.scan("stages").select("fingerprint").collect()["fingerprint"].to_list()
    if job.fingerprint in known:
        return
    upstream = json.dumps(dict(sorted(job.reads.items())))
    stage = job.stage
    row = StageRecord(job.fingerprint, stage.name, stage.version, config(stage), upstream, libraries())
    snapshot.lake.append("stages", [row])


def libraries() -> str:
    """The versions of what rows depend on, as JSON."""
    return json.dumps({name: importlib.metadata.version(name) for name in LIBRARIES})


def _record(job: Job, progress: Progress, run_id: str, start_us: int, mark: str | None) -> RunRecord:
    return RunRecord(
        run_id=run_id,
        job=job.name,
        fingerprint=job.fingerprint,
        rows_in=progress.done,
        rows_out=progress.rows_out,
        failed=progress.failed,
        failures=tuple(FailureCount(kind, rows) for kind, rows in sorted(progress.failures.items())),
        cpu_s=progress.cpu_s,
        bytes_read=progress.bytes_read,
        bytes_written=progress.bytes_written,
        start_us=start_us,
        end_us=time.time_ns() // 1000,
        outcome="interrupted" if progress.done < progress.total else "done",
        settled=progress.settled + progress.done,
        versions=mark,
    )
