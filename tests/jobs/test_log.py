"""What the log of a run says, line by line."""

import json
from pathlib import Path

import pytest

from curate.errors import UsageError
from curate.storage.lake import open_lake
from jobs import log
from jobs.drive import Policy, run_job
from jobs.engines import Inline
from jobs.job import Snapshot
from jobs.log import Log
from jobs.progress import Progress
from tests.jobs import toy
from tests.jobs.toy import Length


def logged(folder: Path, uris: list[str]) -> list[dict[str, object]]:
    """The lines of a run of one small job over these sources."""
    lake = open_lake(str(folder / "lake"), {})
    lake.create()
    lake.append("sources", toy.sources(uris))
    with Log(str(folder / "log")) as watching:
        job = toy.job(Length(), rows_per_unit=2)
        run_job(job, Snapshot(lake, {}), Inline(), Policy(), watching.watch)
        run_job(job, Snapshot(lake, {}), Inline(), Policy(), watching.watch)  # has nothing to do, and says nothing
    return [json.loads(line) for line in (folder / "log").read_text().splitlines()]


def test_a_log_says_when_units_begin_and_what_became_of_each(tmp_path: Path) -> None:
    lines = logged(tmp_path, ["a", "b", "bad c"])
    events = [line["event"] for line in lines]
    assert events[:2] == ["job begins", "units begin"]
    assert sorted(events[2:-1]) == ["row failed", *("unit ends" for _ in range(int(str(lines[1]["units"]))))]
    assert events[-1] == "job ends"
    assert len({line["run"] for line in lines}) == 1
    assert {line["job"] for line in lines} == {"length"}
    assert (lines[0]["inputs"], lines[1]["workers"]) == (3, 1)
    failed = next(line for line in lines if line["event"] == "row failed")
    assert (failed["level"], failed["key"], failed["kind"]) == ("warning", "id-bad c", "not_media")
    assert failed["unit"] in {line["unit"] for line in lines if line["event"] == "unit ends"}
    assert (lines[-1]["done"], lines[-1]["rows_out"], lines[-1]["failures"]) == (3, 4, {"not_media": 1})
    assert str(lines[0]["time"]).endswith("+00:00")


def test_of_many_failures_of_a_kind_the_first_are_listed_and_the_others_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "MOST", 3)
    lines = logged(tmp_path, [f"bad {i}" for i in range(8)])
    assert sum(line["event"] == "row failed" for line in lines) == 3
    assert lines[-1]["not_listed"] == {"not_media": 5}


def test_a_log_says_what_stopped_a_run_and_opens_no_door(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), Log(str(tmp_path / "log")) as watching:
        watching.watch(Progress("fetch", "run1", total=2))
        raise RuntimeError("no answer from https://ann:secret@example.org/a.mp4?X-Amz-Signature=5ec3e7&v=2, again")
    last = json.loads((tmp_path / "log").read_text().splitlines()[-1])
    assert (last["level"], last["event"], last["run"], last["error"]) == ("error", "job stops", "run1", "RuntimeError")
    assert last["reason"] == "no answer from https://example.org/a.mp4?X-Amz-Signature=…&v=2, again"


def test_a_log_is_added_to_and_one_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("{}\n")
    with Log(str(tmp_path / "log")) as watching:
        watching.watch(Progress("fetch", "run1", total=2))
    assert len((tmp_path / "log").read_text().splitlines()) == 2
    with pytest.raises(UsageError, match="name another file"):
        Log(str(tmp_path / "none" / "log"))
