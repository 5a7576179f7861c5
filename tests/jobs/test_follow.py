"""Jobs that follow each other on one lake."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import polars as pl
import pytest

from curate.errors import UsageError
from curate.film import FilmSpec, make_film
from curate.storage.join import join_files
from curate.storage.lake import open_lake
from jobs.cli import main
from jobs.follow import Logs, Pace, follow, seconds
from jobs.job import Snapshot, Unit
from jobs.recipe import build
from jobs.session import Session, open_session
from jobs.show import JsonLines
from jobs.worker import Worker
from tests.jobs.lakes import differences, doubled
from tests.jobs.toy import Length, job, sources
from tests.servers.ceph import free_ports

AWAY = ["fetch.web.tries=1", 'fetch.web.allow_networks=["127.0.0.0/8"]', 'fetch.web.robots="ignore"']


@contextmanager
def following(lake: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command that follows, in a process of its own."""
    command = [sys.executable, "-m", "jobs", *arguments, "--lake", str(lake), "--engine", "inline", "--json"]
    with (lake.parent / f"{arguments[0]}.log").open("w") as log:
        process = subprocess.Popen([*command, "--follow", "--poll", "0.3s"], stdout=log, stderr=log, text=True)
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()


def until(there: Callable[[], bool], deadline_s: float = 300.0) -> None:
    begun = time.monotonic()
    while not there():
        assert time.monotonic() - begun < deadline_s
        time.sleep(0.2)


def inputs_of(lake: Path, table: str) -> int:
    """How many inputs have left a row in a table."""
    return int(open_lake(str(lake), {}).scan(table).select(pl.col("input_id").n_unique()).collect().item())


def session(lake: Path, *settings: str) -> Session:
    return open_session(str(lake), build({}, settings), "inline", JsonLines())


@pytest.mark.integration
@pytest.mark.timeout(600)
def test_two_processes_follow_each_other_until_they_are_told_to_end(tmp_path: Path) -> None:
    films = [tmp_path / f"film{seed}.mp4" for seed in (1, 2)]
    for seed, film in enumerate(films):
        make_film(film, FilmSpec(seed=seed, seconds=2, width=160, height=90))
    lake, calm = tmp_path / "lake", tmp_path / "calm"
    road = ["fetch", "scan", "subtitle", "split"]
    once = session(calm)
    once.add(map(str, films))
    once.run(road)
    with following(lake, "fetch") as first, following(lake, "run", "--from", "scan", "--until", "split") as second:
        until((lake / "runs" / "_delta_log" / f"{0:020}.json").is_file)  # both make the lake at once
        for number, film in enumerate(films, 1):
            session(lake).add([str(film)])
            until(lambda expected=number: inputs_of(lake, "clips") == expected)  # type: ignore[misc]
        for process in (first, second):
            process.terminate()
        assert [process.wait(300) for process in (first, second)] == [0, 0]
    assert not doubled(open_lake(str(lake), {}))
    assert not differences(open_lake(str(calm), {}), open_lake(str(lake), {}))


def test_what_is_away_for_a_while_does_not_use_up_its_attempts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = session(tmp_path / "lake", *AWAY)
    opened.add([f"http://127.0.0.1:{free_ports(1)[0]}/a.mp4"])
    follow(opened, ["fetch"], Pace(0.05, 0.3))
    rows = opened.lake.scan("media").collect()
    assert rows["attempt"].to_list() == [1]
    assert rows["failure"].struct.field("kind").to_list() == ["unreachable"]
    assert [(one.job, one.total, one.standing) for one in opened.progress] == [("fetch", 1, 1)]
    monkeypatch.setattr("jobs.follow.AGAIN_S", 0.1)
    follow(opened, ["fetch"], Pace(0.02, 0.6))
    assert sorted(opened.lake.scan("media").collect()["attempt"]) == [1, 2, 3]


def test_whoever_follows_an_empty_lake_waits_and_ends_when_nothing_comes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = str(tmp_path / "lake")
    waits = ["--follow", "--poll", "0.1s", "--idle", "0.3s", "--engine", "inline", "--lake", lake]
    with pytest.raises(SystemExit) as ended:
        main(["run", "--until", "split", *waits])
    assert not ended.value.code
    assert "nothing to do" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--idle", "1m"], "--follow too"),
        (["--follow", "--poll", "soon"], "--poll is seconds, minutes or hours"),
        (["--follow", "--idle", "0s"], "--idle is seconds, minutes or hours"),
        (["--from", "split", "--until", "scan"], "split comes after scan"),
        (["--from", "splt"], "no job is called 'splt'"),
    ],
)
def test_what_cannot_be_followed_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], says: str
) -> None:
    inputs = tmp_path / "film.mp4"
    inputs.write_text("no film")
    with pytest.raises(SystemExit) as ended:
        main(["run", str(inputs), "--lake", str(tmp_path / "lake"), "--engine", "inline", *options])
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_jobs_commit_to_one_table_and_compact_it_at_the_same_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("curate.storage.join.MANY_FILES", 4)
    lake = session(tmp_path / "lake").lake
    names = [f"{number:02d}" for number in range(12)]
    lake.append("sources", sources(names))

    def drive(factor: int) -> None:
        mine = job(Length(factor=factor))
        worker = Worker(mine, Snapshot(lake, {}), "run")
        for index, name in enumerate(names):
            lake.commit("scores", worker(Unit(index, (f"id-{name}",), (1,))).files, f"job {factor}", index + 1)
            if index % 4 == 3:
                join_files(lake, "scores", mine.fingerprint, "clip_id")

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(drive, (1, 2, 3)))
    rows = lake.scan("scores").collect()
    assert rows.group_by("fingerprint").len()["len"].to_list() == [2 * len(names)] * 3
    assert not doubled(lake)


def test_spans_are_read() -> None:
    assert [seconds(span, "--poll") for span in ("30s", "0.5s", "10m", "2h")] == [30.0, 0.5, 600.0, 7200.0]
    with pytest.raises(UsageError, match="--poll"):
        seconds("30", "--poll")


def test_logs_tell_when_one_of_them_has_grown(tmp_path: Path) -> None:
    lake = session(tmp_path / "lake").lake
    logs = Logs(lake, frozenset({"sources", "media"}))
    before = logs.versions()
    assert before == {"sources": 0, "media": 0}
    assert not logs.grow(before, time.monotonic() + 0.1, 0.02)
    open_lake(lake.uri, {}).append("sources", sources(["a"]))
    assert logs.grow(before, time.monotonic() + 5.0, 0.02)
