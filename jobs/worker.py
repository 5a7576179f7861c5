"""What happens to one unit in one worker: gather, run the stage, store, write."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa

from curate.media.file import LocalFile
from curate.media.sandbox import isolated
from curate.stage import Heavy, Outcome
from curate.storage.lake import NewFile
from jobs.job import Job, Snapshot, Unit
from schemas.row import to_table
from schemas.tables import TABLES
from schemas.trace import Failure, Trace

FILE_BYTES = 64 << 20
"""Pixels in memory after which a unit begins another file."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a unit: files to commit, and what to count."""

    unit: int
    files: tuple[NewFile, ...]
    rows_in: int
    rows_out: int
    failures: tuple[str, ...]
    cpu_s: float
    bytes_read: int


class Worker:
    """One job in one process. The stage is opened at the first unit and kept.

    Several threads may work on units of it where its job says so (`Job.concurrent_units`).
    """

    def __init__(self, job: Job, snapshot: Snapshot, run_id: str) -> None:
        self.job, self.snapshot, self.run_id = job, snapshot.of(job), run_id
        limits = getattr(job.stage, "limits", None)
        self.run = job.stage.open() if limits is None else isolated(job.stage, limits)
        self.clock = CpuClock()
        self.sink = job.open_sink(snapshot) if job.open_sink else None

    def __call__(self, unit: Unit) -> Result:
        self.clock.begin()
        read = dict[str, int]()
        gathered = self.job.gather(self.snapshot, unit.ids)

        def rows() -> Iterator[Any]:
            # not asked for one after the last: it would put away the bytes of those that are still under way
            for row in itertools.islice(gathered, len(unit.ids)):
                if isinstance(getattr(row, "file", None), LocalFile):
                    read[row.media.media_id] = row.file.size
                yield row

        files, ids, failures, rows_out = list[NewFile](), list[str](), list[str](), 0
        for part in self._parts(self._stored(unit, self.run(rows()))):
            files.append(self.snapshot.lake.write(self.job.output, self.job.fingerprint, self._table(unit, part)))
            ids += [outcome.input_id for outcome in part]
            failures += [outcome.failure.kind for outcome in part if outcome.failure]
            rows_out += sum(len(outcome.rows) for outcome in part)
        if sorted(ids) != sorted(unit.ids):
            raise RuntimeError(_mismatch(self.job.name, unit.ids, ids))
        cpu_s, bytes_read = self.clock.end(), sum(read.values())
        return Result(unit.index, tuple(files), len(ids), rows_out, tuple(failures), cpu_s, bytes_read)

    def _parts(self, outcomes: Iterable[Outcome[Any]]) -> Iterator[list[Outcome[Any]]]:
        """Outcomes of one file each, so that no worker holds the pixels of many long media."""
        pixels = [field.name for field in TABLES[self.job.output].schema if pa.types.is_binary(field.type)]
        part, held_bytes = list[Outcome[Any]](), 0
        for outcome in outcomes:
            part.append(outcome)
            held_bytes += sum(len(getattr(row, name)) for row in outcome.rows for name in pixels)
            if held_bytes >= FILE_BYTES:
                yield part
                part, held_bytes = [], 0
        if part:
            yield part

    def _stored(self, unit: Unit, outcomes: Iterator[Outcome[Any]]) -> Iterable[Outcome[Any]]:
        """The outcomes with the bytes of heavy rows in a shard, where they go one by one, as they come."""
        if self.sink is None:
            return outcomes
        seen: list[tuple[str, int, Failure | None]] = []

        def heavies() -> Iterator[Heavy[Any]]:
            for outcome in outcomes:
                seen.append((outcome.input_id, len(outcome.rows), outcome.failure))
                yield from outcome.rows

        name = f"{self.run_id}-{unit.index:06d}-{uuid4().hex[:8]}"  # never twice: a unit may be done again
        stored = iter(self.sink(self.snapshot.lake, name, heavies()))
        return [Outcome(one, tuple(itertools.islice(stored, rows)), failure) for one, rows, failure in seen]

    def _table(self, unit: Unit, outcomes: Sequence[Outcome[Any]]) -> pa.Table:
        spec, now = TABLES[self.job.output], time.time_ns() // 1000
        attempts = dict(zip(unit.ids, unit.attempts, strict=True))
        payloads = [row for outcome in outcomes for row in outcome.rows]
        traces = [
            Trace(o.input_id, i, len(o.rows), o.failure, attempts[o.input_id], self.job.fingerprint, self.run_id, now)
            for o in outcomes
            for i in range(max(1, len(o.rows)))
        ]
        body = to_table(spec.row, payloads)
        full = [trace for trace in traces if trace.outputs]
        bare = [trace for trace in traces if not trace.outputs]
        return pa.concat_tables([_beside(body, full), _beside(_nothing(body.schema, len(bare)), bare)])


def _mismatch(job: str, ids: Sequence[str], done: Sequence[str]) -> str:
    given, got = Counter(ids), Counter(done)
    lost, more = sorted((given - got).elements()), sorted((got - given).elements())
    return f"{job} lost inputs {lost[:3]} ({len(lost)} in all) and gave {more[:3]} too often ({len(more)} in all)"


def _nothing(schema: pa.Schema, rows: int) -> pa.Table:
    # not pa.nulls: the children of its structs are null too, which Parquet refuses where they may not be
    return pa.table([pa.array([None] * rows, field.type) for field in schema], schema=_nullable(schema))


def _nullable(schema: pa.Schema) -> pa.Schema:
    return pa.schema([field.with_nullable(True).remove_metadata() for field in schema])


def _beside(body: pa.Table, traces: Sequence[Trace]) -> pa.Table:
    """Payload columns and trace columns, without the fingerprint: that is the partition."""
    envelope = to_table(Trace, traces).drop_columns(["fingerprint"])
    fields = [*_nullable(body.schema), *(field.remove_metadata() for field in envelope.schema)]
    return pa.table([*body.columns, *envelope.columns], schema=pa.schema(fields))


class CpuClock:
    """CPU seconds of this process and its children while units are worked on; none is counted twice."""

    def __init__(self) -> None:
        self._lock, self._units, self._counted_s = threading.Lock(), 0, 0.0

    def begin(self) -> None:
        with self._lock:
            if not self._units:
                self._counted_s = tree_cpu_s()
            self._units += 1

    def end(self) -> float:
        """What was spent since the last unit ended, or since this one began where it is alone."""
        with self._lock:
            self._units -= 1
            before, self._counted_s = self._counted_s, tree_cpu_s()
            return self._counted_s - before


def tree_cpu_s() -> float:
    """User and system seconds of this process, its living children, and those it has waited for."""
    ticks, waiting = 0, [Path("/proc/self")]
    while waiting:
        process = waiting.pop()
        try:
            fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
            ticks += sum(int(fields[i]) for i in (11, 12, 13, 14))
            for task in (process / "task").iterdir():
                waiting += [Path("/proc") / pid for pid in (task / "children").read_text().split()]
        except OSError:
            continue  # it ended while we looked
    return ticks / 100
