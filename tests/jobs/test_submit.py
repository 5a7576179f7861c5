"""What is sent to a cluster, under which name, and what is refused before anything is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from curate.errors import UsageError
from jobs.cli import main
from jobs.submit import Order, attempt

NOWHERE = "http://127.0.0.1:9"

Retold = Callable[..., tuple[int, str]]


@pytest.fixture
def retold(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Retold:
    """The command line: its exit code, and what it wrote."""
    monkeypatch.setenv("RAY_API_SERVER_ADDRESS", "http://127.0.0.1:1")  # what is given goes first

    def run(*arguments: str | Path) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments)])
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out + captured.err

    return run


def test_what_a_cluster_does_not_see_is_refused_before_anything_is_sent(retold: Retold, tmp_path: Path) -> None:
    code, said = retold("submit", tmp_path, "--lake", "s3://bucket/lake", "--address", NOWHERE)
    assert (code, str(tmp_path) in said, "--shared-folder" in said) == (2, True, True)
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
