"""Shards of tensors: Parquet files in which every tensor is one contiguous range of bytes.

Any Parquet reader can read a shard. A trainer needs only the table, `latents` or `embeddings`: it has the shard, offset
and length of each tensor, so that a sample is one ranged read and the footer is never fetched.
"""

import dataclasses
import io
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from curate.checksum import checksum
from curate.stage import Heavy
from curate.storage.blobs import Blobs
from schemas.embedding import Embedding
from schemas.latent import Latent
from schemas.media import Blob

GROUP_BYTES = 8 << 20
"""Tensor bytes of a row group; one with a larger tensor has that one alone."""


class TensorRow(Protocol):
    """A row whose tensor lies in a shard."""

    @property
    def clip_id(self) -> str: ...

    @property
    def content_key(self) -> str: ...

    @property
    def blob(self) -> Blob | None: ...


R = TypeVar("R", bound=TensorRow)


@dataclass(frozen=True)
class ShardKind(Generic[R]):
    """The shards of one table."""

    table: str
    told: Mapping[str, pa.DataType]  # columns beside the tensor, of the row's fields of that name
    group: Callable[[R], tuple[str, ...]]  # what the rows of a row group have in common
    same: Callable[[R], str]  # rows of which this is equal share one tensor

    @property
    def schema(self) -> pa.Schema:
        columns = {**self.told, "tensor": pa.large_binary()}
        return pa.schema([pa.field(name, of, False) for name, of in columns.items()])

    def store(self, blobs: Blobs, unit: str, heavies: Sequence[Heavy[R]]) -> list[R]:
        """Write the tensors of one unit of work as `TABLE/shards/UNIT.parquet`; the rows, in order, with their places.

        The same tensors give the same bytes, so writing a unit again changes nothing.
        """
        if not heavies:
            return []
        path = f"{self.table}/shards/{unit}.parquet"
        bodies = {self.same(heavy.row): _body(heavy) for heavy in heavies}
        rows = {self.same(heavy.row): heavy.row for heavy in heavies}
        order = sorted(rows.values(), key=lambda row: (*self.group(row), row.content_key, row.clip_id))
        shard = self._parquet(order, bodies)
        places = dict(zip(map(self.same, order), self._places(shard, order, bodies), strict=True))
        with blobs.create(path) as writer:
            writer.write(shard)
        for heavy in heavies:
            if isinstance(heavy.body, Path):
                heavy.body.unlink(missing_ok=True)
        found = ((heavy.row, places[self.same(heavy.row)]) for heavy in heavies)
        return [_placed(row, Blob(path, offset, length, check)) for row, (offset, length, check) in found]

    def remake(self, blobs: Blobs, shard: str, unit: str, rows: Iterable[R]) -> dict[Blob, Blob]:
        """Write `TABLE/shards/UNIT.parquet` with the tensors of these rows in a shard; old places to new ones."""
        mine = [(row, row.blob) for row in rows if row.blob is not None and row.blob.shard == shard]
        heavies = [Heavy(row, blobs.read(shard, old.offset, old.length)) for row, old in mine]
        new = self.store(blobs, unit, heavies)
        return {old: row.blob for (_, old), row in zip(mine, new, strict=True) if row.blob is not None}

    def _parquet(self, rows: Sequence[R], bodies: dict[str, bytes]) -> bytes:
        """Row groups of one group each; the tensor column plain: no dictionary, no statistics, no compression."""
        sink = io.BytesIO()
        small, schema = list(self.told), self.schema
        ranged = [name for name in ("content_key", "bucket", "variant") if name in small]
        with pq.ParquetWriter(
            sink, schema, compression="none", use_dictionary=False, write_statistics=ranged,
            column_encoding={name: "PLAIN" for name in ("tensor", *small) if name != "shape"},
        ) as writer:  # fmt: skip
            for group in self._groups(rows, bodies):
                columns: list[list[Any]] = [[getattr(row, name) for row in group] for name in small]
                writer.write_table(pa.table([*columns, [bodies[self.same(row)] for row in group]], schema=schema))
        return sink.getvalue()

    def _groups(self, rows: Sequence[R], bodies: dict[str, bytes]) -> Iterator[list[R]]:
        for _, alike in groupby(rows, key=self.group):
            group: list[R] = []
            size = 0
            for row in alike:
                length = len(bodies[self.same(row)])
                if group and size + length > GROUP_BYTES:
                    yield group
                    group, size = [], 0
                group.append(row)
                size += length
            yield group

    def _places(self, shard: bytes, rows: Sequence[R], bodies: dict[str, bytes]) -> Iterator[tuple[int, int, str]]:
        """Offset, length, checksum of each tensor: a value in a plain page is its length in four bytes, then itself."""
        meta = pq.ParquetFile(io.BytesIO(shard)).metadata
        column = self.schema.names.index("tensor")
        index = 0
        for group in range(meta.num_row_groups):
            chunk = meta.row_group(group).column(column)
            position, end = chunk.data_page_offset, chunk.data_page_offset + chunk.total_compressed_size
            for row in rows[index : index + meta.row_group(group).num_rows]:
                body = bodies[self.same(row)]
                found = shard.find(struct.pack("<I", len(body)) + body, position, end)
                if found < 0:
                    raise RuntimeError(
                        f"the tensor of {row.clip_id} is not contiguous in its shard: {position=} {end=}"
                    )
                position = found + 4 + len(body)
                yield found + 4, len(body), checksum(body)
            index += meta.row_group(group).num_rows


def _body(heavy: Heavy[Any]) -> bytes:
    return heavy.body.read_bytes() if isinstance(heavy.body, Path) else heavy.body


def _placed(row: Any, blob: Blob) -> Any:
    return dataclasses.replace(row, blob=blob)


_SHAPE = pa.list_(pa.field("element", pa.int64(), False))

LATENTS = ShardKind[Latent](
    "latents",
    {
        "content_key": pa.string(), "clip_id": pa.string(), "modality": pa.string(), "bucket": pa.string(),
        "dtype": pa.string(), "shape": _SHAPE,
    },
    lambda row: (row.modality, row.bucket),
    lambda row: row.content_key,
)  # fmt: skip
EMBEDDINGS = ShardKind[Embedding](
    "embeddings",
    {
        "content_key": pa.string(), "clip_id": pa.string(), "variant": pa.string(), "dtype": pa.string(),
        "shape": _SHAPE,
    },
    lambda row: (row.variant,),
    # equal words of two clips are stored twice, so that a takedown leaves nothing of one; the empty text is of none
    lambda row: row.content_key if row.variant == "none" else f"{row.content_key} {row.clip_id}",
)  # fmt: skip
store_latents, store_embeddings = LATENTS.store, EMBEDDINGS.store
