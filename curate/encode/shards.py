"""Latent shards: Parquet files in which every tensor is one contiguous range of bytes.

Any Parquet reader can read a shard. A trainer needs only the `latents` table: it has the shard, offset and length of
each tensor, so that a sample is one ranged read and the footer is never fetched.
"""

import dataclasses
import io
import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from curate.stage import Heavy
from curate.storage.blobs import Blobs
from schemas.latent import Latent
from schemas.media import Blob

GROUP_BYTES = 8 << 20
"""Tensor bytes of a row group; one with a larger tensor has that one alone."""

_SCHEMA = pa.schema(
    [
        pa.field("content_key", pa.string(), False),
        pa.field("clip_id", pa.string(), False),
        pa.field("modality", pa.string(), False),
        pa.field("bucket", pa.string(), False),
        pa.field("dtype", pa.string(), False),
        pa.field("shape", pa.list_(pa.field("element", pa.int64(), False)), False),
        pa.field("tensor", pa.large_binary(), False),
    ]
)


def store_latents(blobs: Blobs, unit: str, heavies: Sequence[Heavy[Latent]]) -> list[Latent]:
    """Write the tensors of one unit of work as `latents/shards/UNIT.parquet`; the rows, in order, with their places.

    The same tensors give the same bytes, so writing a unit again changes nothing.
    """
    if not heavies:
        return []
    path = f"latents/shards/{unit}.parquet"
    bodies = {heavy.row.content_key: _body(heavy) for heavy in heavies}
    rows = {heavy.row.content_key: heavy.row for heavy in heavies}
    order = sorted(rows.values(), key=lambda row: (row.modality, row.bucket, row.content_key))
    shard = _parquet(order, bodies)
    places = dict(zip((row.content_key for row in order), _places(shard, order, bodies), strict=True))
    with blobs.create(path) as writer:
        writer.write(shard)
    for heavy in heavies:
        if isinstance(heavy.body, Path):
            heavy.body.unlink(missing_ok=True)
    found = ((heavy.row, places[heavy.row.content_key]) for heavy in heavies)
    return [dataclasses.replace(row, blob=Blob(path, offset, length)) for row, (offset, length) in found]


def remake(blobs: Blobs, shard: str, unit: str, rows: Iterable[Latent]) -> dict[Blob, Blob]:
    """Write `latents/shards/<unit>.parquet` with the tensors of these rows in a shard; old places to new ones."""
    mine = [(row, row.blob) for row in rows if row.blob is not None and row.blob.shard == shard]
    heavies = [Heavy(row, blobs.read(shard, old.offset, old.length)) for row, old in mine]
    new = store_latents(blobs, unit, heavies)
    return {old: row.blob for (_, old), row in zip(mine, new, strict=True) if row.blob is not None}


def _body(heavy: Heavy[Latent]) -> bytes:
    return heavy.body.read_bytes() if isinstance(heavy.body, Path) else heavy.body


def _parquet(rows: Sequence[Latent], bodies: dict[str, bytes]) -> bytes:
    """Row groups of one bucket each; the tensor column plain: no dictionary, no statistics, no compression."""
    sink = io.BytesIO()
    small = [name for name in _SCHEMA.names if name != "tensor"]
    with pq.ParquetWriter(
        sink, _SCHEMA, compression="none", use_dictionary=False, write_statistics=["content_key", "bucket"],
        column_encoding={name: "PLAIN" for name in ("tensor", *small) if name != "shape"},
    ) as writer:  # fmt: skip
        for group in _groups(rows, bodies):
            columns = [[getattr(row, name) for row in group] for name in small]
            writer.write_table(pa.table([*columns, [bodies[row.content_key] for row in group]], schema=_SCHEMA))
    return sink.getvalue()


def _groups(rows: Sequence[Latent], bodies: dict[str, bytes]) -> Iterator[list[Latent]]:
    for _, bucket in groupby(rows, key=lambda row: (row.modality, row.bucket)):
        group: list[Latent] = []
        size = 0
        for row in bucket:
            length = len(bodies[row.content_key])
            if group and size + length > GROUP_BYTES:
                yield group
                group, size = [], 0
            group.append(row)
            size += length
        yield group


def _places(shard: bytes, rows: Sequence[Latent], bodies: dict[str, bytes]) -> Iterator[tuple[int, int]]:
    """Offset and length of each tensor: in a plain page a value is its length in four bytes, then its bytes."""
    meta = pq.ParquetFile(io.BytesIO(shard)).metadata
    column = _SCHEMA.names.index("tensor")
    index = 0
    for group in range(meta.num_row_groups):
        chunk = meta.row_group(group).column(column)
        position, end = chunk.data_page_offset, chunk.data_page_offset + chunk.total_compressed_size
        for row in rows[index : index + meta.row_group(group).num_rows]:
            body = bodies[row.content_key]
            found = shard.find(struct.pack("<I", len(body)) + body, position, end)
            if found < 0:
                raise RuntimeError(f"the tensor of {row.clip_id} is not contiguous in its shard: {position=} {end=}")
            position = found + 4 + len(body)
            yield found + 4, len(body)
        index += meta.row_group(group).num_rows
