"""The same loop on Ray: the same rows, whatever dies."""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from curate.errors import EngineError, RecipeError, UsageError
from curate.storage.lake import Lake, open_lake
from jobs.drive import Policy, run_job
from jobs.engines import Engine, Inline, Share
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


def test_units_that_a_budget_stops_are_not_begun_and_those_under_way_are_kept(
    tmp_path: Path, ray_engine: RayEngine
) -> None:
    lake = lake_of(tmp_path, 38)
    policy = Policy(workers=2, reached=lambda progress: "enough" if progress.done >= 4 else None)
    stopped = run_job(job(Length(pause_s=0.1), rows_per_unit=1), Snapshot(lake, {}), ray_engine, policy, lambda _: None)
    assert stopped.reached == "enough"
    assert 4 <= stopped.done < 40
    assert lake.scan("scores").collect()["input_id"].n_unique() == stopped.done
    assert lake.scan("runs").collect()["outcome"].to_list() == ["budget"]


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


def test_units_of_one_worker_overlap_and_share_what_it_opened(tmp_path: Path, ray_engine: RayEngine) -> None:
    def opened_once() -> Callable[[int], tuple[int, int, bool]]:
        met, opened = threading.Barrier(2), uuid4().int

        def work(_: int) -> tuple[int, int, bool]:
            met.wait(60)  # nobody passes alone
            return opened, os.getpid(), threading.current_thread() is threading.main_thread()

        return work

    answers = list(ray_engine.map(opened_once, [*range(8)], 1, Share(concurrent_units=2)))
    assert len(answers) == 8
    assert len({opened for opened, _, _ in answers}) == 1
    assert {pid for _, pid, _ in answers} != {os.getpid()}


def test_a_job_whose_units_overlap_writes_the_same_rows(tmp_path: Path, ray_engine: RayEngine) -> None:
    stage, tables = Length(), []
    for name, concurrent in (("a", 1), ("b", 3)):
        lake = lake_of(tmp_path / name, 30)
        overlapping = replace(job(stage), concurrent_units=concurrent)
        run_job(overlapping, Snapshot(lake, {}), ray_engine, Policy(workers=1), lambda _: None)
        tables.append(sorted(lake.scan("scores").select("input_id", "metric", "value").collect().rows(), key=repr))
    assert tables[0] == tables[1]
    assert len(tables[0]) == 2 * 31 + 1


def test_gpus_that_no_machine_has_are_refused(ray_engine: RayEngine) -> None:
    with pytest.raises(UsageError, match=r"resources\.gpus asks for 1000 GPUs"):
        ray_engine.workers(None, gpus=1000)


def test_more_workers_than_the_machine_has_are_refused(ray_engine: RayEngine) -> None:
    with pytest.raises(UsageError, match="ask for fewer"):
        ray_engine.workers(1000)
