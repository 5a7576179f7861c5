"""Secrets are planted wherever a run may hold them, and looked for in all that it leaves and says."""

import dataclasses
import os
from pathlib import Path

import polars as pl
import pytest

from captioners.asking.server import Server
from curate.fetch.fetch import Fetch
from curate.review.wire import LoggingIn, NewUser
from curate.stage import config
from curate.storage.lake import open_lake
from jobs.cli import main
from jobs.environment import model_key, storage_options
from jobs.recipe import build
from jobs.road import road, snapshot_of
from schemas.tables import TABLES

MARK = "planted"
ENVIRONMENT = (
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "RETOLD_MODEL_KEY", "RETOLD_REVIEW_DATABASE",
    "HF_TOKEN",
)  # fmt: skip
URLS = (
    f"http://ann:{MARK}-password@127.0.0.1:9/a.mp4?X-Amz-Signature={MARK}-signature&X-Amz-Credential={MARK}-key",
    f"https://ann:{MARK}-password@nowhere.invalid/b.mp4?sig={MARK}-sig&token={MARK}-token",
    f"https://ann:{MARK}-password@nowhere.invalid:22/c.mp4?api_key={MARK}-key",
)
SERVER = {"model": "m", "revision": "1", "urls": ["http://127.0.0.1:9/v1"]}
RECIPE = {"see": {"profile": "qwen3-vl-8b", "model": {"server": SERVER}}}


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.setenv(name, f"{MARK}-{name.lower()}")


def retold(*arguments: str) -> int:
    try:
        main(arguments)
    except SystemExit as done:
        return int(done.code or 0)
    return 0


def test_a_run_with_failures_leaves_no_secret_but_the_uri_of_a_source(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lake, log, page = str(tmp_path / "lake"), str(tmp_path / "log"), str(tmp_path / "report.html")
    assert retold("run", *URLS, "--until", "fetch", "--lake", lake, "--engine", "inline", "--log", log) == 0
    for command in (["failures"], ["failures", "--json"], ["status", "--json"], ["report", "--to", page]):
        assert retold(*command, "--lake", lake) == 0, command
    said = capfd.readouterr()
    assert "nowhere.invalid" in said.out
    assert MARK not in said.out + said.err
    kept = open_lake(lake, {})
    assert kept.scan("sources").collect()["uri"].str.contains(MARK).all()  # it is asked with them
    for name in TABLES:
        rows = kept.scan(name).drop("uri", strict=False).collect()
        assert MARK not in str(rows.to_dicts()), name
    assert kept.scan("media").filter(pl.col("failure").is_not_null()).collect().height == len(URLS)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".parquet"]
    assert {Path(log), Path(page)} <= set(files)
    assert [path for path in files if MARK.encode() in path.read_bytes()] == []


def test_what_went_wrong_on_the_command_line_is_said_without_secrets(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lake = ("--lake", str(tmp_path / "lake"))
    assert retold("review", "fill", *lake, "--database", f"postgresql+psycopg://ann:{MARK}@127.0.0.1:9/queue") == 2
    assert retold("explain", URLS[0], *lake) == 2
    assert retold("add", f"{URLS[0]}.parquet", "--manifest", "parquet", *lake) == 2
    assert MARK not in "".join(capfd.readouterr())


def test_nothing_that_a_run_is_made_of_shows_a_secret(tmp_path: Path) -> None:
    lake = open_lake(str(tmp_path / "lake"), storage_options())
    jobs = road(build(RECIPE), lake.options, model_key())
    stages = {job.name: job.stage for job in jobs}
    assert stages["fetch"].storage_options  # type: ignore[attr-defined]  # it holds them
    shown = [repr(lake), repr(snapshot_of(lake, jobs)), *map(repr, jobs), *map(config, stages.values())]
    shown += [repr(storage_options) for storage_options in (Fetch(storage_options=(("key", MARK),)),)]
    assert [one for one in shown if MARK in one] == []
    assert any(isinstance(one, Server) for one in _parts(stages["see"]))


def _parts(value: object) -> list[object]:
    fields = dataclasses.fields(value) if dataclasses.is_dataclass(value) else ()
    return [value, *(part for one in fields for part in _parts(getattr(value, one.name)))]


def test_passwords_of_annotators_are_not_shown() -> None:
    made = NewUser(name="ann", role="annotator", password=f"{MARK}-password")
    assert MARK not in f"{made!r} {made} {LoggingIn(name='ann', password=MARK)!r}"


def test_children_are_told_no_secret() -> None:
    from curate.media.process import environment

    assert MARK in str(dict(os.environ))
    assert MARK not in str(environment())
