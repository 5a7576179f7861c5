"""Films in tar shards."""

import hashlib
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from curate.checksum import checksum
from curate.proxy.shards import remake, store_proxies
from curate.stage import Heavy
from curate.storage.blobs import Blobs
from schemas.proxy import Proxy


def heavy(number: int) -> Heavy[Proxy]:
    body = hashlib.shake_256(bytes([number])).digest(700 * number + 1)
    clip = f"{number:064x}/{0:012d}-{1_000_000:012d}"
    row = Proxy(
        clip, 0, 1_000_000, 64, 36, 25, 25, 1, sound=False, still=False, peaks_hz=100, peaks=b"", thumbs_jpeg=b"j",
        thumbs=1, sha256=hashlib.sha256(body).hexdigest(),
    )  # fmt: skip
    return Heavy(row, body)


def test_each_film_lies_where_its_row_says(tmp_path: Path) -> None:
    blobs, heavies = Blobs(str(tmp_path)), [heavy(n) for n in range(5)]
    rows = store_proxies(blobs, "unit", iter(heavies))
    assert [row.clip_id for row in rows] == [one.row.clip_id for one in heavies]
    for row, one in zip(rows, heavies, strict=True):
        assert row.blob is not None
        assert blobs.read(row.blob.shard, row.blob.offset, row.blob.length) == one.body
        assert row.blob.checksum == checksum(one.body)
    with tarfile.open(tmp_path / "proxies/shards/unit.tar") as tar:
        assert [member.name for member in tar] == [f"{row.clip_id}.mp4" for row in rows]


def test_no_film_is_no_shard(tmp_path: Path) -> None:
    assert store_proxies(Blobs(str(tmp_path)), "unit", []) == []
    assert not (tmp_path / "proxies").exists()


def test_a_unit_that_breaks_off_leaves_no_shard(tmp_path: Path) -> None:
    def broken() -> Iterator[Heavy[Proxy]]:
        yield heavy(1)
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        store_proxies(Blobs(str(tmp_path)), "unit", broken())
    assert not list((tmp_path / "proxies").rglob("*.tar"))


def test_a_shard_is_written_anew_with_what_stays(tmp_path: Path) -> None:
    blobs, heavies = Blobs(str(tmp_path)), [heavy(n) for n in range(4)]
    rows = store_proxies(blobs, "unit", heavies)
    moved = remake(blobs, "proxies/shards/unit.tar", "remade", rows[1:3])
    assert set(moved) == {row.blob for row in rows[1:3]}
    for row, one in zip(rows[1:3], heavies[1:3], strict=True):
        assert row.blob is not None
        new = moved[row.blob]
        assert new.shard == "proxies/shards/remade.tar"
        assert blobs.read(new.shard, new.offset, new.length) == one.body
    assert heavies[3].body not in (tmp_path / "proxies/shards/remade.tar").read_bytes()
