"""Caches give their space back, and what a plan needs is made again."""

import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from curate.errors import LakeError, UsageError
from curate.reader import Lake as TrainedOn
from curate.reader import Loader
from curate.storage.blobs import Blobs
from curate.storage.lake import Lake, open_lake
from jobs.cli import main
from jobs.engines import Inline
from jobs.evict import Choice, evict, evicted, preview
from jobs.fsck import Pool, fsck
from jobs.recipe import Recipe, build
from jobs.session import Session, open_session
from jobs.show import JsonLines
from jobs.vacuum import vacuum
from schemas.latent import Latent
from schemas.tables import TABLES
from tests.care.world import make_lake
from tests.encode.clips import film


def assert_whole(lake: Lake) -> None:
    found = fsck(lake, list(TABLES), Pool(Inline()), lambda _: None)
    assert not found.damages
    assert not [one for one in found.orphans if one.kind != "old file"]


def live(lake: Lake, table: str) -> pl.DataFrame:
    return lake.scan(table).filter(pl.col("blob").is_not_null()).collect()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return make_lake(str(tmp_path / "lake"))


@pytest.mark.parametrize("table", ["latents", "embeddings"])
def test_bytes_go_and_what_is_known_of_them_stays(lake: Lake, table: str) -> None:
    before = lake.scan(table).collect().height
    told = preview(lake, Choice(table))
    assert evict(lake, Choice(table)) == told
    assert told.rows == before
    assert told.bytes > 4000
    assert lake.scan(table).collect().height == before
    assert live(lake, table).is_empty()
    assert not list((Path(lake.uri) / table / "shards").iterdir())
    assert_whole(lake)
    assert evict(lake, Choice(table)).rows == 0


def test_a_proxy_goes_with_its_row(lake: Lake) -> None:
    films = lake.scan("proxies").filter(pl.col("outputs") > 0).collect().height
    assert evict(lake, Choice("proxies")).rows == films
    assert lake.scan("proxies").filter(pl.col("outputs") > 0).collect().is_empty()
    assert_whole(lake)


def test_a_dry_run_removes_nothing(lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["evict", "--lake", lake.uri, "--dry-run"])
    assert "would evict: 4 of latents" in capsys.readouterr().out
    assert live(lake, "latents").height == 4


def test_of_another_encoder_or_too_young_nothing_goes(lake: Lake) -> None:
    assert evict(lake, Choice("latents", encoder="wan-2.1")).rows == 0
    assert evict(lake, Choice("embeddings", encoder="t5")).rows == 8
    young = replace(Choice("latents"), older_than_h=10**6)
    assert evict(lake, young).rows == 0
    assert evict(lake, replace(young, older_than_h=1)).rows == 4


def test_what_stays_of_a_shard_is_as_it_was(lake: Lake) -> None:
    (one, *others) = sorted(lake.rows("latents", Latent), key=lambda row: row.clip_id)
    before = {row.clip_id: _bytes(lake, row) for row in others}
    from curate.care.removal import Doomed, remove_rows
    from jobs.takedown import REMAKES

    remove_rows(lake, Doomed("latents", pl.col("clip_id") == one.clip_id, rows_stay=True), REMAKES["latents"])
    rows = {row.clip_id: row for row in lake.rows("latents", Latent)}
    assert rows[one.clip_id] == replace(one, blob=None)
    assert {clip: _bytes(lake, rows[clip]) for clip in before} == before


def test_killed_before_old_shards_are_removed_it_leaves_what_vacuum_removes(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(self: Blobs, paths: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Blobs, "delete", killed)
    with pytest.raises(KeyboardInterrupt):
        evict(lake, Choice("latents"))
    monkeypatch.undo()
    found = fsck(lake, list(TABLES), Pool(Inline()), lambda _: None)
    assert not found.damages
    assert {one.kind for one in found.orphans} == {"shard", "old file"}
    vacuum(lake, 0, dry_run=False)
    assert_whole(lake)
    assert not list((Path(lake.uri) / "latents" / "shards").iterdir())


def test_what_is_no_cache_is_refused() -> None:
    with pytest.raises(UsageError, match="'media' is no cache"):
        Choice("media")
    with pytest.raises(UsageError, match="of no encoder"):
        Choice("proxies", encoder="x")


def _bytes(lake: Lake, row: Latent) -> bytes:
    assert row.blob is not None
    return lake.blobs.read(row.blob.shard, row.blob.offset, row.blob.length)


RECIPE = {
    "pick": {"statuses": None, "bounds": [{"metric": "duration", "at_least": 0.9}]},
    "plan": {"samples_per_step": 1},
    "encode": {"sizes": [[32, 64]]},
}


def session(uri: str, recipe: Recipe) -> Session:
    return open_session(uri, recipe, "inline", JsonLines())


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of two films, of which the cut keeps one, with its plan."""
    root = tmp_path_factory.mktemp("evicted")
    opened = session(str(root / "lake"), build(_recipe()))
    opened.add([str(film(root / "long.mkv", 1.2)), str(film(root / "brief.mkv", 0.6))])
    opened.run(JOBS)
    return root / "lake"


JOBS = ["fetch", "scan", "split", "score", "encode", "pick", "plan"]


def _recipe() -> dict[str, dict[str, object]]:
    return {name: dict(table) for name, table in RECIPE.items()}


def test_a_run_makes_again_what_the_plan_needs_and_no_more(trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "lake")
    lake = open_lake(str(tmp_path / "lake"), {})
    first = [batch.latents.copy() for batch in Loader(TrainedOn(lake.uri))]
    kept = lake.scan("picks").filter("kept").select("clip_id").collect()["clip_id"].to_list()
    assert len(kept) == 1
    assert evict(lake, Choice("latents", unused_by_plans=True)).rows > 0
    assert set(live(lake, "latents")["clip_id"]) == set(kept)
    assert [batch.latents.tobytes() for batch in Loader(TrainedOn(lake.uri))] == [one.tobytes() for one in first]
    evict(lake, Choice("latents"))
    assert dict(evicted(session(lake.uri, build(_recipe())).snapshot)) == {"latents": 4}
    with pytest.raises(LakeError, match=r"latent, which was evicted.*retold run"):
        next(iter(Loader(TrainedOn(lake.uri))))
    session(lake.uri, build(_recipe())).run(JOBS)
    assert set(live(lake, "latents")["clip_id"]) == set(kept)
    assert lake.scan("latents").filter(pl.col("clip_id").is_in(kept)).collect()["modality"].is_unique().all()
    again = [batch.latents for batch in Loader(TrainedOn(lake.uri))]
    assert [one.tobytes() for one in again] == [one.tobytes() for one in first]
    assert dict(evicted(session(lake.uri, build(_recipe())).snapshot)) == {"latents": 2}
    assert_whole(lake)
    assert [one.done for one in session(lake.uri, build(_recipe())).run(JOBS)] == [0] * len(JOBS)


def test_a_plan_alone_says_what_has_to_be_made(trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "lake")
    lake = open_lake(str(tmp_path / "lake"), {})
    evict(lake, Choice("latents"))
    with pytest.raises(LakeError, match="1 kept clips have no latent"):
        session(lake.uri, build(_recipe())).run(["plan"])
