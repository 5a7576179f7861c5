"""What happens to one unit in one worker: gather, run the stage, store, write."""

import itertools
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pyarrow as pa

from curate.media.file import LocalFile
from curate.media.machine import opens_media, unheld
from curate.media.sandbox import isolated
from curate.stage import Heavy, Outcome
from curate.storage.lake import NewFile
from curate.storage.trouble import told_as_trouble
from jobs.clock import BusyClock, CpuClock
from jobs.job import Job, Snapshot, Unit
from schemas.media import Blob
from schemas.row import to_table
from schemas.tables import TABLES
from schemas.trace import Failure, Trace

FILE_BYTES = 64 << 20
"""Pixels in memory after which a unit begins another file."""


@dataclass(frozen=True, slots=True)
class FailedRow:
    """An input that failed, and the kind of its failure."""

    input_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a unit: files to commit, and what to count."""

    unit: int
    files: tuple[NewFile, ...]
    rows_in: int
    rows_out: int
    failures: tuple[FailedRow, ...]
    cpu_s: float
    busy_s: float  # in which the worker had a row to work on, or its stage to open
    tokens_in: int
    tokens_out: int
    bytes_read: int
    bytes_stored: int  # in shards
    unheld: tuple[str, ...] = ()  # by what its children were not held


class Worker:
    """One job in one process. The stage is opened at the first unit and kept.

    Several threads may work on units of it where its job says so (`Job.concurrent_units`).
    """

    def __init__(self, job: Job, snapshot: Snapshot, run_id: str) -> None:
        self.job, self.snapshot, self.run_id = job, snapshot.of(job), run_id
        limits = getattr(job.stage, "limits", None)
        self.clock, self.busy = CpuClock(), BusyClock()
        self.busy.begin()
        self.unheld = unheld(job.isolation_required) if opens_media(job.stage) else ()
        self.run = job.stage.open() if limits is None else isolated(job.stage, limits)
        self.sink = job.open_sink(snapshot) if job.open_sink else None
        self.busy.end()

    @told_as_trouble()
    def __call__(self, unit: Unit) -> Result:
        self.clock.begin()
        read, files, ids, failures = dict[str, int](), list[NewFile](), list[str](), list[FailedRow]()
        stored = set[Blob]()
        rows_out = tokens_in = tokens_out = 0
        for part in self._parts(self._stored(unit, self._worked(unit, read), stored)):
            files.append(self.snapshot.lake.write(self.job.output, self.job.fingerprint, self._table(unit, part)))
            ids += [outcome.input_id for outcome in part]
            failures += [FailedRow(outcome.input_id, outcome.failure.kind) for outcome in part if outcome.failure]
            rows = [row for outcome in part for row in outcome.rows]
            rows_out += len(rows)
            tokens_in += sum(getattr(row, "tokens_in", None) or 0 for row in rows)
            tokens_out += sum(getattr(row, "tokens_out", None) or 0 for row in rows)
        if sorted(ids) != sorted(unit.ids):
            raise RuntimeError(_mismatch(self.job.name, unit.ids, ids))
        return Result(
            unit=unit.index,
            files=tuple(files),
            rows_in=len(ids),
            rows_out=rows_out,
            failures=tuple(failures),
            cpu_s=self.clock.end(),
            busy_s=self.busy.taken(),
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            bytes_read=sum(read.values()),
            bytes_stored=sum(blob.length for blob in stored),
            unheld=self.unheld,
        )

    def _worked(self, unit: Unit, read: dict[str, int]) -> Iterator[Outcome[Any]]:
        """The outcomes of a unit, as they come; the size of each file that is given goes into `read`."""
        gathered = self.job.gather(self.snapshot, unit.ids)
        given = answered = 0

        def rows() -> Iterator[Any]:
            nonlocal given
            # not asked for one after the last: it would put away the bytes of those that are still under way
            for row in itertools.islice(gathered, len(unit.ids)):
                if isinstance(getattr(row, "file", None), LocalFile):
                    read[row.media.media_id] = row.file.size
                self.busy.begin()
                given += 1
                yield row

        try:
            for outcome in self.run(rows()):
                self.busy.end()
                answered += 1
                yield outcome
        finally:
            self.busy.end(given - answered)

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

    def _stored(self, unit: Unit, outcomes: Iterator[Outcome[Any]], new: set[Blob]) -> Iterable[Outcome[Any]]:
        """The outcomes with the bytes of heavy rows in a shard, where they go one by one, as they come.

        Those that were not there before are told in `new`.
        """
        if self.sink is None:
            return outcomes
        seen: list[tuple[str, int, Failure | None]] = []

        def heavies() -> Iterator[Heavy[Any]]:
            for outcome in outcomes:
                seen.append((outcome.input_id, len(outcome.rows), outcome.failure))
                yield from outcome.rows

        name = f"{self.run_id}-{unit.index:06d}-{uuid4().hex[:8]}"  # never twice: a unit may be done again
        rows = self.sink(self.snapshot.lake, name, heavies())
        new.update(row.blob for row in rows if row.blob is not None and name in row.blob.shard)
        stored = iter(rows)
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
