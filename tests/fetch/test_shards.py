"""Tar shards: any tar reads them, and every place is exact."""

import dataclasses
import hashlib
import itertools
import json
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curate.checksum import checksum
from curate.fetch.shards import Writer, extension, store_tar
from curate.stage import Heavy
from curate.storage.blobs import Blobs
from schemas.media import Blob, Media, Sidecar


def heavy(data: bytes | Path, source: str = "s", container: str = "matroska") -> Heavy[Media]:
    body = data if isinstance(data, bytes) else data.read_bytes()
    media = Media(hashlib.sha256(body).hexdigest(), source, len(body), container, 1_000_000, False, (), None, None)
    return Heavy(media, data)


def at(lake: Path, blob: Blob | None) -> bytes:
    assert blob is not None
    return (lake / blob.shard).read_bytes()[blob.offset : blob.offset + blob.length]


def test_members_are_read_by_tar_and_by_offset(tmp_path: Path) -> None:
    bodies = [b"first" * 1000, b"x", bytes(512)]
    rows = store_tar(Blobs(str(tmp_path)), "u1", [heavy(body) for body in bodies], {}.get, 1 << 20)
    assert [at(tmp_path, row.blob) for row in rows] == bodies
    with tarfile.open(tmp_path / "media/shards/u1-000.tar") as shard:
        members = shard.getmembers()
        found = {member.name: shard.extractfile(member).read() for member in members}  # type: ignore[union-attr]
    expected = [name for row in rows for name in (f"{row.media_id}.mkv", f"{row.media_id}.json")]
    assert [member.name for member in members] == expected
    for row, body in zip(rows, bodies, strict=True):
        assert found[f"{row.media_id}.mkv"] == body
        facts = json.loads(found[f"{row.media_id}.json"])
        assert (facts["media_id"], facts["size_bytes"]) == (row.media_id, row.size_bytes)
        assert not {"source_id", "blob"} & set(facts)


def test_the_same_media_make_the_same_shard(tmp_path: Path) -> None:
    for lake, source in (("a", "one"), ("b", "two")):
        store_tar(Blobs(str(tmp_path / lake)), "u", [heavy(b"x" * 700, source)], {}.get, 1 << 20)
    first, second = ((tmp_path / lake / "media/shards/u-000.tar").read_bytes() for lake in ("a", "b"))
    assert first == second
    assert len(first) % tarfile.RECORDSIZE == 0


def test_the_same_bytes_are_stored_once_and_known_ones_not_at_all(tmp_path: Path) -> None:
    known = heavy(b"known")
    place = Blob("media/shards/old-000.tar", 512, 5, "0" * 16)
    rows = store_tar(
        Blobs(str(tmp_path)),
        "u",
        [heavy(b"a", "one"), known, heavy(b"a", "two")],
        {known.row.media_id: place}.get,
        1 << 20,
    )
    assert [row.source_id for row in rows] == ["one", "s", "two"]
    assert rows[1].blob == place
    assert rows[0].blob == rows[2].blob
    with tarfile.open(tmp_path / "media/shards/u-000.tar") as shard:
        assert len(shard.getnames()) == 2


def test_nothing_new_makes_no_shard(tmp_path: Path) -> None:
    known = heavy(b"known")
    store_tar(Blobs(str(tmp_path)), "u", [known], {known.row.media_id: Blob("old", 0, 5, "0" * 16)}.get, 1 << 20)
    assert not (tmp_path / "media").exists()


def test_a_shard_is_closed_at_its_target(tmp_path: Path) -> None:
    rows = store_tar(Blobs(str(tmp_path)), "u", [heavy(bytes([i]) * 600) for i in range(5)], {}.get, 1000)
    shards = [row.blob.shard for row in rows if row.blob is not None]
    assert shards == [f"media/shards/u-{n:03d}.tar" for n in (0, 0, 1, 1, 2)]


def test_a_body_is_stored_before_the_next_one_is_asked_for(tmp_path: Path) -> None:
    bodies = [tmp_path / str(i) for i in range(3)]

    def arriving() -> Iterator[Heavy[Media]]:
        for body in bodies:
            assert not any(other.exists() for other in bodies)
            body.write_bytes(body.name.encode())
            yield heavy(body)

    rows = store_tar(Blobs(str(tmp_path / "lake")), "u", arriving(), {}.get, 1 << 20)
    assert [at(tmp_path / "lake", row.blob) for row in rows] == [b"0", b"1", b"2"]


def test_sidecars_lie_beside_their_media_also_where_its_bytes_are_known(tmp_path: Path) -> None:
    sidecars = (Sidecar("en", automatic=False), Sidecar(None, automatic=True))
    one = heavy(b"a")
    told = Heavy(dataclasses.replace(one.row, sidecars=sidecars), b"a", (b"WEBVTT 1", b"WEBVTT 2"))
    rows = store_tar(Blobs(str(tmp_path)), "u", [one, told], {}.get, 1 << 20)
    assert rows[0].sidecars == ()
    assert [at(tmp_path, sidecar.blob) for sidecar in rows[1].sidecars] == [b"WEBVTT 1", b"WEBVTT 2"]
    with tarfile.open(tmp_path / "media/shards/u-000.tar") as shard:
        assert [name.partition(".")[2] for name in shard.getnames()] == ["mkv", "json", "1-0.vtt", "1-1.vtt"]


def test_temporary_files_are_removed_once_stored(tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"x" * 10)
    (row,) = store_tar(Blobs(str(tmp_path / "lake")), "u", [heavy(body)], {}.get, 1 << 20)
    assert at(tmp_path / "lake", row.blob) == b"x" * 10
    assert not body.exists()


def test_a_body_that_changed_leaves_no_shard_and_stays(tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"x" * 10)
    one = heavy(body)
    body.write_bytes(b"x" * 9)
    with pytest.raises(ValueError, match="has 9 bytes, its row says 10"):
        store_tar(Blobs(str(tmp_path / "lake")), "u", [one], {}.get, 1 << 20)
    assert list((tmp_path / "lake").rglob("*.tar")) == []
    assert body.exists()


class _Headers:
    """A store that keeps what is small: the headers."""

    def __init__(self) -> None:
        self.small: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        if len(data) <= 4096:
            self.small.append(data)
        return len(data)

    @contextmanager
    def create(self, _path: str) -> Iterator[Writer]:
        yield self


def test_a_member_of_eight_gib_has_a_pax_header_and_its_place_is_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    size = 8 << 30
    large = Heavy(dataclasses.replace(heavy(b"").row, size_bytes=size), b"")
    monkeypatch.setattr("curate.fetch.shards._pieces", lambda _body: itertools.repeat(bytes(1 << 26), 128))
    store = _Headers()
    (row,) = store_tar(store, "u", [large], {}.get, 1)
    header = store.small[0]
    assert row.blob is not None
    assert (row.blob.offset, row.blob.length) == (len(header), size)
    assert b"size=8589934592\n" in header


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.binary(max_size=2000), min_size=1, max_size=6), st.integers(1, 4000))
def test_any_bytes_come_back_from_their_place(
    tmp_path_factory: pytest.TempPathFactory, bodies: Sequence[bytes], target_bytes: int
) -> None:
    lake = tmp_path_factory.mktemp("lake")
    rows = store_tar(Blobs(str(lake)), "u", [heavy(body) for body in bodies], {}.get, target_bytes)
    assert [at(lake, row.blob) for row in rows] == list(bodies)
    assert [row.blob.checksum for row in rows if row.blob] == [checksum(body) for body in bodies]


def test_extensions_are_those_that_players_know() -> None:
    assert [extension(name) for name in ("mp4", "matroska", "mpegts", "jpeg")] == ["mp4", "mkv", "ts", "jpg"]
