"""Only what nothing needs is removed, and only when it is old enough."""

import os
import shutil
import time
from pathlib import Path

import pytest

from curate.care.ownership import made_from
from curate.care.removal import Doomed, remove_rows
from curate.errors import UsageError
from curate.storage.lake import Lake, open_lake
from jobs.engines import Inline
from jobs.fsck import Pool, fsck
from jobs.vacuum import hours, vacuum
from schemas.tables import TABLES
from tests.care.world import make_lake, media_of
from tests.jobs.lakes import differences


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(make_lake(str(tmp_path_factory.mktemp("lakes") / "lake")).uri)


@pytest.fixture
def lake(template: Path, tmp_path: Path) -> Lake:
    """A lake with an orphan of each kind, all of them just made."""
    shutil.copytree(template, tmp_path / "lake")
    root = tmp_path / "lake"
    (root / "media/shards/orphan.tar").write_bytes(b"x" * 100)
    (root / "latents/shards/orphan.parquet").write_bytes(b"x" * 100)
    (root / "media/shards/half.tar#1").write_bytes(b"x" * 10)
    (root / "scores/fingerprint=f-scores/nobody.parquet").write_bytes(b"x" * 10)
    return open_lake(str(root), {})


def age(lake: Lake, hours_ago: float) -> None:
    for path in Path(lake.uri).rglob("*"):
        if path.is_file():
            os.utime(path, (time.time() - hours_ago * 3600,) * 2)


def test_what_is_young_is_left_alone_and_what_is_old_goes(lake: Lake, template: Path) -> None:
    swept = vacuum(lake, 24, dry_run=False)
    assert (len(swept.removed), len(swept.young)) == (0, 4)
    age(lake, 25)
    versions = lake.versions()
    told = vacuum(lake, 24, dry_run=True)
    assert sorted(one.kind for one in told.removed) == ["file", "shard", "shard", "staged"]
    assert vacuum(lake, 24, dry_run=False) == told
    found = fsck(lake, list(TABLES), Pool(Inline()), lambda _: None)
    assert not found.orphans
    assert not found.damages
    assert not differences(lake, open_lake(str(template), {}))
    assert lake.versions() == versions  # so that an unchanged recipe still has nothing to do


def test_files_of_old_versions_go_by_when_they_were_replaced_not_by_when_they_were_written(lake: Lake) -> None:
    age(lake, 100)
    vacuum(lake, 24, dry_run=False)
    before = set(Path(lake.uri).rglob("scores/**/*.parquet"))
    remove_rows(lake, Doomed("scores", made_from("scores", [media_of("one")])))
    age(lake, 100)
    assert not vacuum(lake, 24, dry_run=False).removed
    (gone,) = vacuum(lake, 0, dry_run=False).removed
    assert gone.kind == "old file"
    assert before == {Path(lake.uri) / gone.path}
    assert lake.scan("scores").collect().height == 6


def test_an_age_that_a_running_job_would_not_survive_is_refused() -> None:
    assert (hours("24h", force=False), hours("7d", force=False), hours("0h", force=True)) == (24, 168, 0)
    with pytest.raises(UsageError, match="--force"):
        hours("0h", force=False)
    with pytest.raises(UsageError, match="90m"):
        hours("90m", force=False)
