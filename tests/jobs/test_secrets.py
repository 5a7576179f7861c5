"""Secrets are planted wherever a run may hold them, and looked for in all that it leaves and says."""

import dataclasses
import functools
import http.server
import os
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
import requests

from captioners.asking.server import Server
from curate.fetch.fetch import Fetch
from curate.fetch.site.visit import Page
from curate.film import FilmSpec, make_film
from curate.review.wire import LoggingIn, NewUser
from curate.stage import config
from curate.storage.lake import open_lake
from jobs.cli import main
from jobs.environment import model_key, storage_options
from jobs.recipe import build
from jobs.road import road, snapshot_of
from schemas.media import Source
from schemas.tables import TABLES
from schemas.uri import shown_text
from tests.review.serving import PASSWORD, serving, some_items

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


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Whoever serves a signed URL sees it; what he logs is not ours."""

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def signed(tmp_path: Path) -> Iterator[str]:
    """The URL of a film, with a login and a signature, which a real server answers."""
    (tmp_path / "served").mkdir()
    make_film(tmp_path / "served" / "film.mp4", FilmSpec(seed=3, seconds=2, width=96, height=64, fps=10))
    handler = functools.partial(_Quiet, directory=str(tmp_path / "served"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://ann:{MARK}-password@127.0.0.1:{server.server_port}/film.mp4?X-Amz-Signature={MARK}-signature"
        server.shutdown()


def test_what_is_made_of_a_signed_source_holds_no_secret(
    tmp_path: Path, signed: str, capfd: pytest.CaptureFixture[str]
) -> None:
    lake, log, made = str(tmp_path / "lake"), str(tmp_path / "log"), tmp_path / "made"
    made.mkdir()
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        '[fetch.web]\nallow_networks = ["127.0.0.0/8"]\n[pick]\nbounds = []\nstatuses = ["pass", "flagged"]\n'
        "[plan]\nsamples_per_step = 1\n"
    )
    asked = ("--lake", lake, "--recipe", str(recipe))
    assert retold("run", signed, *asked, "--engine", "inline", "--log", log) == 0
    assert retold("report", *asked, "--to", str(made / "report.html")) == 0
    assert retold("explain", signed, *asked) == 0
    exported = ("export", "huggingface", str(made / "huggingface"), "--cut", "all")
    assert retold(*exported, *asked, "--engine", "inline") == 0
    queue = f"sqlite:///{made}/queue.db"
    assert retold("review", "fill", *asked, "--engine", "inline", "--database", queue) == 0
    said = capfd.readouterr()
    assert MARK not in said.out + said.err
    assert f"X-Amz-Signature={MARK}" in open_lake(lake, {}).scan("sources").collect()["uri"].item()
    assert open_lake(lake, {}).scan("plans").collect().height
    files = [path for folder in (tmp_path / "lake", made) for path in folder.rglob("*") if path.is_file()]
    files.append(Path(log))
    assert made / "queue.db" in files
    assert [path for path in files if "sources" not in path.parts and f"{MARK}-" in content(path)] == []


def content(path: Path) -> str:
    """What is in a file, its columns too where they are compressed."""
    if path.is_dir():
        return ""
    whole = path.read_bytes().decode("latin-1")
    return whole + str(pq.read_table(path, partitioning=None).to_pylist()) if path.suffix == ".parquet" else whole


def test_rows_show_their_uri_without_what_opens_it() -> None:
    source = Source("id", URLS[0], None, None, None, None, False, 0)
    page = Page("id", URLS[0], "site", "folder")
    assert MARK not in f"{source!r} {[source]} {page!r}"
    assert source.uri == URLS[0]  # it is asked with it


def test_the_command_line_of_a_cluster_holds_no_secret(capfd: pytest.CaptureFixture[str]) -> None:
    where = ("--lake", "s3://bucket/lake", "--address", "http://127.0.0.1:9")
    for arguments in ((URLS[0],), ("s3://bucket/in", "--set", f"sources=['{URLS[1]}']")):
        assert retold("submit", *arguments, *where) == 2
        said = "".join(capfd.readouterr())
        assert "a cluster shows the command line of its jobs" in said
        assert MARK not in said
    assert shown_text("s3://bucket/in") == "s3://bucket/in"


def test_the_queue_keeps_neither_passwords_nor_sessions(tmp_path: Path) -> None:
    with serving(tmp_path, some_items()) as served, closing(requests.Session()) as session:
        session.post(f"{served.url}/api/login", json={"name": "ada", "password": f"{MARK}-wrong"})
        session.post(f"{served.url}/api/login", json={"name": "ada", "password": PASSWORD}).raise_for_status()
        session.headers["X-CSRF"] = session.get(f"{served.url}/api/me").json()["csrf"]
        session.post(f"{served.url}/api/next", json={}).raise_for_status()
        cookies = [cookie.value for cookie in session.cookies]
        audit = session.get(f"{served.url}/api/audit").text
        metrics = session.get(f"{served.url}/metrics").text
    assert cookies
    assert "login" in audit
    kept = "".join(content(path) for path in tmp_path.glob("queue.db*"))
    for secret in (*cookies, PASSWORD, f"{MARK}-wrong"):
        assert secret not in kept + audit + metrics


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
