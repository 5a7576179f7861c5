"""Where one job stands while it runs."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from jobs.worker import Result


@dataclass(slots=True)
class Progress:
    """Where one job stands; a live table shows it."""

    job: str
    run_id: str | None = None  # None: there is nothing to do
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
    reached: str | None = None  # the bound of a budget at which it stopped
    cpu_s: float = 0.0
    units: int = 0  # that the engine has been given and not given back
    last: Result | None = None
    workers: int = 0  # that are held now
    gpus: float = 0.0  # of each
    held_at_s: float = field(default_factory=time.monotonic)  # until when those are counted
    worker_s: float = 0.0
    gpu_s: float = 0.0
    busy_s: float = 0.0  # of workers with a row to work on
    tokens_in: int = 0
    tokens_out: int = 0
    bytes_read: int = 0
    bytes_written: int = 0
    unheld: set[str] = field(default_factory=set)  # by what children were not held, on some machine

    @property
    def failed(self) -> int:
        return self.failures.total()

    @property
    def elapsed_s(self) -> float:
        return (self.ended_s or time.monotonic()) - self.started_s

    @property
    def gpu_idle_s(self) -> float | None:
        """Of `gpu_s`, what no worker told of; None where no GPU is held, or what is under way will not be told."""
        if not self.gpus or self.interrupted:
            return None
        return max(0.0, self.gpu_s - self.gpus * self.busy_s)

    def give(self, units: int, workers: int) -> None:
        """So many more units are with the engine, which holds so many workers for them."""
        self.units += units
        self.hold(workers)

    def hold(self, workers: int) -> None:
        """So many workers are held from now on; those before are counted."""
        now_s = time.monotonic()
        self.worker_s += self.workers * (now_s - self.held_at_s)
        self.gpu_s += self.gpus * self.workers * (now_s - self.held_at_s)
        self.workers, self.held_at_s = workers, now_s

    def count(self, result: Result) -> None:
        self.hold(self.workers)
        self.units, self.last = max(0, self.units - 1), result
        self.done += result.rows_in
        self.rows_out += result.rows_out
        self.failures.update(failed.kind for failed in result.failures)
        self.cpu_s += result.cpu_s
        self.busy_s += result.busy_s
        self.tokens_in += result.tokens_in
        self.tokens_out += result.tokens_out
        self.unheld.update(result.unheld)
        self.bytes_read += result.bytes_read
        self.bytes_written += result.bytes_stored + sum(file.size for file in result.files)


Watch = Callable[[Progress], None]
