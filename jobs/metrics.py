"""What a run counts for Prometheus: which metrics there are, and how they follow from where a job stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from jobs.progress import Progress
from schemas.metric import Metric

_JOB = ("lake", "retold_job")  # `job` is what Prometheus calls its targets

METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "retold_inputs_total": Metric("counter", "Inputs that were worked on.", _JOB),
        "retold_rows_total": Metric("counter", "Rows that were given.", _JOB),
        "retold_failures_total": Metric("counter", "Inputs that failed, by kind of failure.", (*_JOB, "kind")),
        "retold_bytes_read_total": Metric("counter", "Bytes of media files that were opened.", _JOB),
        "retold_bytes_written_total": Metric("counter", "Bytes of rows and of shards that were written.", _JOB),
        "retold_tokens_total": Metric("counter", "Tokens of models, in and out.", (*_JOB, "direction")),
        "retold_cpu_seconds_total": Metric("counter", "CPU seconds of workers and their children.", _JOB),
        "retold_worker_seconds_total": Metric("counter", "Seconds of workers held.", _JOB),
        "retold_gpu_seconds_total": Metric("counter", "Seconds of GPUs held, by the shares of workers.", _JOB),
        "retold_gpu_busy_seconds_total": Metric("counter", "Of these, seconds with a row to work on.", _JOB),
        "retold_inputs_left": Metric("gauge", "Inputs that are still to do in this run.", _JOB),
        "retold_inputs_blocked": Metric("gauge", "Inputs that wait for another table.", _JOB),
        "retold_units": Metric("gauge", "Units that the engine has and has not given back.", _JOB),
        "retold_workers": Metric("gauge", "Workers that are held.", _JOB),
    }
)
"""By name. Ray exports each with `ray_` before it."""

Sample = tuple[str, tuple[str, ...], float]
"""A name, the values of its labels after lake and job, and how much."""


def samples(progress: Progress) -> Iterator[Sample]:
    """All metrics of one job of a run, as they stand."""
    yield "retold_inputs_total", (), progress.done
    yield "retold_rows_total", (), progress.rows_out
    for kind, rows in progress.failures.items():
        yield "retold_failures_total", (kind,), rows
    yield "retold_bytes_read_total", (), progress.bytes_read
    yield "retold_bytes_written_total", (), progress.bytes_written
    yield "retold_tokens_total", ("in",), progress.tokens_in
    yield "retold_tokens_total", ("out",), progress.tokens_out
    yield "retold_cpu_seconds_total", (), progress.cpu_s
    yield "retold_worker_seconds_total", (), progress.worker_s
    yield "retold_gpu_seconds_total", (), progress.gpu_s
    yield "retold_gpu_busy_seconds_total", (), progress.gpus * progress.busy_s
    yield "retold_inputs_left", (), progress.total - progress.done
    yield "retold_inputs_blocked", (), progress.blocked
    yield "retold_units", (), progress.units
    yield "retold_workers", (), progress.workers


class Meters(Protocol):
    """Where metrics go."""

    @property
    def ready(self) -> bool:
        """Whether anything is kept now."""
        ...

    def add(self, name: str, labels: Mapping[str, str], amount: float) -> None: ...

    def set(self, name: str, labels: Mapping[str, str], value: float) -> None: ...


@dataclass
class Metering:
    """Watches the jobs of one run, and counts what becomes of them."""

    lake: str
    meters: Meters
    counted: dict[str, dict[tuple[str, tuple[str, ...]], float]] = field(default_factory=dict)  # by run

    def __enter__(self) -> "Metering":
        return self

    def __exit__(self, *error: object) -> None: ...

    def watch(self, progress: Progress) -> None:
        if progress.run_id is None or not self.meters.ready:
            return
        counted = self.counted.setdefault(progress.run_id, {})
        for name, more, value in samples(progress):
            labels = dict(zip(METRICS[name].labels, (self.lake, progress.job, *more), strict=True))
            if METRICS[name].kind == "gauge":
                self.meters.set(name, labels, value)
            elif (grown := value - counted.get((name, more), 0.0)) > 0:
                self.meters.add(name, labels, grown)
                counted[name, more] = value
        if progress.ended_s is not None:
            del self.counted[progress.run_id]
