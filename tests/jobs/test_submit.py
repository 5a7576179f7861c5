"""A run sent to a real server of jobs: its log and its exit code come back, and it is sent again only to go on."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from curate.errors import UsageError
from curate.film import FilmSpec, make_film
from curate.storage.lake import open_lake
from jobs.cli import main
from jobs.submit import MARK, Cluster, Order, attempt
from tests.jobs.clusters import cluster
from tests.jobs.lakes import differences, doubled
from tests.servers.ceph import free_ports

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("default")]  # Ray warns of itself

NOWHERE = "http://127.0.0.1:9"

Retold = Callable[..., tuple[int, str]]


@pytest.fixture
def retold(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Retold:
    """The command line: its exit code, and what it wrote."""

    def run(*arguments: str | Path) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments)])
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out + captured.err

    return run


@pytest.fixture(scope="module")
def head() -> Iterator[str]:
    """The address of a server of jobs, whose cluster is one node."""
    [port] = free_ports(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")  # the head's `python`
        patch.delenv("RAY_ADDRESS", raising=False)
        patch.delenv("RAY_API_SERVER_ADDRESS", raising=False)
        with cluster(include_dashboard=True, dashboard_host="127.0.0.1", dashboard_port=port, cpus=4):
            yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    for seed in (1, 2):
        make_film(folder / f"{seed}.mp4", FilmSpec(seed=seed, seconds=4, width=96, height=64, fps=10))
    return folder


def test_what_a_cluster_does_not_see_is_refused_before_anything_is_sent(retold: Retold, films: Path) -> None:
    code, said = retold("submit", films, "--lake", "s3://bucket/lake", "--address", NOWHERE)
    assert (code, str(films) in said, "--shared-folder" in said) == (2, True, True)
    code, said = retold("submit", "--lake", "lake", "--address", NOWHERE)
    assert (code, "lies on this machine: lake" in said) == (2, True)
    code, said = retold("submit", "--lake", "s3://b/l", "--set", "split.min_su=1", "--address", NOWHERE)
    assert (code, "did you mean 'min_us'" in said) == (2, True)
    code, said = retold("submit", "--lake", "s3://b/l", "--env", "RETOLD_NO_SUCH", "--address", NOWHERE)
    assert (code, "not set here: RETOLD_NO_SUCH" in said) == (2, True)
    code, said = retold("submit", "--lake", "s3://b/l", "--address", NOWHERE)
    assert (code, f"the cluster at {NOWHERE} refuses, or does not answer" in said) == (2, True)


def test_what_is_sent_is_the_command_the_recipe_and_no_key() -> None:
    order = Order("s3://b/l", ("s3://b/in put", "--until", "scan"), "[split]\n", environment={"NAMED": "1"})
    assert order.entrypoint == (
        "exec python -m jobs run 's3://b/in put' --until scan --lake s3://b/l --recipe recipe.toml"
    )
    with order.runtime_environment() as sent:
        assert [*Path(sent["working_dir"]).iterdir()] == [Path(sent["working_dir"]) / "recipe.toml"]
        assert {*sent["env_vars"]} == {"NAMED", "RAY_JOB_STOP_WAIT_TIME_S"}
    assert not Path(sent["working_dir"]).exists()


def test_a_run_has_one_name_and_each_attempt_at_it_a_number() -> None:
    name = Order("s3://b/l", ("s3://b/in",)).id
    assert name == Order("s3://b/l/", ("s3://b/in",)).id
    assert len({name, Order("s3://b/m", ("s3://b/in",)).id, Order("s3://b/l", ("s3://b/in",), "").id}) == 3
    assert attempt("a", {}) == "a"
    assert attempt("a", {"a": True, "a-2": True, "ab": False, "b": False}) == "a-3"
    with pytest.raises(UsageError, match=r"as a-2: .*--attach a-2"):
        attempt("a", {"a": True, "a-2": False})


@pytest.mark.timeout(600)
def test_a_run_is_sent_shown_and_resumed(retold: Retold, head: str, films: Path, tmp_path: Path) -> None:
    order = ["submit", films, "--lake", tmp_path / "far", "--address", head, "--shared-folder", "--until", "fetch"]
    code, said = retold(*order, "--set", "resources.workers=1")
    assert (code, "2 new source(s)" in said) == (0, True), said
    code, again = retold(*order, "--set", "resources.workers=1")
    assert (code, "nothing to do" in again, "-2: succeeded, exit code 0" in again) == (0, True, True), again
    _, told = retold("submit", "--status", "--address", head)
    assert told.count("succeeded") == 2
    assert retold("run", films, "--lake", tmp_path / "here", "--engine", "inline", "--until", "fetch")[0] == 0
    far, here = (open_lake(str(tmp_path / name), {}) for name in ("far", "here"))
    assert not differences(far, here)
    assert not doubled(far)


@pytest.mark.timeout(600)
def test_what_runs_is_not_sent_twice_and_ends_when_it_is_told_to(
    retold: Retold, head: str, films: Path, tmp_path: Path
) -> None:
    order = ["submit", films, "--lake", tmp_path / "lake", "--address", head, "--shared-folder", "--name", "mine"]
    assert retold(*order, "--no-wait") == (0, "sent as mine\n")
    code, said = retold(*order)
    assert (code, "as mine: " in said, "--attach mine" in said) == (2, True, True)
    assert "told to end" in retold("submit", "--stop", "mine", "--address", head)[1]
    deadline_s = time.monotonic() + 90
    while not (job := Cluster(head).job("mine")).status.is_terminal() and time.monotonic() < deadline_s:
        time.sleep(0.5)
    assert (job.status, job.metadata[MARK]) == ("STOPPED", str(tmp_path / "lake"))
    assert retold("submit", "--attach", "mine", "--address", head)[0] == 1


@pytest.mark.timeout(600)
def test_the_exit_code_is_that_of_the_run_and_code_can_be_sent_along(
    retold: Retold, head: str, films: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.mp4").write_text("not a film")
    recipe = tmp_path / "small.toml"
    recipe.write_text(f'sources = ["{tmp_path}/broken.mp4"]\n[resources]\nworkers = 1\n')
    order = ["submit", recipe, "--lake", tmp_path / "lake", "--address", head, "--shared-folder", "--code"]
    code, said = retold(*order, "--until", "fetch", "--strict")
    assert (code, "1 row(s) failed" in said) == (1, True), said
