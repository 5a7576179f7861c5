"""Manifests that are tables: Parquet and Delta, a few thousand rows in memory at a time."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from curate.errors import UsageError
from curate.fetch.texts import Row, distinct

_ROWS = 8192
_BATCH_BYTES = 32 << 20
_BUFFER = 1 << 20
_UNREADABLE = (UnicodeError, ValueError, OverflowError, pa.ArrowException)  # a value that Python has no form of


def parquet(path: Path) -> Iterator[Row]:
    """The rows of a Parquet file; UsageError where it is none."""
    try:
        with pq.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False) as file:
            for number, batch in enumerate_rows(file.iter_batches(_batch_rows(file.metadata))):
                yield from _rows(batch, number)
    except (OSError, pa.ArrowException) as error:
        raise UsageError(f"{path} cannot be read as Parquet: {error}") from error


def _batch_rows(metadata: pq.FileMetaData) -> int:
    """How many rows are read at once, so that they are some MiB however wide they are."""
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    width = max((group.total_byte_size / max(1, group.num_rows) for group in groups), default=1.0)
    return int(min(_ROWS, max(1.0, _BATCH_BYTES / max(1.0, width))))


def enumerate_rows(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Each batch with the number of its first row, from 1."""
    number = 1
    for batch in batches:
        yield number, batch
        number += batch.num_rows


def _rows(batch: pa.RecordBatch, number: int) -> Iterator[Row]:
    batch = batch.rename_columns(distinct(batch.schema.names))
    try:
        records = batch.to_pylist()
    except _UNREADABLE:  # one value spoils the batch: a row at a time
        for i in range(batch.num_rows):
            try:
                yield Row(f"row {number + i}", batch.slice(i, 1).to_pylist()[0])
            except _UNREADABLE as error:
                yield Row(f"row {number + i}", {}, f"a value cannot be read: {type(error).__name__}")
    else:
        for i, record in enumerate(records):
            yield Row(f"row {number + i}", record)


def delta(where: str, storage_options: Mapping[str, str]) -> Iterator[Row]:
    """The rows of the newest version of a Delta table; UsageError where there is none."""
    try:
        table = DeltaTable(where, storage_options=dict(storage_options))
        batches = pl.scan_delta(table).collect_batches(chunk_size=_ROWS, maintain_order=True)
        arrow = (batch for frame in batches for batch in frame.to_arrow().to_batches())
        for number, batch in enumerate_rows(arrow):
            yield from _rows(batch, number)
    except (DeltaError, pl.exceptions.PolarsError, OSError) as error:
        raise UsageError(f"{where} cannot be read as a Delta table: {error}") from error
