"""A job is one arrow between two tables: which rows go into a stage, and where what it gives is kept."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import polars as pl

from curate.stage import Heavy, Stage, fingerprint
from curate.storage.lake import Lake
from schemas.tables import TABLES

R = TypeVar("R")


@dataclass(frozen=True)
class Snapshot:
    """The rows of the tables that one recipe looks at: each table by the fingerprint that the recipe asks for."""

    lake: Lake
    fingerprints: Mapping[str, str]
    later: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of rows made after those, from them

    @property
    def asked(self) -> dict[str, str]:
        """Every fingerprint that the recipe asks for, by table; later ones by the table and their number."""
        more = {f"{table}+{n}": one for table, names in self.later.items() for n, one in enumerate(names, 1)}
        return {**self.fingerprints, **more}

    def of(self, job: "Job") -> "Snapshot":
        """The rows as one job reads them."""
        return replace(self, fingerprints={**self.fingerprints, **job.reads})

    def all_payload(self, name: str) -> pl.LazyFrame:
        """The rows of a traced table that have a payload, those made later too."""
        names = [self.fingerprints[name], *self.later.get(name, ())]
        return self.lake.scan(name).filter(pl.col("fingerprint").is_in(names), pl.col("outputs") > 0)

    def payload(self, name: str) -> pl.LazyFrame:
        """The rows of `name` that have a payload; all of a table without traces."""
        if not TABLES[name].traced:
            return self.lake.scan(name)
        return self.lake.scan(name, self.fingerprints[name]).filter(pl.col("outputs") > 0)

    def unfailed(self, name: str) -> pl.LazyFrame:
        """The rows of a traced table whose input did not fail: one without a payload where nothing was to be found."""
        return self.lake.scan(name, self.fingerprints[name]).filter(pl.col("failure").is_null())

    def rows(self, name: str, row: type[R], column: str, ids: Sequence[str]) -> Iterator[R]:
        """Payload rows of `name` whose `column` is one of `ids`."""
        where = pl.col(column).is_in(list(ids))
        if TABLES[name].traced:
            where = (pl.col("fingerprint") == self.fingerprints[name]) & where
        return self.lake.rows(name, row, where)

    def all_rows(self, name: str, row: type[R], column: str, ids: Sequence[str]) -> Iterator[R]:
        """The same of a table of which rows were made later too, those made first before the others."""
        for asked in (self.fingerprints[name], *self.later.get(name, ())):
            yield from replace(self, fingerprints={name: asked}).rows(name, row, column, ids)


Gather = Callable[[Snapshot, Sequence[str]], Iterator[Any]]
"""Input rows for ids, read in the worker; an id may be left out only if it has no row."""

Sink = Callable[[Lake, str, Iterable[Heavy[Any]]], list[Any]]
"""Store the bytes of heavy rows, as they come, in shards of this name; give the rows, in order, with their blobs."""


@dataclass(frozen=True)
class Job:
    """One stage between two tables."""

    stage: Stage[Any, Any]
    over: str  # the table whose rows go in
    key: str  # its column that names an input
    output: str
    gather: Gather
    reads: Mapping[str, str] = field(default_factory=dict)  # table -> fingerprint, of all that gather reads
    needs: tuple[str, ...] = ()  # tables that must have done the same input before
    needs_of: Mapping[str, str] = field(default_factory=dict)  # the same by a column of `over`: table -> column
    among: Mapping[str, str] = field(default_factory=dict)  # table -> column: inputs of no row there are passed over
    of: str | None = None  # what its inputs are, where several jobs have one stage
    open_sink: Callable[[Snapshot], Sink] | None = None
    sorted_by: str | None = None  # the column that later jobs look rows up by; None: files stay as they were written
    rows_per_unit: int = 16
    workers: int | None = None  # None: as the recipe says for all jobs
    environment: str | None = None  # the kind of workers (`interpreter.py`); None: those of the core
    concurrent_units: int = 1  # of one worker; more where its stage may be used by several threads, and gains by it
    gpus: float = 0.0  # of one worker
    isolation_required: bool = False  # its workers refuse a machine that cannot hold their children

    @property
    def name(self) -> str:
        return self.stage.name

    @property
    def label(self) -> str:
        """The job as a person sees it."""
        return self.name if self.of is None else f"{self.name} ({self.of})"

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.stage, self.reads)


def counter(job: str, fingerprint: str) -> str:
    """The name under which commits of a job are counted in its output table."""
    return f"{job}-{fingerprint}"


@dataclass(frozen=True, slots=True)
class Unit:
    """Inputs that are worked on, written and committed together."""

    index: int
    ids: tuple[str, ...]
    attempts: tuple[int, ...]  # which attempt this is, from 1
