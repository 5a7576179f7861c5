"""A pilot works on a sample of the sources, and the rest is done later without doing anything twice."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from curate.storage.lake import Lake, open_lake
from jobs.drive import Policy, Progress, run_job
from jobs.engines import Inline
from jobs.job import Job, Snapshot
from jobs.pilot import Pilot
from jobs.recipe import build
from jobs.session import open_session
from jobs.show import JsonLines
from schemas.media import Source
from tests.encode.clips import film
from tests.jobs.lakes import doubled
from tests.jobs.toy import Length, job, sources


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = open_lake(str(tmp_path / "lake"), {})
    lake.create()
    lake.append("sources", sources([f"{number:02d}" for number in range(20)]))
    return lake


def run(lake: Lake, pilot: Pilot | None, a_job: Job | None = None) -> Progress:
    a_job = a_job or job(Length())
    return run_job(a_job, Snapshot(lake, {}), Inline(), Policy(pilot=pilot), lambda _: None)


def done(lake: Lake) -> list[str]:
    return sorted(lake.scan("scores").select("input_id").unique().collect()["input_id"])


def test_a_pilot_is_the_first_sources_by_id_and_the_rest_is_done_later(lake: Lake) -> None:
    assert run(lake, Pilot(5)).total == 5
    assert done(lake) == [f"id-{number:02d}" for number in range(5)]
    assert run(lake, Pilot(5)).total == 0
    assert run(lake, Pilot(8)).total == 3
    assert run(lake, None).total == 12
    assert not doubled(lake)


def test_a_pilot_that_is_done_does_not_pass_for_the_whole(lake: Lake) -> None:
    run(lake, Pilot(5))
    assert lake.scan("runs").collect()["versions"].to_list() == [None]
    run(lake, None)
    assert run(lake, Pilot(5)).total == 0


def test_what_was_taken_down_is_not_counted(lake: Lake) -> None:
    lake.append("sources", [Source("id-00", "00", None, None, None, None, True, 1)])
    run(lake, Pilot(2))
    assert done(lake) == ["id-01", "id-02"]


def test_failures_outside_of_a_pilot_are_not_told_of_it(lake: Lake) -> None:
    lake.append("sources", sources(["zz-bad"]))
    assert run(lake, None).standing == 1
    lake.append("sources", sources(["00-new"]))  # else nothing would be looked at
    assert run(lake, Pilot(5)).standing == 0


JOBS = ("fetch", "scan", "split", "score")


def test_jobs_over_media_and_clips_stay_with_the_sources_of_the_pilot(tmp_path: Path) -> None:
    films = [str(film(tmp_path / f"{seconds}.mkv", seconds / 10, sound=False)) for seconds in range(3, 8)]

    def session_run(names: Sequence[str], pilot: Pilot | None) -> dict[str, int]:
        session = open_session(str(tmp_path / "lake"), build({}), "inline", JsonLines(), pilot=pilot)
        session.add(films)
        return {one.job: one.done for one in session.run(names)}

    assert session_run(("fetch",), None) == {"fetch": 5}
    assert session_run(JOBS, Pilot(2)) == {"fetch": 0, "scan": 2, "split": 2, "score": 2}
    assert session_run(JOBS, None) == {"fetch": 0, "scan": 3, "split": 3, "score": 3}
    assert not doubled(open_lake(str(tmp_path / "lake"), {}))
