"""The same loop on Ray: the same rows, whatever dies."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from curate.errors import EngineError, RecipeError, UsageError
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


def test_an_error_for_a_person_comes_out_of_a_worker_as_it_is(tmp_path: Path, ray_engine: RayEngine) -> None:
    lake = lake_of(tmp_path, 4)
    with pytest.raises(RecipeError, match=r"^the mood is wrong$"):
        scores(lake, ray_engine, Length(mood="wrong"))
    assert lake.scan("scores").collect().height == 0


@pytest.mark.timeout(600)
def test_a_unit_that_always_kills_its_worker_ends_the_job_and_not_the_lake(
    tmp_path: Path, ray_engine: RayEngine
) -> None:
    lake = lake_of(tmp_path, 4)
    with pytest.raises(EngineError, match="--engine inline"):
        scores(lake, ray_engine, Length(mood="deadly"))
    assert run_job(job(Length()), Snapshot(lake, {}), Inline(), Policy(), lambda _: None).done == 6


def test_more_workers_than_the_machine_has_are_refused(ray_engine: RayEngine) -> None:
    with pytest.raises(UsageError, match="ask for fewer"):
        ray_engine.workers(1000)
