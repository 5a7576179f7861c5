"""Shards are written whole or not at all, and read by range."""

from pathlib import Path

import pytest

from curate.errors import LakeError
from curate.storage.blobs import Blobs
from schemas.media import Blob


def test_bytes_come_back_by_range_and_in_place(tmp_path: Path) -> None:
    blobs = Blobs(str(tmp_path))
    with blobs.create("a/shard.tar") as writer:
        writer.write(b"0123")
        writer.write(b"456789")
    assert blobs.read("a/shard.tar", 3, 4) == b"3456"
    with blobs.local(Blob("a/shard.tar", 2, 5, "0" * 16)) as file:
        assert (file.offset, file.size) == (2, 5)
        assert Path(file.path).read_bytes()[2:7] == b"23456"
    assert [(one.path, one.size) for one in blobs.objects("a")] == [("a/shard.tar", 10)]


def test_an_error_leaves_nothing_visible(tmp_path: Path) -> None:
    blobs = Blobs(str(tmp_path))
    with pytest.raises(RuntimeError), blobs.create("shard.tar") as writer:
        writer.write(b"x" * 100)
        raise RuntimeError
    assert list(blobs.objects("")) == []


def test_a_missing_or_short_shard_is_named(tmp_path: Path) -> None:
    blobs = Blobs(str(tmp_path))
    with pytest.raises(LakeError, match=r"none\.tar is missing"):
        blobs.read("none.tar", 0, 1)
    with blobs.create("short.tar") as writer:
        writer.write(b"abc")
    with pytest.raises(LakeError, match="truncated"):
        blobs.read("short.tar", 1, 9)
    with pytest.raises(LakeError, match=r"short\.tar cannot be read at 9"):
        blobs.read("short.tar", 9, 1)
    for shard, what in (("none.tar", "missing"), ("short.tar", "truncated")):
        with pytest.raises(LakeError, match=what), blobs.local(Blob(shard, 0, 9, "0" * 16)):
            pass


def test_credentials_do_not_show(tmp_path: Path) -> None:
    assert "hush" not in repr(Blobs(str(tmp_path), {"AWS_SECRET_ACCESS_KEY": "hush"}))
