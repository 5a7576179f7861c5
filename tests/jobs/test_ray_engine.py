"""The same loop on Ray: the same rows, whatever dies."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from curate.errors import UsageError
from curate.storage.lake import Lake, open_lake
from jobs.drive import Policy, run_job
from jobs.engines import Engine, Inline
from jobs.job import Snapshot
from jobs.ray_engine import RayEngine
from tests.jobs.toy import Length, job, sources

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("default")]  # Ray warns of itself


@pytest.fixture(scope="module")
def ray_engine() -> Iterator[RayEngine]:
    engine = RayEngine()
    yield engine
    engine.close()


def lake_of(folder: Path, count: int) -> Lake:
    lake = open_lake(str(folder), {})
    lake.create()
    lake.append("sources", sources([f"s{i}" for i in range(count)] + ["x/bad", "y/deadly"]))
    return lake


def scores(lake: Lake, engine: Engine, stage: Length) -> list[tuple[object, ...]]:
    run_job(job(stage), Snapshot(lake, {}), engine, Policy(workers=2), lambda _: None)
    frame = lake.scan("scores").select("input_id", "ordinal", "metric", "value", "failure", "attempt").collect()
    return sorted(frame.rows(), key=repr)


def test_ray_and_inline_give_identical_tables(tmp_path: Path, ray_engine: RayEngine) -> None:
    stage = Length()
    assert scores(lake_of(tmp_path / "a", 30), ray_engine, stage) == scores(
        lake_of(tmp_path / "b", 30), Inline(), stage
    )


def test_a_killed_worker_is_replaced_and_nothing_is_lost(tmp_path: Path, ray_engine: RayEngine) -> None:
    calm = scores(lake_of(tmp_path / "a", 10), Inline(), Length())
    deadly = scores(lake_of(tmp_path / "b", 10), ray_engine, Length(marks=str(tmp_path)))
    assert (tmp_path / "died").exists()
    assert deadly == calm


def test_more_workers_than_the_machine_has_are_refused(ray_engine: RayEngine) -> None:
    with pytest.raises(UsageError, match="ask for fewer"):
        ray_engine.workers(1000)
