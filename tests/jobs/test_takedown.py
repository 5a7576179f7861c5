"""A source and all that was made from it go for good: nothing of it is left, nothing else is lost, whatever happens."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from curate.checksum import checksum
from curate.errors import LakeError, UsageError
from curate.fetch.shards import store_tar
from curate.stage import Heavy
from curate.storage.lake import Lake, open_lake
from jobs.drive import Policy, run_job
from jobs.engines import Inline
from jobs.fsck import Pool, fsck
from jobs.job import Snapshot
from jobs.progress import Progress
from jobs.takedown import named, preview, takedown
from schemas.latent import Latent
from schemas.media import Media
from schemas.tables import TABLES
from tests.care.world import BODIES, SHARED, film_of, make_lake, media_of, source_of
from tests.jobs import toy
from tests.jobs.lakes import differences

BOTH = sorted([source_of("one"), source_of(SHARED)])
"""All sources of one media."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(make_lake(str(tmp_path_factory.mktemp("lakes") / "lake")).uri)


@pytest.fixture
def lake(template: Path, tmp_path: Path) -> Lake:
    shutil.copytree(template, tmp_path / "lake")
    return open_lake(str(tmp_path / "lake"), {})


def traces_of(lake: Lake, media: str, secrets: tuple[bytes, ...]) -> Iterator[str]:
    """Every file below a lake in which something of a media is found: its bytes, or a row that was made from it."""
    for path in Path(lake.uri).rglob("*"):
        if not path.is_file():
            continue
        body = path.read_bytes()
        if any(secret in body for secret in secrets):
            yield str(path)
        if path.suffix == ".parquet" and path.relative_to(lake.uri).parts[0] != "sources":
            columns = pq.read_table(path).to_pydict()
            texts = [text for values in columns.values() for text in values if isinstance(text, str)]
            if any(media in text for text in texts):
                yield str(path)


def secrets_of(name: str) -> tuple[bytes, ...]:
    body = BODIES["one" if name == SHARED else name]
    film = film_of(f"{media_of(name)}/{0:012d}-{9:012d}")
    return (body[1000:1040], body[-40:], film[:40], film[-40:], f"title of {name}".encode())


def assert_whole(lake: Lake) -> None:
    found = fsck(lake, list(TABLES), Pool(Inline()), lambda _: None)
    assert not found.damages
    assert not found.orphans
    assert not found.unused_members
    assert not found.unfinished_takedowns


def body_of(lake: Lake, name: str) -> bytes:
    (row,) = lake.rows("media", Media, pl.col("input_id") == source_of(name))
    assert row.blob is not None
    return lake.blobs.read(row.blob.shard, row.blob.offset, row.blob.length)


def test_nothing_of_it_is_left_and_all_else_is_whole(lake: Lake) -> None:
    assert list(traces_of(lake, media_of("two"), secrets_of("two")))
    taken = takedown(lake, [source_of("two")])
    assert list(traces_of(lake, media_of("two"), secrets_of("two"))) == []
    assert_whole(lake)
    assert (taken.media, taken.shared, taken.shards) == (1, 0, 4)
    rows = {name: count for name, count in taken.rows.items() if count}
    assert rows == {
        "media": 1, "subtitles": 1, "clips": 1, "scores": 2, "texts": 1, "captions": 1, "verdicts": 1, "reviews": 1,
        "proxies": 1, "latents": 1, "embeddings": 2, "picks": 1, "sources": 1,
    }  # fmt: skip
    for name in ("one", "three", "four", SHARED):
        assert body_of(lake, name) == BODIES["one" if name == SHARED else name]
    assert lake.scan("clips").collect().height == 3


def test_what_was_damaged_before_does_not_pass_for_whole_where_it_lies_now(lake: Lake) -> None:
    row = next(row for row in lake.rows("latents", Latent) if row.clip_id.startswith(media_of("two")))
    assert row.blob is not None
    shard = Path(lake.uri) / row.blob.shard
    body = bytearray(shard.read_bytes())
    body[row.blob.offset] ^= 1
    shard.write_bytes(body)
    takedown(lake, [source_of("four")])
    (moved,) = lake.rows("latents", Latent, pl.col("clip_id") == row.clip_id)
    assert moved.blob is not None
    assert (moved.blob.shard != row.blob.shard, moved.blob.checksum) == (True, row.blob.checksum)
    damaged = lake.blobs.read(moved.blob.shard, moved.blob.offset, moved.blob.length)
    assert checksum(damaged) != moved.blob.checksum


def test_what_is_told_before_is_what_is_done(lake: Lake) -> None:
    before = preview(lake, BOTH)
    assert (before.sources, before.media, before.shared) == (2, 1, 0)
    after = takedown(lake, BOTH)
    assert before.media_bytes == after.media_bytes == 70_021
    counted = {name: count for name, count in after.rows.items() if count and name != "sources"}
    told = {name: count for name, count in before.rows.items() if count}
    assert counted == {**told, "texts": 1, "verdicts": 1}  # failures are rows too


def test_a_media_that_another_source_gave_stays_without_the_sidecars_of_the_one_that_goes(lake: Lake) -> None:
    words = b"WEBVTT words of again"
    assert list(traces_of(lake, "no media", (words,)))
    taken = takedown(lake, [source_of(SHARED)])
    assert (taken.media, taken.shared) == (0, 1)
    assert list(traces_of(lake, "no media", (words, f"title of {SHARED}".encode()))) == []
    assert_whole(lake)
    assert body_of(lake, "one") == BODIES["one"]
    assert lake.scan("clips").collect().height == 4
    left = lake.scan("subtitles").select("media_id").collect()["media_id"].to_list()
    assert media_of("one") not in left  # they may have been those of the source that went: made again
    takedown(lake, [source_of("one")])
    assert list(traces_of(lake, media_of("one"), secrets_of("one"))) == []
    assert_whole(lake)


def test_what_killed_workers_left_of_it_goes_too(lake: Lake) -> None:
    root = Path(lake.uri)
    media = Media(media_of("two"), "s", 70_000, "matroska", 1, False, (), None, None)
    store_tar(lake.blobs, "killed", [Heavy(media, BODIES["two"])], {}.get, 1)
    (killed,) = (root / "media/shards").glob("killed*")
    shutil.copy(killed, root / "media/shards/half.tar#1")
    with (root / "media/shards/half.tar#1").open("r+b") as file:
        file.truncate(50_000)
    (scores,) = (root / "scores").rglob("*.parquet")
    shutil.copy(scores, scores.with_name("nobody.parquet"))
    for table, kept in (("media", "innocent.tar"),):
        (root / table / "shards" / kept).write_bytes(b"x" * 2000)
    taken = takedown(lake, [source_of("two")])
    assert list(traces_of(lake, media_of("two"), secrets_of("two"))) == []
    assert (root / "media/shards/innocent.tar").exists()
    assert taken.objects["shard"] >= 1
    assert taken.objects["staged"] == 1


class Killed(Exception):
    pass


@pytest.mark.integration  # half a minute: each step is a kill
def test_killed_after_any_step_and_run_again_it_finishes(template: Path, tmp_path: Path) -> None:
    def copy(name: str) -> Lake:
        shutil.copytree(template, tmp_path / name)
        return open_lake(str(tmp_path / name), {})

    calm = copy("calm")
    steps: list[str] = []
    takedown(calm, BOTH, steps.append)
    assert len(steps) > 20
    for number in range(len(steps)):
        wild, left = copy(f"wild{number}"), iter(range(number))

        def step(_: str, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise Killed

        with pytest.raises(Killed):
            takedown(wild, BOTH, step)
        found = fsck(wild, list(TABLES), None, lambda _: None)
        assert not found.damages, steps[number]
        takedown(wild, BOTH)
        assert_whole(wild)
        assert list(traces_of(wild, media_of("one"), secrets_of("one"))) == [], steps[number]
        wrong = [line for line in differences(calm, wild) if not line.startswith("sources")]  # tombstones name shards
        assert wrong == [], steps[number]
        shutil.rmtree(wild.uri)


@pytest.mark.parametrize("table", ["media", "proxies", "latents", "embeddings"])
def test_killed_between_a_new_shard_and_its_commit_it_finishes(
    lake: Lake, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from curate.care import removal

    commit = removal.replace

    def killed(lake: Lake, name: str, *rest: object) -> None:
        if name == table:
            raise Killed
        commit(lake, name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(removal, "replace", killed)
    with pytest.raises(Killed):
        takedown(lake, BOTH)
    monkeypatch.undo()
    takedown(lake, BOTH)
    assert list(traces_of(lake, media_of("one"), secrets_of("one"))) == []
    found = fsck(lake, list(TABLES), Pool(Inline()), lambda _: None)
    assert not found.damages
    # the shard and file that were never committed hold nothing of it; `retold vacuum` removes them
    assert {one.kind for one in found.orphans} <= {"shard", "file"}


def test_of_two_at_once_both_are_done(lake: Lake) -> None:
    begun: list[str] = []

    def step(what: str) -> None:
        if what == "journal" and len(begun) == 2:  # before its first commit
            takedown(lake, [source_of("two")])  # rewrites a shard that the other is about to rewrite
        begun.append(what)

    takedown(lake, BOTH, step)
    assert (
        begun.count("journal") == 6
    )  # at first, twice for media: it gave way, and tried again; for proxies, latents and embeddings
    for name in ("one", "two"):
        assert list(traces_of(lake, media_of(name), secrets_of(name))) == []
    found = fsck(lake, list(TABLES), Pool(Inline()), lambda _: None)
    assert not found.damages
    assert body_of(lake, "three") == BODIES["three"]


def test_what_a_running_job_made_of_it_is_refused_and_the_next_run_goes_on(tmp_path: Path) -> None:
    lake = open_lake(str(tmp_path / "lake"), {})
    lake.create()
    lake.append("sources", toy.sources(["a", "b", "c"]))
    job = toy.job(toy.Length(), 1)

    def watch(progress: Progress) -> None:
        if progress.done == 1:
            takedown(lake, ["id-b"])

    with pytest.raises(LakeError, match="or has taken something down"):
        run_job(job, Snapshot(lake, {}), Inline(), Policy(), watch)
    again = run_job(job, Snapshot(lake, {}), Inline(), Policy(), lambda _: None)
    assert again.done == 2
    assert sorted(lake.scan("scores").collect()["input_id"].unique()) == ["id-a", "id-c"]


def test_it_is_not_worked_on_again(lake: Lake) -> None:
    job = replace(toy.job(toy.Length(), 4), output="ratings")
    takedown(lake, BOTH)
    progress = run_job(job, Snapshot(lake, {}), Inline(), Policy(), lambda _: None)
    assert progress.done == 3
    takedown(lake, BOTH)  # once more: nothing to do, and no harm
    again = run_job(job, Snapshot(lake, {}), Inline(), Policy(), lambda _: None)
    assert (again.total, again.settled) == (0, 3)


def test_sources_are_named_by_uri_or_id_and_strangers_are_refused(lake: Lake) -> None:
    assert named(lake, ["https://example.org/one", source_of("two")]) == sorted([source_of("one"), source_of("two")])
    with pytest.raises(UsageError, match="nonesuch"):
        named(lake, ["https://example.org/nonesuch"])


def test_who_knows_a_source_as_it_is_shown_is_told_its_id(lake: Lake) -> None:
    signed = "https://ann:secret@example.org/a.mp4?v=1&token=secret"
    (row,) = toy.sources([signed])
    lake.append("sources", [row])
    for shown in (
        "https://example.org/a.mp4?v=1&token=…",
        "https://example.org/a.mp4?v=1",
        "https://example.org/a.mp4",
    ):
        with pytest.raises(UsageError, match="has no source") as refused:
            named(lake, [shown])
        assert (row.source_id in str(refused.value)) == ("…" in shown)


def test_a_tombstone_alone_is_told_as_unfinished(lake: Lake) -> None:
    def step(what: str) -> None:
        if what == "tombstones":
            raise Killed

    with pytest.raises(Killed):
        takedown(lake, [source_of("two")], step)
    found = fsck(lake, list(TABLES), None, lambda _: None)
    assert found.unfinished_takedowns == [source_of("two")]
