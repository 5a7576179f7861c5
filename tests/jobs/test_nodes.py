"""A cluster of several nodes: workers go where their kind is, and a node that is lost costs nothing."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from ray.cluster_utils import Cluster

from curate.errors import UsageError
from curate.storage.lake import Lake, open_lake
from jobs.build import build
from jobs.drive import Policy, run_job
from jobs.engines import Engine, Inline
from jobs.job import Snapshot
from jobs.progress import Progress
from jobs.ray_engine import RayEngine
from tests.jobs.clusters import add, alive, cluster, lose, workers_on
from tests.jobs.lakes import differences, doubled
from tests.jobs.toy import Length, job, sources, where

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("default")]  # Ray warns of itself


@pytest.fixture(scope="module")
def three() -> Iterator[Cluster]:
    """A head and another node of the core; the third comes later."""
    with cluster("core") as started:
        add(started)
        yield started


@pytest.fixture(scope="module")
def engine(three: Cluster) -> Iterator[RayEngine]:
    engine = RayEngine(three.address)
    yield engine
    engine.close()


def test_workers_of_a_kind_run_on_its_nodes_alone_once_one_has_come(
    three: Cluster, engine: RayEngine, models_python: Path
) -> None:
    core = list(engine.map(where, [*range(8)], 4))
    waiting = patient(engine, 120).at("models", {"models": str(models_python.parents[1])})
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(lambda: {*waiting.map(where, [*range(4)], 2)})
        add(three, "models")
        assert asked.result() == {("models", str(models_python.parents[1]))}
    assert {label for label, _ in [*core, *engine.map(where, [*range(8)], 4)]} <= {"core", "None"}


def patient(engine: RayEngine, within_s: float) -> RayEngine:
    return RayEngine(engine.address, nodes_within_s=within_s)


def test_a_kind_that_no_node_has_is_named_with_those_that_there_are(engine: RayEngine) -> None:
    with pytest.raises(UsageError, match=r"kind 'vllm' \(there: core, models\): start one with `ray start --labels"):
        engine.at("vllm", {})
    with pytest.raises(UsageError, match=r"nor came one within 0\.5 s"):
        patient(engine, 0.5).at("vllm", {}).workers(None)


def test_a_node_of_another_build_is_refused_before_it_gets_work(
    engine: RayEngine, tmp_path: Path, models_python: Path
) -> None:
    (tmp_path / "code" / "jobs").mkdir(parents=True)
    (tmp_path / "code" / "jobs" / "__init__.py").touch()
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\ncd / && PYTHONPATH={tmp_path}/code exec {models_python} "$@"\n')
    python.chmod(0o755)
    with pytest.raises(UsageError, match=r"127.0.0.4 \(models\).*retold: 0.1.0 \(code \w+\) there, 0.1.0 \(code"):
        engine.at("models", {"models": str(tmp_path)})
    with pytest.raises(UsageError, match="cannot be started"):
        engine.at("models", {"models": str(tmp_path / "nowhere")})


def test_a_worker_of_another_build_does_no_unit_though_its_node_was_not_asked(
    engine: RayEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = {**build(()), "retold": "0.1.0 (code 0123456789ab)"}
    list(engine.map(where, [0], 1))  # all are greeted
    monkeypatch.setattr("jobs.ray_engine.build", lambda _: mine)
    with pytest.raises(UsageError, match=r"node 127\S+, by .*retold: 0.1.0 \(code \w+\) there, .*0123456789ab\) here"):
        list(engine.map(where, [*range(4)], 2))


@pytest.mark.timeout(600)
def test_a_node_that_is_lost_costs_no_row_and_doubles_none(three: Cluster, engine: RayEngine, tmp_path: Path) -> None:
    [node] = [node for node in three.worker_nodes if node.node_ip_address == "127.0.0.3"]
    lost: list[int] = []

    def watch(progress: Progress) -> None:
        if progress.done and not lost and (found := workers_on(node)):
            lost.extend(found)
            lose(three, node)

    calm, wild = lake_of(tmp_path / "calm"), lake_of(tmp_path / "wild")
    run(calm, Inline(), lambda _: None)
    run(wild, engine, watch)
    assert lost
    assert not any(map(alive, lost))
    assert not differences(calm, wild)
    assert not doubled(wild)


def lake_of(folder: Path) -> Lake:
    lake = open_lake(str(folder), {})
    lake.create()
    lake.append("sources", sources([*(f"s{i}" for i in range(60)), "x/bad"]))
    return lake


def run(lake: Lake, engine: Engine, watch: Callable[[Progress], None]) -> None:
    slow = replace(job(Length(pause_s=0.1)), rows_per_unit=2)
    assert run_job(slow, Snapshot(lake, {}), engine, Policy(workers=3), watch).done == 61
