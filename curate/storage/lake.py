"""The lake: a row of Delta tables and the blobs beside them."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Schema, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from curate.errors import LakeError
from curate.storage.blobs import Blobs
from curate.storage.trouble import cure, once_more, reason
from schemas.row import arrow_schema, from_table, to_table
from schemas.tables import TABLES, Table

R = TypeVar("R")

BULKY_GROUP = 256
"""Rows of a group where rows hold pixels: one that is looked up costs a few megabytes, not the whole file."""

_FINDABLE = WriterProperties(compression="ZSTD", max_row_group_size=4096)
"""Of tables whose rows are looked up by key: of a file sorted by it, only the groups that can match are read."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """A Parquet file that is written but not yet part of its table."""

    table: str
    fingerprint: str
    path: str  # below the table
    size: int
    rows: int
    stats: str  # JSON, Delta's form


@dataclass(frozen=True)
class Lake:
    """A folder or an `s3://bucket/prefix`. Pickles: a worker opens its own connections."""

    uri: str
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def blobs(self) -> Blobs:
        return Blobs(self.uri, self.options)

    def path(self, name: str) -> str:
        return f"{self.uri.rstrip('/')}/{name}"

    def create(self) -> None:
        """Make the tables that are missing; raise LakeError where one is of another shape."""
        if self.blobs.folder is not None:
            self.blobs.folder.mkdir(parents=True, exist_ok=True)
        for table in TABLES.values():
            self._create(table)

    def _create(self, table: Table) -> None:
        make = partial(
            DeltaTable.create,
            self.path(table.name),
            Schema.from_arrow(_stored(table)),
            mode="ignore",
            partition_by=["fingerprint"] if table.traced else None,
            configuration={
                "delta.logRetentionDuration": "interval 3650 days",
                "delta.dataSkippingStatsColumns": ",".join(_ranged(table)),
            },
            storage_options=dict(self.options),
        )
        with self.reached():
            dt = once_more(make)
        self._check(table, dt)

    def _check(self, table: Table, dt: DeltaTable) -> None:
        have = {field.name: field for field in dt.schema().fields}
        want = {field.name: field for field in Schema.from_arrow(_stored(table)).fields}
        odd = sorted(name for name in have.keys() | want.keys() if have.get(name) != want.get(name))
        if odd:
            raise LakeError(f"{self.path(table.name)} was made by another version of retold: columns differ: {odd}")

    def checked(self, name: str) -> DeltaTable:
        """One table; LakeError where it is of another shape, too."""
        dt = self.delta(name)
        self._check(TABLES[name], dt)
        return dt

    def delta(self, name: str, version: int | None = None) -> DeltaTable:
        """One table at one version; LakeError where there is none, or where storage does not give it."""
        with self.reached():
            try:
                where, options = self.path(name), dict(self.options)
                return once_more(lambda: DeltaTable(where, version=version, storage_options=options))
            except TableNotFoundError as error:
                raise LakeError(f"{self.uri} is not a lake yet: `retold run` or `retold add` makes it") from error

    @contextmanager
    def reached(self) -> Iterator[None]:
        """What storage says when it cannot be had is dozens of lines: the last of them, and what can be done."""
        try:
            yield
        except (DeltaError, OSError) as error:
            known = "see to the permissions of the folder"
            if self.blobs.folder is None:
                known = "see to the name of the bucket, and to AWS_ENDPOINT_URL, AWS_REGION and the keys"
            help_ = cure(error) or known
            raise LakeError(f"the lake {self.uri} cannot be reached: {reason(error)}; {help_}") from error

    def versions(self) -> dict[str, int]:
        return {name: self.delta(name).version() for name in TABLES}

    def scan(self, name: str, fingerprint: str | None = None) -> pl.LazyFrame:
        """A table as a lazy frame; of one fingerprint, if given."""
        frame = pl.scan_delta(self.delta(name))
        return frame if fingerprint is None else frame.filter(pl.col("fingerprint") == fingerprint)

    def rows(self, name: str, row: type[R], where: pl.Expr | None = None, at: DeltaTable | None = None) -> Iterator[R]:
        """Payload rows of a table; a filter on a key column or the fingerprint opens only the files that can match."""
        frame = pl.scan_delta(self.delta(name) if at is None else at)
        if TABLES[name].traced:
            frame = frame.filter(pl.col("outputs") > 0)
        if where is not None:
            frame = frame.filter(where)
        found = frame.select(arrow_schema(row).names).collect()
        return from_table(row, found.to_arrow(compat_level=pl.CompatLevel.newest()))  # texts and bytes are not copied

    def write(
        self, name: str, fingerprint: str, table: pa.Table, by: Sequence[str] = ("input_id", "ordinal")
    ) -> NewFile:
        """Write rows of one fingerprint as a new Parquet file of a traced table, sorted by columns; commit it later."""
        spec = TABLES[name]
        if table.schema.names != [c for c in spec.schema.names if c != "fingerprint"]:
            raise TypeError(f"rows of {name} have columns {table.schema.names}")
        table = _sorted(table, by)
        path = f"fingerprint={fingerprint}/{uuid4().hex}.parquet"
        counted = _Counted()
        with self.blobs.create(f"{name}/{path}") as writer:
            counted.writer = writer
            strings = [field.name for field in table.schema if pa.types.is_string(field.type)]
            file = pa.PythonFile(counted, mode="w")
            pq.write_table(
                table,
                file,
                row_group_size=BULKY_GROUP if _bulky(table.schema) else None,
                compression="lz4" if _bulky(table.schema) else "zstd",
                use_dictionary=strings,
                write_statistics=[name for name in _ranged(spec) if name in table.schema.names],
                write_page_checksum=True,
            )
        pa.default_memory_pool().release_unused()  # pages of an hour's pixels would stay with the worker
        return NewFile(name, fingerprint, path, counted.size, table.num_rows, _stats(table, spec))

    def commit(self, name: str, files: Sequence[NewFile], app: str, version: int) -> None:
        """Make files part of their table, exactly once: LakeError where `app` is at `version` already."""
        dt = self.delta(name)
        if (dt.transaction_version(app) or 0) >= version:
            raise LakeError(
                f"somebody else is running this job on {self.uri}, or has taken something down: {app=} {version=}; "
                "wait for it, or stop it, and run again"
            )
        now = int(time.time() * 1000)
        actions: list[AddAction | RemoveAction] = [
            AddAction(f.path, f.size, {"fingerprint": f.fingerprint}, now, True, f.stats) for f in files
        ]
        try:
            dt.create_write_transaction(
                actions, "append", dt.schema(), ["fingerprint"],
                commit_properties=CommitProperties(app_transactions=[Transaction(app, version)]),
            )  # fmt: skip
        except CommitFailedError as error:
            raise LakeError(f"the commit to {self.path(name)} was refused: {error}; run again") from error

    def transaction(self, name: str, app: str) -> int:
        """The last version that `app` has committed to a table; 0 at first."""
        return self.delta(name).transaction_version(app) or 0

    def append(self, name: str, rows: Iterable[Any]) -> None:
        """Add rows to a table without an envelope, in one commit."""
        self.append_table(name, to_table(TABLES[name].row, rows))

    def append_table(self, name: str, table: pa.Table) -> None:
        """Add a whole table of exactly the stored columns to an untraced table, in one commit."""
        self.append_parts(name, lambda: iter((table,)))

    def append_parts(self, name: str, parts: Callable[[], Iterator[pa.Table]]) -> int:
        """Add a table that comes in parts, of which one is in memory, in one commit; how many rows it has.

        The parts are asked for again where another writer was first.
        """
        stored = _stored(TABLES[name])
        patience = 3
        while True:
            counted = _Rows(parts(), stored)
            try:
                first = next(counted, None)
                if first is None:
                    return 0
                rows = pa.RecordBatchReader.from_batches(stored, chain((first,), counted))
                write_deltalake(self.delta(name), rows, mode="append", writer_properties=_FINDABLE)
            except CommitFailedError as error:  # many drivers write the ledger
                patience -= 1
                if not patience:
                    raise LakeError(f"{self.path(name)} could not be written: {error}; run again") from error
            else:
                return counted.rows


class _Rows:
    """Batches of tables in the stored columns, counted as they go."""

    def __init__(self, parts: Iterator[pa.Table], schema: pa.Schema) -> None:
        self._batches = (batch for part in parts for batch in part.cast(schema).to_batches() if batch.num_rows)
        self.rows = 0

    def __iter__(self) -> "_Rows":
        return self

    def __next__(self) -> pa.RecordBatch:
        batch = next(self._batches)
        self.rows += batch.num_rows
        return batch


_PIECE = 8 << 20


class _Counted:
    """The least of a file that Arrow writes to: counts what goes through."""

    writer: Any
    size = 0
    closed = False

    def write(self, data: Any) -> int:
        view = memoryview(data)
        for start in range(0, len(view), _PIECE):
            self.writer.write(view[start : start + _PIECE])
        self.size += len(view)
        return len(view)

    def flush(self) -> None: ...

    def close(self) -> None: ...

    def tell(self) -> int:
        return self.size


def open_lake(uri: str, options: Mapping[str, str]) -> Lake:
    """A lake at a folder (made absolute, so that workers find it) or at `s3://bucket/prefix`."""
    if "://" in uri and not uri.startswith("s3://"):
        raise LakeError(f"a lake is a folder or s3://bucket/prefix, not {uri!r}")
    return Lake(uri.rstrip("/") if "://" in uri else str(Path(uri).expanduser().resolve()), options)


def _sorted(table: pa.Table, by: Sequence[str]) -> pa.Table:
    """By some columns; not copied where it is so already."""
    order = pc.sort_indices(table, [(column, "ascending") for column in by])
    return table if order.equals(pa.array(range(len(table)), order.type)) else table.take(order)


def _stored(table: Table) -> pa.Schema:
    return pa.schema([field.remove_metadata() for field in table.schema])


def _ranged(table: Table) -> list[str]:
    """Columns whose ranges the log keeps: ids alone, so that nothing of a medium is in it."""
    return [name for name in table.schema.names if name in {"input_id", "media_id", "clip_id", *table.key}]


def _bulky(schema: pa.Schema) -> bool:
    """Do rows hold pixels? They hardly shrink, so they are packed by what unpacks fastest."""
    return any(pa.types.is_binary(field.type) for field in schema)


def _stats(table: pa.Table, spec: Table) -> str:
    """Row count and the range of the key columns: what lets a reader skip the file."""
    columns = [c for c in dict.fromkeys(("input_id", *spec.key)) if pa.types.is_string(table.schema.field(c).type)]
    ranges = {c: pc.min_max(table[c]).as_py() for c in columns}
    return json.dumps(
        {
            "numRecords": table.num_rows,
            "minValues": {c: r["min"] for c, r in ranges.items() if r["min"] is not None},
            "maxValues": {c: r["max"] for c, r in ranges.items() if r["max"] is not None},
            "nullCount": {c: table[c].null_count for c in columns},
        }
    )
