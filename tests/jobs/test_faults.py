"""Whatever breaks under a job: it says so, and the next run ends as if nothing had happened."""

import itertools
import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from captioners.asking.model import Model
from captioners.asking.server import Server
from curate.errors import UsageError
from curate.film import FilmSpec, make_film
from curate.storage.lake import Lake, open_lake
from jobs.cli import main
from jobs.cut import latest_hash, pick_fingerprint
from jobs.drive import Policy, run_job
from jobs.engines import Inline
from jobs.environment import storage_options
from jobs.job import Job, Snapshot
from jobs.recipe import Recipe
from jobs.session import open_session
from jobs.show import JsonLines
from jobs.vacuum import vacuum
from schemas.media import Source
from tests.captioners.asking.scripted import Said, completed, serving, words
from tests.jobs.lakes import differences, doubled
from tests.jobs.teller import Told
from tests.jobs.toy import gather, sources
from tests.servers.faulty import Fault, proxied, storms
from tests.servers.s3 import S3

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1500)]

ROAD = ["fetch", "scan", "subtitle", "split", "score", "encode"]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    make_film(path, FilmSpec(seed=1, seconds=2, width=160, height=90))
    return path


@pytest.fixture(scope="module")
def calm(film: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """What comes of the film where nothing breaks."""
    session = open_session(str(tmp_path_factory.mktemp("calm") / "lake"), Recipe(), "inline", JsonLines())
    session.add([str(film)])
    session.run(ROAD)
    return session.lake


def retold(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def run(capsys: pytest.CaptureFixture[str], lake: str) -> tuple[int, str]:
    """All jobs of the road, as far as it goes; exit code and what was said of an error."""
    for job in ROAD:
        code, _, err = retold(capsys, job, "--lake", lake, "--engine", "inline", "--json")
        if code:
            return code, err
    return 0, ""


def is_whole(capsys: pytest.CaptureFixture[str], lake: Lake, calm: Lake) -> None:
    """Nothing is lost, nothing doubled, nothing damaged."""
    assert not differences(calm, lake)
    assert not doubled(lake)
    assert retold(capsys, "fsck", "--lake", lake.uri, "--engine", "inline", "--json")[0] == 0


FULL = """
import sys
from pathlib import Path
from jobs.cli import main

def retold(*arguments):
    try:
        main([*arguments, "--lake", f"{small}/lake"])
    except SystemExit as ended:
        print(f"ended {ended.code or 0}", file=sys.stderr, flush=True)

small, scratch, film = sys.argv[1:]
run = ("--engine", "inline", "--json")
retold("add", film)
retold("fetch", *run, "--set", f"fetch.scratch={scratch}")
filling = Path(small, "filling")
try:
    with filling.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
except OSError:
    retold("fetch", *run)
filling.unlink()
for job in ("fetch", "scan", "subtitle", "split", "score", "encode"):
    retold(job, *run)
"""
MOUNTED = """
set -e
mount -t tmpfs -o size=4m t "$1"
mount -t tmpfs -o size=4k t "$2"
"$5" -c "$6" "$1" "$2" "$3"
cp -r "$1/lake" "$4"
"""


def test_a_full_disk_stops_a_job_and_is_no_fault_of_a_row(
    film: Path, calm: Lake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small, scratch, lake = tmp_path / "small", tmp_path / "scratch", tmp_path / "lake"
    small.mkdir()
    scratch.mkdir()
    arguments = [str(small), str(scratch), str(film), str(lake), sys.executable, FULL]
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", MOUNTED, "sh", *arguments],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    codes = [line.removeprefix("ended ") for line in done.stderr.splitlines() if line.startswith("ended ")]
    assert codes == ["0", "2", "2", *["0"] * len(ROAD)], done.stderr
    assert "no room is left in" in done.stderr
    assert "No space left on device" in done.stderr
    assert "make room on the disk of the lake" in done.stderr
    is_whole(capsys, open_lake(str(lake), {}), calm)


def test_storage_that_answers_badly_costs_only_another_run(
    s3_environment: S3, film: Path, calm: Lake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lake, struck = f"s3://{s3_environment.bucket}/lake", list[Fault]()
    with proxied(s3_environment.endpoint) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        assert retold(capsys, "add", str(film), "--lake", lake)[0] == 0
        proxy.trouble = storms(1, struck)
        for _ in range(20):
            code, err = run(capsys, lake)
            assert (code, "error:" in err) in ((0, False), (2, True)), err
            if not code:
                break
        assert code == 0
    assert len(set(struck)) == 4, struck
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_environment.endpoint)
    is_whole(capsys, open_lake(lake, storage_options()), calm)


def test_keys_that_expire_stop_a_job_with_the_cure_and_cost_no_attempt(
    s3_environment: S3, film: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = f"s3://{s3_environment.bucket}/lake"
    s3_environment.client().upload_file(str(film), s3_environment.bucket, "raw/film.mp4")
    asked = itertools.count()
    faults: dict[str, Callable[[str, str], Fault | None]] = {
        "in a source": lambda method, path: "revoked" if "/raw/" in path and method == "GET" else None,
        "in a shard": lambda method, path: "expired" if "/media/shards/" in path and method != "GET" else None,
        "in a commit": lambda method, path: "expired" if "/media/_delta_log/" in path and method == "PUT" else None,
        "in the middle": lambda method, path: "expired" if next(asked) > 20 else None,
    }
    with proxied(s3_environment.endpoint) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        uri = f"s3://{s3_environment.bucket}/raw/film.mp4"
        assert retold(capsys, "add", uri, "--lake", lake)[0] == 0
        for when, trouble in faults.items():
            proxy.trouble = trouble
            code, _, err = retold(capsys, "fetch", "--lake", lake, "--engine", "inline")
            assert (when, code) == (when, 2), err
            assert "give valid keys in AWS_ACCESS_KEY_ID" in err, when
            assert "ExpiredToken" in err or "InvalidAccessKeyId" in err
            proxy.trouble = lambda _method, _path: None
            assert open_lake(lake, storage_options()).scan("media").collect().is_empty()
        assert retold(capsys, "fetch", "--lake", lake, "--engine", "inline")[0] == 0
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_environment.endpoint)
    rows = open_lake(lake, storage_options()).scan("media").collect()
    assert rows.select("attempt", "outputs").rows() == [(1, 1)]


@pytest.fixture
def lake(calm: Lake, tmp_path: Path) -> Lake:
    """A copy of what comes of the film."""
    shutil.copytree(calm.uri, tmp_path / "lake")
    return open_lake(str(tmp_path / "lake"), {})


def test_what_was_half_written_is_named_and_made_again(
    lake: Lake, calm: Lake, capsys: pytest.CaptureFixture[str]
) -> None:
    root = Path(lake.uri)
    (root / "media/shards/half.tar#1").write_bytes(b"x" * 1000)  # nobody committed these
    (root / "media/shards/nobody.tar").write_bytes(b"x" * 1000)
    next(root.glob("scores/fingerprint=*")).joinpath("nobody.parquet").write_bytes(b"PAR1")
    assert retold(capsys, "fsck", "--lake", lake.uri, "--engine", "inline", "--json")[0] == 0
    (tar,) = [one for one in root.glob("media/shards/*.tar") if one.name != "nobody.tar"]
    with tar.open("r+b") as file:
        file.truncate(tar.stat().st_size // 2)
    (tensors,) = root.glob("latents/shards/*.parquet")
    tensors.write_bytes(tensors.read_bytes()[:2000] + bytes(np.random.default_rng(0).bytes(3000)))
    rows = next(one for one in root.glob("scores/fingerprint=*/*.parquet") if one.name != "nobody.parquet")
    rows.write_bytes(rows.read_bytes()[:-100])
    code, out, _ = retold(capsys, "fsck", "--lake", lake.uri, "--engine", "inline", "--json", "--repair")
    named = {json.loads(line).get("path") for line in out.splitlines()}
    assert code == 1
    assert {str(one.relative_to(root)) for one in (tar, tensors, rows)} <= named
    assert run(capsys, lake.uri) == (0, "")
    is_whole(capsys, lake, calm)


def test_rows_of_a_table_with_shards_that_were_cut_off_are_named_and_made_again(
    lake: Lake, calm: Lake, capsys: pytest.CaptureFixture[str]
) -> None:
    (rows,) = Path(lake.uri).glob("media/fingerprint=*/*.parquet")
    rows.write_bytes(rows.read_bytes()[:-1000])
    code, out, _ = retold(capsys, "fsck", "--lake", lake.uri, "--engine", "inline", "--json", "--repair")
    assert code == 1
    assert str(rows.relative_to(lake.uri)) in {json.loads(line).get("path") for line in out.splitlines()}
    assert run(capsys, lake.uri) == (0, "")
    is_whole(capsys, lake, calm)


def test_a_cut_that_was_made_last_counts_whatever_the_clock_says(
    lake: Lake, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, real = Recipe(), time.time_ns
    day, hour = 86_400_000_000_000, 3_600_000_000_000
    hashes = []
    for shift, evaluation in ((day, None), (-hour, "held out"), (-2 * hour, None)):
        monkeypatch.setattr(time, "time_ns", lambda shift=shift: real() + shift)
        session = open_session(lake.uri, recipe, "inline", JsonLines())
        if evaluation:
            session.add([str(film)], replace(session.adding(), evaluation=evaluation))
        session.run(["pick"])
        found = latest_hash(session.snapshot, "picks", "cut_hash", pick_fingerprint(session.snapshot, recipe))
        hashes.append(found)
    assert hashes[0] != hashes[1] == hashes[2]
    marked = lake.scan("sources").sort("added_us").collect()["evaluation"].to_list()
    assert marked == [None, "held out"]


def test_a_wrong_clock_lets_nothing_be_vacuumed(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    young = Path(lake.uri) / "media/shards/young.tar"
    young.write_bytes(b"x")
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 2 * 86400)
    with pytest.raises(UsageError, match=r"\+1728\d\d s off"):
        vacuum(lake, 24, dry_run=False)
    assert young.exists()
    monkeypatch.undo()
    assert not vacuum(lake, 24, dry_run=False).removed
    assert not list(Path(lake.uri).glob(".clock*"))


def poisoned(body: dict[str, Any]) -> Said:
    """A server that is well but for four kinds of questions."""
    asked = words(body)
    if "hang" in asked:
        time.sleep(1.5)
    if "garbage" in asked:
        return Said(200, "<html>welcome</html>")
    if "dies" in asked:
        return Said(break_off=True)
    if "toolong" in asked:
        return Said(400, "the prompt is longer than the context")
    return Said(500, "CUDA error") if "oom" in asked else completed("a word")


def test_a_poisoned_model_server_harms_only_what_poisons_it(lake: Lake) -> None:
    bad = {"hang": "unreachable", "garbage": "unreachable", "dies": "unreachable", "toolong": "refused",
           "oom": "unreachable"}  # fmt: skip
    good = [f"good{number:02d}" for number in range(20)]
    lake.append("sources", [replace(one, tombstone=True) for one in lake.rows("sources", Source)])
    lake.append("sources", sources([*bad, *good]))
    with serving(poisoned) as (replica,):
        server = Server("tiny", "r1", urls=(replica.url,), timeout_s=0.5, tries=2, patience_s=5.0, at_once=4)
        job = Job(Told(Model(server=server)), "sources", "source_id", "scores", gather, rows_per_unit=16)
        begun = time.monotonic()
        first = run_job(job, Snapshot(lake, {}), Inline(), Policy(), lambda _: None)
        assert time.monotonic() - begun < 60
        assert first.failures == Counter(bad.values())
        rows = lake.scan("scores", job.fingerprint).filter(pl.col("failure").is_not_null()).collect()
        kinds = zip(rows["input_id"], rows["failure"].struct.field("kind"), strict=True)
        assert {one.removeprefix("id-"): kind for one, kind in kinds} == bad
        replica.script = lambda body: completed("a word")
        again = run_job(job, Snapshot(lake, {}), Inline(), Policy(retry=frozenset({"refused"})), lambda _: None)
        assert (again.total, again.failed) == (len(bad), 0)
    assert not doubled(lake)


def test_rows_whose_commit_is_not_answered_are_there_once(s3_environment: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    with proxied(s3_environment.endpoint) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        lake = open_lake(f"s3://{s3_environment.bucket}/lake", storage_options())
        lake.create()
        losses = iter(["lost", "lost"])
        proxy.trouble = lambda method, path: next(losses, None) if method == "PUT" and "_log/" in path else None
        lake.append("sources", sources(["a", "b"]))
        assert next(losses, "all") == "all"
        assert lake.scan("sources").collect().height == 2
