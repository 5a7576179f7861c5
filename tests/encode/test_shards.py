import hashlib
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from curate.checksum import checksum
from curate.encode import shards
from curate.encode.shards import store_latents
from curate.stage import Heavy
from curate.storage.blobs import Blobs
from tests.encode.rows import heavy


def some(count: int) -> list[Heavy]:
    rng = np.random.default_rng(0)
    shapes = [(16, 1, 4, 4), (16, 5, 8, 8), (16, 9, 32, 56)]
    return [
        heavy(f"clip{i}", "x".join(map(str, s[1:])), rng.normal(size=s)) for i in range(count) for s in [shapes[i % 3]]
    ]


def test_every_tensor_is_one_range_of_bytes(tmp_path: Path) -> None:
    blobs, heavies = Blobs(str(tmp_path)), [*some(40), heavy("silent", "1x1x1", np.zeros((80, 3)), "audio")]
    stored = store_latents(blobs, "run-000001", heavies)
    assert [row.clip_id for row in stored] == [h.row.clip_id for h in heavies]
    for row, given in zip(stored, heavies, strict=True):
        assert row.blob is not None
        body = blobs.read(row.blob.shard, row.blob.offset, row.blob.length)
        assert body == given.body
        assert (hashlib.sha256(body).hexdigest(), checksum(body)) == (row.sha256, row.blob.checksum)


def test_any_parquet_reader_reads_a_shard_sorted_by_bucket_and_uncompressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "GROUP_BYTES", 100_000)
    heavies = some(30)
    store_latents(Blobs(str(tmp_path)), "u", heavies)
    file = pq.ParquetFile(tmp_path / "latents/shards/u.parquet")
    table = file.read()
    assert table["bucket"].to_pylist() == sorted(table["bucket"].to_pylist())
    by_key = {h.row.content_key: h.body for h in heavies}
    assert {k.as_py(): t.as_py() for k, t in zip(table["content_key"], table["tensor"], strict=True)} == by_key
    for group in range(file.metadata.num_row_groups):
        tensor = file.metadata.row_group(group).column(table.schema.names.index("tensor"))
        assert tensor.compression == "UNCOMPRESSED"
        assert not tensor.is_stats_set
        assert not tensor.has_dictionary_page
        rows = file.metadata.row_group(group).num_rows
        assert rows == 1 or tensor.total_uncompressed_size < 110_000
        assert len(set(file.read_row_group(group, columns=["bucket"])["bucket"].to_pylist())) == 1


def test_tensors_in_files_are_moved_and_a_repeat_writes_the_same_bytes(tmp_path: Path) -> None:
    heavies = some(4)
    on_disk = []
    for i, h in enumerate(heavies):
        (tmp_path / f"{i}.bin").write_bytes(h.body)
        on_disk.append(Heavy(h.row, tmp_path / f"{i}.bin"))
    lake = tmp_path / "lake"
    first = store_latents(Blobs(str(lake)), "u", on_disk)
    bytes_once = (lake / "latents/shards/u.parquet").read_bytes()
    assert not list(tmp_path.glob("*.bin"))
    assert store_latents(Blobs(str(lake)), "u", heavies) == first
    assert (lake / "latents/shards/u.parquet").read_bytes() == bytes_once


def test_no_tensors_make_no_shard(tmp_path: Path) -> None:
    assert store_latents(Blobs(str(tmp_path)), "u", []) == []
    assert not list(tmp_path.rglob("*.parquet"))
