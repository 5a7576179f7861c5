"""Nodes that share nothing but a network: where it is cut in the middle of a job, no row is lost and none doubled."""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from curate.film import FilmSpec, make_film
from curate.storage.lake import open_lake
from jobs.environment import storage_options
from jobs.recipe import Recipe
from jobs.session import open_session
from jobs.show import JsonLines
from tests.jobs.lakes import differences, doubled
from tests.jobs.networks import Machine, Network, NoNetworks, network
from tests.jobs.processes import processes_below
from tests.servers.faulty import proxied
from tests.servers.s3 import S3

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

FILMS = 6
PORT = 6379
RAY = [str(Path(sys.executable).with_name("ray")), "start", "--block", "--disable-usage-stats"]
OPEN = {"RAY_AUTH_MODE": "disabled", "RAY_raylet_start_wait_time_s": "60"}
"""The network is ours alone."""
QUICK = {**OPEN, "RAY_health_check_period_ms": "500", "RAY_health_check_timeout_ms": "1000"}
"""Of the head: it asks five times whether a node is there, so that a loss is known after some seconds."""


@pytest.fixture(scope="module")
def two() -> Iterator[Network]:
    """A machine for the head and one for a worker node."""
    try:
        with network(["head", "worker"]) as made:
            yield made
    except NoNetworks as error:
        pytest.fail(str(error))


@pytest.fixture(scope="module")
def far(two: Network, s3: S3) -> Iterator[S3]:
    """A bucket that both machines reach, and this one."""
    with proxied(s3.endpoint, address=two.address) as proxy:
        yield replace(s3.fresh(), endpoint=proxy.endpoint)


@pytest.fixture(scope="module")
def cluster(two: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machine, Machine]]:
    """A head and a worker node, of two CPUs each."""
    head, worker = two.machines
    logs, (own, other) = tmp_path_factory.mktemp("ray"), [f"--node-ip-address={one.address}" for one in two.machines]
    store = "--object-store-memory=100000000"
    first = [*RAY, "--head", own, f"--port={PORT}", "--include-dashboard=false", "--num-cpus=2", store]
    second = [*RAY, other, f"--address={head.address}:{PORT}", "--num-cpus=2", store]
    for machine, command, environment in ((head, first, QUICK), (worker, second, OPEN)):
        begin(machine, command, logs / machine.name, environment)
    yield head, worker


def begin(machine: Machine, command: list[str], log: Path, environment: dict[str, str], tries: int = 3) -> None:
    """Start a node; where the machine is busy, Ray itself gives up waiting for one and is asked again."""
    node, said = machine.start(command, log, environment), "Ray runtime started"
    until(lambda: node.poll() is not None or said in log.read_text())
    if said not in log.read_text():
        assert tries > 1, log.read_text()
        machine.stop()
        machine.started.clear()
        begin(machine, command, log, environment, tries - 1)


def until(true: Callable[[], bool], within_s: float = 300) -> None:
    last_s = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < last_s
        time.sleep(0.1)


def busy(machine: Machine) -> bool:
    """Whether a worker has a film on a machine."""
    return any("curate.media.child" in line for _, line in processes_below(machine.started[0].pid))


def test_a_node_that_is_cut_off_in_the_middle_of_a_job_costs_no_row_and_doubles_none(
    cluster: tuple[Machine, Machine], far: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, worker = cluster
    for name, value in far.environment.items():
        monkeypatch.setenv(name, value)
    films, lake, log = tmp_path / "films", f"{far.uri}/lake", tmp_path / "scan.jsonl"
    films.mkdir()
    for seed in range(FILMS):
        make_film(films / f"{seed}.mp4", FilmSpec(seed=seed, seconds=2, width=160, height=90))
    calm = open_session(str(tmp_path / "calm"), Recipe(), "inline", JsonLines())
    wild = open_session(lake, Recipe(), "inline", JsonLines())
    for session, jobs in ((calm, ["fetch", "scan"]), (wild, ["fetch"])):
        session.add([str(films)])
        session.run(jobs)

    command = [sys.executable, "-m", "jobs", "scan", "--lake", lake, "--set", "resources.workers=3", "--log", "-"]
    address = {**OPEN, "RAY_ADDRESS": f"{head.address}:{PORT}"}
    driver = head.beside(command, log, {**far.environment, **address})
    until(lambda: driver.poll() is not None or busy(worker))
    assert driver.poll() is None, log.read_text()
    worker.cut()
    assert driver.wait(300) == 0, log.read_text()
    assert not differences(calm.lake, open_lake(lake, storage_options()))
    assert not doubled(open_lake(lake, storage_options()))
