"""The media of clips, from the lake to the disk of the server."""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pytest

from curate.care.removal import Doomed, remove_rows
from curate.errors import Gone, Unreachable
from curate.proxy.shards import remake, store_proxies
from curate.review.footage import FRESH_S, SWEEP_S, Footage
from curate.review.footage_disk import HELD_S
from curate.stage import Heavy
from curate.storage.lake import Lake, open_lake
from schemas.proxy import Proxy
from tests.care.world import put

SIZE = 10_000


def clip(number: int) -> str:
    return f"{number:064x}/{0:012d}-{9:012d}"


def film_of(number: int, take: int = 0) -> bytes:
    return hashlib.shake_256(f"{number} {take}".encode()).digest(SIZE)


def store(lake: Lake, numbers: Sequence[int], unit: str = "u", take: int = 0) -> None:
    rows = []
    for n in numbers:
        body = film_of(n, take)
        row = Proxy(
            clip(n), 0, 9, 2, 2, 1, 25, 1, True, False, 100, bytes([n]), b"jpeg %d" % n, 1,
            hashlib.sha256(body).hexdigest(),
        )  # fmt: skip
        rows.append(Heavy(row, body))
    put(lake, "proxies", {f"caption-{row.clip_id}-{take}": [row] for row in store_proxies(lake.blobs, unit, rows)})


@dataclass
class Clock:
    now_s: float = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = open_lake(str(tmp_path / "lake"), {})
    lake.create()
    store(lake, range(6))
    return lake


def test_a_film_comes_from_the_lake_once(lake: Lake, tmp_path: Path) -> None:
    footage = Footage(lake, tmp_path / "disk")
    path = footage.mp4_path(clip(2))
    assert path.read_bytes() == film_of(2)
    (tmp_path / "lake/proxies/shards/u.tar").unlink()
    assert footage.mp4_path(clip(2)) == path
    assert footage.peaks(clip(2)) == (100, b"\x02")
    assert footage.thumbs(clip(2)) == (1, b"jpeg 2")


def test_a_clip_without_a_proxy_is_told(lake: Lake, tmp_path: Path) -> None:
    footage = Footage(lake, tmp_path / "disk")
    for ask in (footage.mp4_path, footage.peaks, footage.thumbs):
        with pytest.raises(Gone, match="no review proxy: `retold review fill`"):
            ask(clip(9))


def test_a_proxy_that_is_made_meanwhile_is_found_at_once(lake: Lake, tmp_path: Path) -> None:
    footage = Footage(lake, tmp_path / "disk")
    footage.peaks(clip(0))
    store(lake, [9], "v")
    assert footage.mp4_path(clip(9)).read_bytes() == film_of(9)


def test_the_disk_holds_what_was_used_last(lake: Lake, tmp_path: Path) -> None:
    clock = Clock()
    footage = Footage(lake, tmp_path / "disk", most_bytes=3 * SIZE, clock=clock)
    for number in (0, 1, 2, 0, 3):
        clock.now_s += HELD_S + 1
        footage.mp4_path(clip(number))
    left = {path.read_bytes() for path in (tmp_path / "disk").iterdir()}
    assert left == {film_of(0), film_of(2), film_of(3)}


def test_a_film_that_somebody_is_about_to_open_stays(lake: Lake, tmp_path: Path) -> None:
    clock = Clock()
    footage = Footage(lake, tmp_path / "disk", most_bytes=1, clock=clock)
    paths = [footage.mp4_path(clip(number)) for number in range(3)]
    assert all(path.exists() for path in paths)
    clock.now_s += HELD_S + 1
    assert footage.mp4_path(clip(4)).exists()
    assert not any(path.exists() for path in paths)


def test_another_process_uses_what_is_on_the_disk_and_clears_what_broke_off(lake: Lake, tmp_path: Path) -> None:
    Footage(lake, tmp_path / "disk").mp4_path(clip(1))
    (tmp_path / "disk" / "x.0.part").write_bytes(b"half")
    (tmp_path / "lake/proxies/shards/u.tar").unlink()
    later = Footage(lake, tmp_path / "disk")
    assert later.mp4_path(clip(1)).read_bytes() == film_of(1)
    assert [path.suffix for path in (tmp_path / "disk").iterdir()] == [".mp4"]
    Footage(lake, tmp_path / "disk", most_bytes=1)
    assert list((tmp_path / "disk").iterdir()) == []


def test_many_who_ask_at_once_make_one_download(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    footage, read, gate = Footage(lake, tmp_path / "disk"), list[str](), threading.Barrier(8)
    real = type(lake.blobs).read

    def counted(blobs: object, shard: str, offset: int, length: int) -> bytes:
        if shard.endswith(".tar"):
            read.append(shard)
        return real(blobs, shard, offset, length)  # type: ignore[arg-type]

    monkeypatch.setattr(type(lake.blobs), "read", counted)
    found = []

    def ask() -> None:
        gate.wait()
        found.append(footage.mp4_path(clip(3)))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert len(read) == 1
    assert found[0].read_bytes() == film_of(3)


def test_a_film_whose_shard_was_written_anew_is_found_there(lake: Lake, tmp_path: Path) -> None:
    footage = Footage(lake, tmp_path / "disk")
    footage.peaks(clip(0))
    footage.peaks(clip(1))
    gone = remove_rows(lake, Doomed("proxies", pl.col("clip_id") == clip(0)), remake)
    assert gone.rows == 1
    lake.blobs.delete(gone.shards)
    assert footage.mp4_path(clip(1)).read_bytes() == film_of(1)
    with pytest.raises(Gone, match="no review proxy"):
        footage.mp4_path(clip(0))


def test_what_was_taken_down_leaves_the_disk(lake: Lake, tmp_path: Path) -> None:
    clock = Clock()
    footage = Footage(lake, tmp_path / "disk", clock=clock)
    paths = [footage.mp4_path(clip(number)) for number in range(3)]
    remove_rows(lake, Doomed("proxies", pl.col("clip_id").is_in([clip(0), clip(1)])), remake)
    assert footage.sweep() == 2
    assert [path.exists() for path in paths] == [False, False, True]
    clock.now_s += FRESH_S
    with pytest.raises(Gone):
        footage.mp4_path(clip(0))


def test_it_leaves_the_disk_also_where_nobody_asks_for_it(lake: Lake, tmp_path: Path) -> None:
    clock = Clock()
    footage = Footage(lake, tmp_path / "disk", clock=clock)
    paths = [footage.mp4_path(clip(number)) for number in range(2)]
    remove_rows(lake, Doomed("proxies", pl.col("clip_id") == clip(0)), remake)
    clock.now_s += SWEEP_S
    footage.thumbs(clip(3))
    assert [path.exists() for path in paths] == [False, True]


def test_a_version_whose_files_were_removed_is_not_asked_again(lake: Lake, tmp_path: Path) -> None:
    footage = Footage(lake, tmp_path / "disk")
    footage.peaks(clip(0))
    gone = remove_rows(lake, Doomed("proxies", pl.col("clip_id") == clip(0)), remake)
    lake.blobs.delete([*gone.files, *gone.shards])
    assert footage.mp4_path(clip(1)).read_bytes() == film_of(1)


def test_a_lake_that_cannot_be_read_is_told(lake: Lake, tmp_path: Path) -> None:
    footage = Footage(lake, tmp_path / "disk")
    for file in Path(lake.uri, "proxies").rglob("*.parquet"):
        file.unlink()
    with pytest.raises(Unreachable, match="cannot be read"):
        footage.mp4_path(clip(1))


def test_a_damaged_film_is_not_shown(lake: Lake, tmp_path: Path) -> None:
    (row,) = lake.rows("proxies", Proxy, pl.col("clip_id") == clip(2))
    assert row.blob is not None
    shard = Path(lake.uri) / row.blob.shard
    body = bytearray(shard.read_bytes())
    body[row.blob.offset + 5] ^= 1
    shard.write_bytes(body)
    with pytest.raises(Gone, match="damaged: `retold fsck --repair`"):
        Footage(lake, tmp_path / "disk").mp4_path(clip(2))
    assert list((tmp_path / "disk").iterdir()) == []


def test_of_two_proxies_of_a_clip_the_last_is_shown(lake: Lake, tmp_path: Path) -> None:
    body = film_of(2, take=1)
    (old,) = lake.rows("proxies", Proxy, pl.col("clip_id") == clip(2))
    (row,) = store_proxies(
        lake.blobs, "w", [Heavy(replace(old, blob=None, sha256=hashlib.sha256(body).hexdigest()), body)]
    )
    put(lake, "proxies", {"another caption": [row]}, made_us=5)
    assert Footage(lake, tmp_path / "disk").mp4_path(clip(2)).read_bytes() == body
