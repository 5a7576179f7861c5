"""The Parquet files of a table: which ones a version has, and how some give way to others."""

import io
import json
import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction, RemoveAction

from curate.errors import LakeError
from curate.storage.lake import Lake, NewFile
from schemas.tables import TABLES


class Conflict(LakeError):
    """Somebody else has written meanwhile: look again, and try again."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file of one version of a table."""

    path: str  # below the table
    size: int
    rows: int | None
    fingerprint: str | None
    ranges: Mapping[str, tuple[str, str]]  # least and greatest value of the text columns that have no null

    def may_hold(self, column: str, media: Sequence[str]) -> bool:
        """Whether a value that begins with one of these ids, given in order, can be in a column."""
        if column not in self.ranges:
            return True
        low, high = self.ranges[column]
        index = bisect_left(media, low[:64])  # ids are sha256 in hex, and keys begin with one
        return index < len(media) and media[index] <= high


def files(dt: DeltaTable) -> list[TableFile]:
    """The files of the version that `dt` is at."""
    return [_file(add) for add in pa.table(dt.get_add_actions(flatten=True)).to_pylist()]


def _file(add: Mapping[str, object]) -> TableFile:
    ranges = {}
    for key, low in add.items():
        column = key.removeprefix("min.")
        high = add.get(f"max.{column}")
        if key != column and isinstance(low, str) and isinstance(high, str) and add[f"null_count.{column}"] == 0:
            ranges[column] = (low, high)
    rows, fingerprint = add["num_records"], add.get("partition.fingerprint")
    return TableFile(
        str(add["path"]),
        int(str(add["size_bytes"])),
        rows if isinstance(rows, int) else None,
        fingerprint if isinstance(fingerprint, str) else None,
        ranges,
    )


MANY_COMMITS = 1000
"""Each is a small object of the log; reading more takes longer than reading the table."""


def added(lake: Lake, name: str, fingerprint: str, since: int) -> list[str] | None:
    """Files of one fingerprint, below a traced table, that came after a version, with all of their rows.

    None where rows went as well, where files that came were joined with others since, or where that was long ago.
    Files that were joined otherwise have no new rows.
    """
    dt = lake.delta(name)
    if dt.version() - since > MANY_COMMITS:
        return None
    came = list[str]()
    for version in range(since + 1, dt.version() + 1):
        for action in _actions(lake, name, version):
            add, remove = action.get("add"), action.get("remove")
            if add and add["dataChange"] and add["path"].startswith(f"fingerprint={fingerprint}/"):
                came.append(add["path"])
            if remove and remove["dataChange"] and remove["path"].startswith(f"fingerprint={fingerprint}/"):
                return None
    there = pa.table(dt.get_add_actions())["path"].to_pylist() if came else []
    return came if set(came).issubset(there) else None


def _actions(lake: Lake, name: str, version: int) -> Iterator[dict[str, dict[str, Any]]]:
    """What one commit says, as Delta's protocol has it."""
    with lake.blobs.open(f"{name}/_delta_log/{version:020d}.json") as log:
        yield from map(json.loads, log)


def scan(lake: Lake, name: str, paths: Sequence[str]) -> pl.LazyFrame:
    """The rows of some files of a traced table, without their fingerprint."""
    if not paths:
        schema = pa.schema([field.remove_metadata() for field in TABLES[name].schema if field.name != "fingerprint"])
        return pl.DataFrame(schema.empty_table()).lazy()
    whole = [f"{lake.path(name)}/{path}" for path in paths]
    return pl.scan_parquet(whole, hive_partitioning=False, storage_options=dict(lake.options) or None)


def retired(dt: DeltaTable, hours: int) -> set[str]:
    """Files, below the table, that no version younger than so many hours has."""
    return set(dt.vacuum(retention_hours=hours, dry_run=True, enforce_retention_duration=False))


def read(lake: Lake, name: str, file: TableFile) -> pa.Table:
    """The rows of one file of a traced table, as `Lake.write` takes them."""
    schema = pa.schema([field.remove_metadata() for field in TABLES[name].schema if field.name != "fingerprint"])
    body = lake.blobs.read(f"{name}/{file.path}", 0, file.size)
    return pq.read_table(io.BytesIO(body)).select(schema.names).cast(schema)


def replace(
    lake: Lake, name: str, dt: DeltaTable, gone: Iterable[TableFile], new: Iterable[NewFile], apps: Iterable[str],
    *, same_rows: bool = False,
) -> None:  # fmt: skip
    """Put files in the place of others, in one commit on top of the version that `dt` is at.

    It takes a step of the transaction counter of each of `apps`: what such a job has computed before this cannot be
    committed after it. Conflict where one of them has committed meanwhile, or a file of `gone` is gone. same_rows: the
    log says that the rows of the table are as they were.
    """
    now = int(time.time() * 1000)
    actions: list[AddAction | RemoveAction] = [
        RemoveAction(
            f.path, not same_rows, now, f.size, {} if f.fingerprint is None else {"fingerprint": f.fingerprint}
        )
        for f in gone
    ]
    actions += [AddAction(f.path, f.size, {"fingerprint": f.fingerprint}, now, not same_rows, f.stats) for f in new]
    steps = [Transaction(app, (dt.transaction_version(app) or 0) + 1) for app in apps]
    partition = ["fingerprint"] if TABLES[name].traced else None
    try:
        dt.create_write_transaction(
            actions, "append", dt.schema(), partition, commit_properties=CommitProperties(app_transactions=steps)
        )
    except CommitFailedError as error:
        raise Conflict(f"{lake.path(name)} was written by somebody else: {error}; run again") from error
