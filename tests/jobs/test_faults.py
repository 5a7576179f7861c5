"""Whatever breaks under a job: it says so, and the next run ends as if nothing had happened."""

import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

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

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

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


@pytest.fixture
def lake(calm: Lake, tmp_path: Path) -> Lake:
    """A copy of what comes of the film."""
    shutil.copytree(calm.uri, tmp_path / "lake")
    return open_lake(str(tmp_path / "lake"), {})


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
