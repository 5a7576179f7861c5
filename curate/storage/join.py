"""Many small files of a table joined to few.

A file is joined until it is large, and from then on left alone: what it costs grows with what was added, not with the
table.
"""

from collections.abc import Iterator
from contextlib import suppress

import pyarrow as pa

from curate.storage.files import Conflict, TableFile, files, read, replace
from curate.storage.lake import Lake, NewFile

MANY_FILES = 256
"""Each file costs a fraction of a millisecond whenever rows are looked up."""

LARGE_BYTES, LARGE_ROWS = 16 << 20, 500_000
"""A file with either of these is not joined with others."""

JOINED_BYTES, JOINED_ROWS = 128 << 20, 1_000_000
"""What one joined file is made of at the most; all of it is in memory while it is written."""


def join_files(lake: Lake, name: str, fingerprint: str, column: str) -> None:
    """Join the small files of one fingerprint of a traced table, sorted by a column, where they are many; rows stay."""
    dt = lake.delta(name)
    small = [file for file in files(dt) if file.fingerprint == fingerprint and _is_small(file)]
    if len(small) < MANY_FILES:
        return
    groups = [group for group in _groups(sorted(small, key=lambda file: _begins(file, column))) if len(group) > 1]
    new = [_joined(lake, name, fingerprint, group, column) for group in groups]
    with suppress(Conflict):  # somebody changed the same files: they stay, and the next job joins them
        replace(lake, name, dt, [file for group in groups for file in group], new, [], same_rows=True)


def _is_small(file: TableFile) -> bool:
    return file.size < LARGE_BYTES and (file.rows or 0) < LARGE_ROWS


def _begins(file: TableFile, column: str) -> str:
    """The least key of a file; where some rows have none, as failures have, that of their inputs."""
    low, _ = file.ranges.get(column) or file.ranges.get("input_id", ("", ""))
    return low


def _groups(small: list[TableFile]) -> Iterator[list[TableFile]]:
    """Files that follow each other, as many as make one."""
    group = list[TableFile]()
    size = rows = 0
    for file in small:
        if group and (size + file.size > JOINED_BYTES or rows + (file.rows or 0) > JOINED_ROWS):
            yield group
            group, size, rows = [], 0, 0
        group.append(file)
        size, rows = size + file.size, rows + (file.rows or 0)
    yield group


def _joined(lake: Lake, name: str, fingerprint: str, group: list[TableFile], column: str) -> NewFile:
    whole = pa.concat_tables(read(lake, name, file) for file in group)
    return lake.write(name, fingerprint, whole, by=(column, "input_id", "ordinal"))
