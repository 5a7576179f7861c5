"""What is damaged is found, whatever it is; what belongs to nothing is told, and is no damage."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from curate.care.audit import Auditor, ShardTask
from curate.care.places import Place, places
from curate.fetch.shards import store_tar
from curate.stage import Heavy
from curate.storage.lake import Lake, open_lake
from jobs.cli import main
from jobs.engines import Inline
from jobs.fsck import Findings, Pool, fsck, repair
from jobs.pending import pending
from jobs.recipe import Recipe
from jobs.road import road
from schemas.media import Blob, Media, Source
from schemas.tables import TABLES
from tests.care.world import BODIES, SHARED, make_lake, media_of, put, source_of


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(make_lake(str(tmp_path_factory.mktemp("lakes") / "lake")).uri)


@pytest.fixture
def lake(template: Path, tmp_path: Path) -> Lake:
    shutil.copytree(template, tmp_path / "lake")
    return open_lake(str(tmp_path / "lake"), {})


def audit(lake: Lake, fast: bool = False) -> Findings:
    return fsck(lake, list(TABLES), None if fast else Pool(Inline()), lambda _: None)


def damages(lake: Lake, fast: bool = False) -> list[tuple[str, str, str | None]]:
    return [(one.kind, one.table, one.owner) for one in audit(lake, fast).damages]


def blob(lake: Lake, name: str) -> Blob:
    (row,) = lake.rows("media", Media, pl.col("input_id") == source_of(name))
    assert row.blob is not None
    return row.blob


def flip(lake: Lake, path: str, at: int) -> None:
    file = Path(lake.uri) / path
    body = bytearray(file.read_bytes())
    body[at] ^= 1
    file.write_bytes(body)


def test_a_whole_lake_is_read_and_nothing_is_wrong_with_it(lake: Lake) -> None:
    found = audit(lake)
    assert not found.damages
    assert not found.orphans
    assert found.unused_members == 0
    assert found.bytes > sum(len(body) for body in BODIES.values())
    assert audit(lake, fast=True).bytes == 0


def test_a_flipped_bit_of_a_media_is_found_and_the_others_of_its_shard_are_right(lake: Lake) -> None:
    place = blob(lake, "two")
    flip(lake, place.shard, place.offset + 1000)
    assert damages(lake) == [("changed", "media", media_of("two"))]
    assert damages(lake, fast=True) == []


def test_a_flipped_bit_of_a_header_is_found_and_the_bytes_are_known_to_be_right(lake: Lake) -> None:
    place = blob(lake, "two")
    flip(lake, place.shard, place.offset - 512)  # its name
    assert set(damages(lake)) == {("misplaced", "media", media_of("two"))}
    assert repair(lake, audit(lake).damages) == {"media": 0}  # written anew, and nothing is lost
    assert not audit(lake).damages
    assert blob(lake, "two").shard != place.shard


def test_a_flipped_bit_of_a_sidecar_is_found(lake: Lake) -> None:
    (row,) = lake.rows("media", Media, pl.col("input_id") == source_of(SHARED))
    (beside,) = [one.blob for one in row.sidecars]
    assert beside is not None
    flip(lake, beside.shard, beside.offset + 3)
    assert damages(lake) == [("changed", "media", media_of(SHARED))]


def test_a_checksum_that_is_not_that_of_the_bytes_is_found(lake: Lake) -> None:
    media = Place(blob(lake, "one").offset, blob(lake, "one").length, media_of("one"), media_of("one"), "0" * 16)
    tensor = next(places(lake, "latents").collect().iter_rows(named=True))
    wrong = Place(tensor["offset"], tensor["length"], tensor["owner"], tensor["sha256"], "0" * 16)
    for table, shard, place in (("media", blob(lake, "one").shard, media), ("latents", tensor["shard"], wrong)):
        task = ShardTask(table, shard, (Path(lake.uri) / shard).stat().st_size, (place,))
        (damage,) = Auditor(lake.blobs)((task,)).damages
        assert (damage.kind, damage.owner, damage.detail[:9]) == ("changed", place.owner, "checksum ")


def test_a_flipped_bit_of_a_tensor_is_found(lake: Lake) -> None:
    place = lake.scan("latents").select(pl.col("blob").struct.unnest(), "content_key").first().collect()
    flip(lake, place["shard"][0], place["offset"][0] + 10)
    assert ("changed", "latents", place["content_key"][0]) in damages(lake)


@pytest.mark.parametrize("fast", [False, True])
def test_a_missing_shard_and_a_short_one_are_found_without_reading(lake: Lake, fast: bool) -> None:
    gone, short = blob(lake, "one"), blob(lake, "three")
    (Path(lake.uri) / gone.shard).unlink()
    with (Path(lake.uri) / short.shard).open("r+b") as file:
        file.truncate(short.offset + 10)
    found = damages(lake, fast)
    assert ("missing", "media", media_of("one")) in found
    assert ("truncated", "media", media_of("three")) in found


def test_a_shard_without_its_end_is_unreadable_but_its_media_are_right(lake: Lake) -> None:
    place = blob(lake, "three")
    with (Path(lake.uri) / place.shard).open("r+b") as file:
        file.truncate(place.offset + place.length + 100)
    others = {("truncated", "media", media_of("four"))} if blob(lake, "four").shard == place.shard else set()
    assert set(damages(lake)) == {("unreadable", "media", None)} | others


def files_of(lake: Lake, table: str) -> list[Path]:
    return sorted((Path(lake.uri) / table).glob("fingerprint=*/*.parquet"))


@pytest.mark.parametrize(
    ("harm", "kind", "fast"),
    [
        (lambda file: file.unlink(), "missing", True),
        (lambda file: file.write_bytes(file.read_bytes()[:-9]), "truncated", True),
        (lambda file: file.write_bytes(file.read_bytes()[:60] + b"!" + file.read_bytes()[61:]), "unreadable", False),
    ],
)
def test_a_file_of_a_table_is_checked(lake: Lake, harm: Callable[[Path], None], kind: str, fast: bool) -> None:
    harm(files_of(lake, "captions")[0])
    assert [one[:2] for one in damages(lake)] == [(kind, "captions")]
    assert bool(damages(lake, fast=True)) == fast


def test_what_belongs_to_nothing_is_told_by_kind(lake: Lake) -> None:
    root = Path(lake.uri)
    (root / "media/shards/orphan.tar").write_bytes(b"x" * 100)
    (root / "media/shards/half.tar#1").write_bytes(b"x" * 10)
    shutil.copy(files_of(lake, "scores")[0], root / "scores/fingerprint=f-scores/nobody.parquet")
    found = audit(lake)
    assert not found.damages
    assert sorted((one.kind, one.path.rpartition("/")[2]) for one in found.orphans) == [
        ("file", "nobody.parquet"),
        ("shard", "orphan.tar"),
        ("staged", "half.tar#1"),
    ]


def test_bytes_that_were_stored_twice_and_members_in_no_row_are_counted(lake: Lake) -> None:
    body, extra = BODIES["one"], b"nobody's" * 100
    row = Media(media_of("one"), "s9", len(body), "matroska", 1, False, (), None, None)
    other = replace(row, media_id="9" * 64, source_id="s8", size_bytes=len(extra))
    twice, _ = store_tar(lake.blobs, "v", [Heavy(row, body), Heavy(other, extra)], {}.get, 1 << 30)
    lake.append("sources", [Source("s9", "u", None, None, None, None, False, 0)])
    put(lake, "media", {"s9": [twice]})
    found = audit(lake)
    assert not found.damages
    assert (found.doubles["media"].owners, found.doubles["media"].bytes) == (1, len(body))
    assert found.unused_members == 2
    assert found.unused_bytes > len(extra)


def test_a_lost_media_is_forgotten_and_so_fetched_again(lake: Lake) -> None:
    fetch = road(Recipe())[0]
    place = blob(lake, "two")
    flip(lake, place.shard, place.offset + 1)
    rows = repair(lake, audit(lake).damages)
    assert rows == {"media": 1}
    after = audit(lake)
    assert not after.damages
    assert {one.kind for one in after.orphans} == {"shard", "old file"}
    assert lake.blobs.read(blob(lake, "one").shard, blob(lake, "one").offset, 70_000) == BODIES["one"]
    done = lake.scan("media").select("input_id").collect()["input_id"]
    todo = pending(lake, fetch, 3).todo["id"]
    assert source_of("two") not in done.to_list()
    assert source_of("two") in todo.to_list()


def test_lost_rows_of_a_table_are_forgotten_and_lost_tensors_too(lake: Lake) -> None:
    files_of(lake, "captions")[0].unlink()
    shard = lake.scan("latents").select(pl.col("blob").struct.field("shard")).first().collect().item()
    (Path(lake.uri) / shard).unlink()
    assert repair(lake, audit(lake).damages) == {"captions": 4, "latents": 4}
    assert not audit(lake).damages


def test_one_table_is_audited_and_an_unknown_one_is_refused(lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    files_of(lake, "captions")[0].unlink()
    for table, code in (("media", 0), ("captions", 1), ("nonesuch", 2)):
        with pytest.raises(SystemExit) as ended:
            main(["fsck", "--lake", lake.uri, "--fast", "--table", table])
        assert (ended.value.code or 0) == code
    assert "nonesuch" in capsys.readouterr().err


def test_what_people_made_is_not_repaired_away(lake: Lake) -> None:
    next((Path(lake.uri) / "reviews").glob("*.parquet")).unlink()
    found = audit(lake).damages
    assert [one.kind for one in found] == ["missing"]
    assert not repair(lake, found)
    assert audit(lake).damages


def test_a_flipped_bit_of_a_proxy_is_found_and_it_is_made_again(lake: Lake) -> None:
    place = (
        lake.scan("proxies")
        .filter(pl.col("outputs") > 0)
        .select(pl.col("blob").struct.unnest(), "clip_id", "input_id")
        .first()
        .collect()
    )
    flip(lake, place["shard"][0], place["offset"][0] + 100)
    assert damages(lake) == [("changed", "proxies", place["clip_id"][0])]
    assert repair(lake, audit(lake).damages) == {"proxies": 1}
    assert damages(lake) == []
    assert place["input_id"][0] not in lake.scan("proxies").collect()["input_id"]
