"""Rows taken out of a table, with the bytes that they alone refer to.

A file that holds such rows is written anew without them. A shard that holds such bytes is written anew from the rows
that stay; that the others lie elsewhere now is part of the same commit. A reader sees all of it or nothing.

What an attempt wrote is taken back if it gave way, once it is seen that no version has it: a commit may seem to be
refused because its answer was lost. What a killed one wrote stays for `retold vacuum`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import uuid4

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from polars.exceptions import PolarsError

from curate.care.places import SHARDED, shards
from curate.errors import LakeError
from curate.storage.blobs import Blobs
from curate.storage.files import Conflict, TableFile, files, read, replace
from curate.storage.lake import Lake, NewFile
from schemas.media import Blob
from schemas.tables import TABLES

Remake = Callable[[Blobs, str, str, Iterable[Any]], dict[Blob, Blob]]
"""Write a shard anew, under a new name, with what some rows have in it; old places to new ones."""

_BLOB = {one.name for one in fields(Blob)}

TRIES = 8
"""How often a removal gives way to others who write to the same table."""


@dataclass(frozen=True)
class Doomed:
    """Rows to remove from one traced table; or only their bytes, where they stay to say what was there."""

    table: str
    where: pl.Expr  # null is no
    prune: str | None = None  # a column whose values begin with one of `ids`, so that other files need not be opened
    ids: Sequence[str] = ()  # sorted
    damaged: frozenset[str] = frozenset()  # shards to write anew, whatever their rows say
    apps: tuple[str, ...] = ()  # the transaction counters of the jobs that write this table
    fingerprint: str | None = None  # of this one alone
    rows_stay: bool = False


@dataclass(frozen=True, slots=True)
class Removed:
    """What a removal did; `shards` and `files` are no longer referred to, and still there."""

    rows: int
    shards: tuple[str, ...] = ()  # below the lake
    files: tuple[str, ...] = ()


Intent = Callable[[list[Any], set[str]], None]
"""Told, before anything is removed, the rows that go and the shards that will be written anew."""


def remove_rows(lake: Lake, doomed: Doomed, remake: Remake | None = None, intent: Intent | None = None) -> Removed:
    """Remove rows in one commit; it takes a step of each counter even where there are none. LakeError after `TRIES`."""
    for patience in range(TRIES, 0, -1):
        dt = lake.delta(doomed.table)
        attempt = _Attempt(lake, dt, doomed)
        try:
            return attempt.remove(remake, intent)
        except (LakeError, OSError, PolarsError) as error:  # what is read may be removed by another removal
            attempt.take_back()
            changed = isinstance(error, Conflict) or lake.delta(doomed.table).version() != dt.version()
            if not changed or patience == 1:
                raise
    raise AssertionError


@dataclass
class _Attempt:
    lake: Lake
    dt: DeltaTable
    doomed: Doomed
    written: list[str] = field(default_factory=list)  # below the lake

    def remove(self, remake: Remake | None, intent: Intent | None) -> Removed:
        moved: dict[Blob, Blob] = {}
        remade: set[str] = set()
        if remake is not None:
            gone, kept, remade = self._affected()
            if intent is not None:
                intent(gone, remade)
            for shard in sorted(remade):
                moved |= self._remade(remake, shard, kept)
        old, new, rows = [], [], 0
        for file in self._touched(remade):
            table = read(self.lake, self.doomed.table, file)
            keeps = _keeps(table, self.doomed.where)
            left = _moved(table if self.doomed.rows_stay else table.filter(keeps), moved)
            left = _emptied(left, keeps) if self.doomed.rows_stay else left
            old.append(file)
            rows += pc.sum(pc.invert(keeps)).as_py() or 0
            if left.num_rows:
                new.append(self._write(file, left))
        if old or self.doomed.apps:
            replace(self.lake, self.doomed.table, self.dt, old, new, self.doomed.apps)
        return Removed(rows, tuple(sorted(remade)), tuple(f"{self.doomed.table}/{file.path}" for file in old))

    def take_back(self) -> None:
        """Remove what was written and is not part of the table."""
        table = self.doomed.table
        known = {f"{table}/{file.path}" for file in files(self.lake.delta(table))}
        if table in SHARDED:
            known |= shards(self.lake, table)
        self.lake.blobs.delete(path for path in self.written if path not in known)

    def _affected(self) -> tuple[list[Any], list[Any], set[str]]:
        """Rows that go, rows that stay and share a shard with them, and the shards to write anew."""
        table = self.doomed.table
        row = TABLES[table].row
        mine = self.doomed.where
        if self.doomed.fingerprint is not None:
            mine &= pl.col("fingerprint") == self.doomed.fingerprint
        gone: list[Any] = list(self.lake.rows(table, row, mine, at=self.dt))
        near = {blob.shard for one in gone for blob in blobs_of(one)} | self.doomed.damaged
        stay = in_shards(table, near) & ~mine.fill_null(value=False)
        kept: list[Any] = list(self.lake.rows(table, row, stay, at=self.dt)) if near else []
        needed = {blob for one in kept for blob in blobs_of(one)}
        lost = {blob.shard for one in gone for blob in blobs_of(one) if blob not in needed}
        return gone, kept, lost | self.doomed.damaged

    def _remade(self, remake: Remake, shard: str, kept: list[Any]) -> dict[Blob, Blob]:
        mine = [row for row in kept if any(blob.shard == shard for blob in blobs_of(row))]
        if not mine:
            return {}
        unit = f"remade-{uuid4().hex}"
        moved = remake(self.lake.blobs, shard, unit, mine)
        self.written += sorted({blob.shard for blob in moved.values()})
        return moved

    def _touched(self, remade: set[str]) -> Iterator[TableFile]:
        """Files with a row that goes or that refers to a shard that is written anew."""
        doomed, where = self.doomed, self.doomed.where.fill_null(value=False)
        if remade:
            where |= in_shards(doomed.table, remade)
        for file in files(self.dt):
            if doomed.fingerprint not in {None, file.fingerprint}:
                continue
            may = bool(remade) or doomed.prune is None or file.may_hold(doomed.prune, doomed.ids)
            if may and holds(self.lake, f"{doomed.table}/{file.path}", where):
                yield file

    def _write(self, file: TableFile, table: pa.Table) -> NewFile:
        if file.fingerprint is None:
            raise TypeError(f"{self.doomed.table} has no fingerprints: its rows are deleted, not rewritten")
        new = self.lake.write(self.doomed.table, file.fingerprint, table)
        self.written.append(f"{self.doomed.table}/{new.path}")
        return new


def blobs_of(row: Any) -> list[Blob]:
    """The places of a row: of its own bytes and of its sidecars."""
    beside = (sidecar.blob for sidecar in getattr(row, "sidecars", ()))
    return [blob for blob in (row.blob, *beside) if blob is not None]


def in_shards(table: str, paths: Iterable[str]) -> pl.Expr:
    """Rows that refer to one of these shards."""
    names = sorted(paths)
    own = pl.col("blob").struct.field("shard").is_in(names).fill_null(value=False)
    if "sidecars" not in TABLES[table].schema.names:
        return own
    beside = pl.col("sidecars").list.eval(pl.element().struct.field("blob").struct.field("shard").is_in(names))
    return own | beside.list.any().fill_null(value=False)


def holds(lake: Lake, path: str, where: pl.Expr) -> bool:
    """Whether a Parquet file, also one that is in no version, has a row for which this is true."""
    frame = pl.scan_parquet(f"{lake.uri.rstrip('/')}/{path}", hive_partitioning=False, storage_options=_options(lake))
    return bool(frame.filter(where.fill_null(value=False)).select(pl.len()).collect().item())


def _options(lake: Lake) -> dict[str, str] | None:
    return dict(lake.options) if lake.blobs.folder is None else None


def _keeps(table: pa.Table, where: pl.Expr) -> pa.Array:
    frame = pl.DataFrame(pl.from_arrow(table))
    return frame.select(~where.fill_null(value=False)).to_series().to_arrow()


def _emptied(table: pa.Table, keeps: pa.Array) -> pa.Table:
    """The same rows; those that are not kept say no more where bytes lie."""
    index = table.schema.get_field_index("blob")
    kept = [blob if stays else None for blob, stays in zip(table["blob"].to_pylist(), keeps.to_pylist(), strict=True)]
    return table.set_column(index, table.schema.field(index), pa.array(kept, table.schema.field(index).type))


def _moved(table: pa.Table, moved: Mapping[Blob, Blob]) -> pa.Table:
    """The same rows, with places that have moved."""
    for name in ("blob", "sidecars") if moved else ():
        if name in table.schema.names:
            index = table.schema.get_field_index(name)
            values = [_placed(value, moved) for value in table.column(name).to_pylist()]
            table = table.set_column(index, table.schema.field(index), pa.array(values, table.schema.field(index).type))
    return table


def _placed(value: Any, moved: Mapping[Blob, Blob]) -> Any:
    if isinstance(value, list):
        return [_placed(one, moved) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == _BLOB:
        new = moved.get(Blob(**value))
        # the checksum stays that of what was stored first: what was damaged since must not pass for whole
        return value if new is None else value | {"shard": new.shard, "offset": new.offset}
    return {key: _placed(one, moved) for key, one in value.items()}
