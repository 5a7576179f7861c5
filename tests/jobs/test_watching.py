"""Looking at a lake again and again."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from curate.storage.lake import open_lake
from jobs.recipe import build
from jobs.road import road, snapshot_of
from jobs.status import Standing, table
from jobs.watching import Rates, Standings
from tests.jobs.toy import sources


def test_only_jobs_of_changed_tables_are_counted_again(tmp_path: Path) -> None:
    lake, recipe = open_lake(str(tmp_path), {}), build({}, ())
    lake.create()
    standings = Standings(snapshot_of(lake, road(recipe)), recipe)
    first = standings.look()
    assert [one.job for one in first] == standings.counted
    assert [one.job for one in first][-2:] == ["pick", "plan"]
    assert (first[-1].pending, first[-1].waiting) == (0, 1)
    standings.look()
    assert standings.counted == []
    lake.append("sources", sources(["a", "b"]))
    again = {one.job: one for one in standings.look()}
    assert standings.counted == ["fetch", "pick", "plan"]
    assert (again["fetch"].pending, again["scan"].pending) == (2, 0)
    assert [one.job for one in first] == list(again)


def test_rates_are_of_what_was_settled_while_one_looked() -> None:
    rates, now_s = Rates(), time.monotonic()
    first = Standing("scan", "strips", "f", 10, 2, 88, 0, 10)
    assert rates.of([first]) == {}
    rates.began["scan"] = (now_s - 3600, 12)
    assert rates.of([first]) == {}  # an hour in which it did nothing is none of its pace
    assert rates.began["scan"][0] >= now_s
    rates.began["scan"] = (now_s - 10, 12)
    later = Standing("scan", "strips", "f", 49, 3, 48, 0, 49)
    assert 3.9 < rates.of([later])["scan"] <= 4.0
    (row,) = list(zip(*(column.cells for column in table([later], {"scan": 4.0}).columns), strict=True))
    assert row[-3:-1] == ("4.0", "12.0 s")


def test_an_interrupt_ends_the_watch_in_peace(tmp_path: Path) -> None:
    open_lake(str(tmp_path), {}).create()
    command = [sys.executable, "-m", "jobs", "status", "--watch", "--every", "0.2", "--json", "--lake", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stderr
        looks = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        said = process.stderr.read()
    assert process.returncode == 0, said
    assert next(one["job"] for one in looks[1]["jobs"]) == "fetch"
    assert "Traceback" not in said
