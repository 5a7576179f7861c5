"""An audit of a lake: what rows refer to is there and is what was stored; what nothing refers to is told."""

import functools
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl
from deltalake import DeltaTable

from curate.care.audit import Audit, Auditor, FileTask, ShardTask
from curate.care.finding import Damage, Orphan
from curate.care.orphans import begun, listing, orphans
from curate.care.places import OWNERS, SHARDED
from curate.care.removal import Doomed, remove_rows
from curate.care.survey import Doubles, doubles, file_tasks, shard_tasks, undead
from curate.storage.files import files, replace
from curate.storage.lake import Lake
from jobs.engines import Engine
from jobs.progress import Progress, Watch
from jobs.takedown import REMAKES, counters
from schemas.tables import TABLES

Task = ShardTask | FileTask
Unit = tuple[Task, ...]

UNIT_BYTES = 1 << 30
"""What one worker audits at a time."""

BATCH_PLACES = 1_000_000
"""Places that are handed to the engine at a time."""

SOUND = frozenset({"misplaced"})
"""Kinds of damage under which the bytes themselves are right."""


@dataclass(frozen=True)
class Pool:
    """Who reads: an engine, and how many workers of it."""

    engine: Engine
    workers: int | None = None

    def map(self, make: Callable[[], Callable[[Unit], Audit]], units: list[Unit]) -> Iterator[Audit]:
        yield from self.engine.map(make, units, self.engine.workers(self.workers))


@dataclass
class Findings:
    """What an audit found."""

    objects: int = 0
    bytes: int = 0
    damages: list[Damage] = field(default_factory=list)
    orphans: list[Orphan] = field(default_factory=list)
    unused_members: int = 0  # of tar shards: no row refers to them
    unused_bytes: int = 0
    doubles: dict[str, Doubles] = field(default_factory=dict)  # by table
    unfinished_takedowns: list[str] = field(default_factory=list)  # source ids
    unread: list[str] = field(default_factory=list)  # tables of which files are lost: only their files were looked at

    def as_dict(self) -> dict[str, Any]:
        kinds = sorted({one.kind for one in self.orphans})
        mine = {kind: [one.size for one in self.orphans if one.kind == kind] for kind in kinds}
        return {
            "objects": self.objects,
            "bytes": self.bytes,
            "damaged": len(self.damages),
            "orphans": {kind: {"objects": len(sizes), "bytes": sum(sizes)} for kind, sizes in mine.items()},
            "unused_members": self.unused_members,
            "unused_bytes": self.unused_bytes,
            "doubles": {table: asdict(found) for table, found in self.doubles.items()},
            "unfinished_takedowns": self.unfinished_takedowns,
            "unread": self.unread,
        }


def fsck(lake: Lake, tables: Collection[str], pool: Pool | None, watch: Watch) -> Findings:
    """Audit tables; without a pool, look at what is there and how long it is, and read nothing."""
    found, progress = Findings(), Progress("fsck")
    watch(progress)
    tasks = (task for table in TABLES if table in tables for task in _survey(lake, table, found))
    for units in _batches(tasks):
        progress.total += sum(len(unit) for unit in units)
        for audit in pool.map(functools.partial(Auditor, lake.blobs), units) if pool else ():
            _count(audit, found, progress)
            watch(progress)
    found.orphans += begun(lake)
    if not {"sources", "media"} & {*found.unread}:
        found.unfinished_takedowns = undead(lake)
    found.objects = progress.done = progress.total
    progress.ended_s = time.monotonic()
    watch(progress)
    return found


def _survey(lake: Lake, table: str, found: Findings) -> Iterator[Task]:
    """What is there to be audited; what is not, and what nothing refers to, is noted.

    Where files of rows are lost, nobody knows what the others of the table refer to: that is for an audit after repair.
    """
    held, readable = listing(lake, table), True
    for one in file_tasks(lake, held):
        if isinstance(one, Damage):
            readable = False
            found.damages.append(one)
        else:
            yield one
    if not readable:
        found.unread.append(table)
        return
    for shard in shard_tasks(lake, held):
        if isinstance(shard, Damage):
            found.damages.append(shard)
        else:
            yield shard
    found.orphans += orphans(lake, held)
    if table in SHARDED:
        found.doubles[table] = doubles(lake, table)


def _batches(tasks: Iterator[Task]) -> Iterator[list[Unit]]:
    """Units of about `UNIT_BYTES`, so many at a time that the places in them fit in memory."""
    batch: list[Unit] = []
    places = 0
    for unit in _units(tasks):
        batch.append(unit)
        places += sum(len(task.places) if isinstance(task, ShardTask) else 1 for task in unit)
        if places >= BATCH_PLACES:
            yield batch
            batch, places = [], 0
    if batch:
        yield batch


def _units(tasks: Iterator[Task]) -> Iterator[Unit]:
    unit: list[Task] = []
    size = 0
    for task in tasks:
        unit.append(task)
        size += task.size
        if size >= UNIT_BYTES:
            yield tuple(unit)
            unit, size = [], 0
    if unit:
        yield tuple(unit)


def _count(audit: Audit, found: Findings, progress: Progress) -> None:
    found.bytes += audit.read_bytes
    found.damages += audit.damages
    found.unused_members += audit.unused_members
    found.unused_bytes += audit.unused_bytes
    progress.done += audit.objects
    progress.bytes_read += audit.read_bytes
    progress.failures.update(damage.kind for damage in audit.damages)


def repair(lake: Lake, damages: Collection[Damage]) -> Counter[str]:
    """Take the rows whose bytes are lost out of their tables, so that the next run makes them again; rows by table.

    What is untraced was made by people or cannot be made again: such damage stays.
    """
    rows: Counter[str] = Counter()
    for table in (name for name, spec in TABLES.items() if spec.traced):
        mine = [damage for damage in damages if damage.table == table]
        shards = frozenset(damage.path for damage in mine if damage.path.startswith(f"{table}/shards/"))
        if lost := {damage.path for damage in mine} - shards:
            rows[table] += _forget(lake, table, lost)
        if shards:
            rows[table] += _remake(lake, table, shards, mine)
    return rows


def _forget(lake: Lake, table: str, paths: Collection[str]) -> int:
    """Take files out of a table."""
    dt: DeltaTable = lake.delta(table)
    gone = [file for file in files(dt) if f"{table}/{file.path}" in paths]
    replace(lake, table, dt, gone, (), counters(lake))
    return sum(file.rows or 0 for file in gone)


def _remake(lake: Lake, table: str, shards: frozenset[str], damages: Collection[Damage]) -> int:
    """Take out the rows whose bytes are lost, and write the shards anew with what is left of them."""
    owners = {damage.owner for damage in damages if damage.owner is not None and damage.kind not in SOUND}
    key = OWNERS.get(table, "media_id")
    rows = lake.scan(table).filter(pl.col(key).is_in(sorted(owners)))
    inputs = rows.select("input_id").unique().collect()["input_id"]
    doomed = Doomed(table, pl.col("input_id").is_in(sorted(inputs)), damaged=shards, apps=counters(lake))
    return remove_rows(lake, doomed, REMAKES[table]).rows
