"""Code that runs in a child gets nowhere: not to the network, not to files, not to other processes, not to secrets."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from curate.media.file import LocalFile
from curate.media.limits import Limits
from curate.media.sandbox import Isolated, isolated
from tests.media.escapes import Attempt, Escape, Told

REFUSED = "refused: Permission denied"
LIMITS = Limits(memory_bytes=400 << 20, deadline_s=30.0)


@dataclass(frozen=True, slots=True)
class Filmed:
    """An attempt on a row that has a media."""

    id: str
    what: str
    on: str
    file: LocalFile
    folder: str | None = None


@pytest.fixture(scope="module")
def run() -> Iterator[Isolated[Attempt, Told]]:
    stage = isolated(Escape(), LIMITS)
    yield stage
    stage.close()


@pytest.fixture
def outsider() -> "Iterator[subprocess.Popen[bytes]]":
    """A process that is none of the child's."""
    process = subprocess.Popen(["sleep", "120"])
    yield process
    process.kill()
    process.wait()


def tried(run: Isolated[Attempt, Told], what: str, on: object = "", folder: Path | None = None) -> str:
    (outcome,) = run([Attempt("a", what, str(on), None if folder is None else str(folder))])
    return outcome.rows[0].text


@pytest.mark.parametrize("what", ["connect", "datagram"])
def test_no_address_is_reached(run: Isolated[Attempt, Told], what: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = f"127.0.0.1:{server.getsockname()[1]}"
        assert [tried(run, what, address) for address in (here, "1.1.1.1:443", "169.254.169.254:80")] == [REFUSED] * 3


@pytest.mark.parametrize("name", [".aws/credentials", ".ssh/id_ed25519", ".netrc", ".config/gcloud/credentials.db"])
def test_credentials_in_the_home_are_not_read(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, run: Isolated[Attempt, Told]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("secret")
    assert tried(run, "read", tmp_path / name) == REFUSED
    assert tried(run, "list", (tmp_path / name).parent) == REFUSED


@pytest.mark.parametrize(
    "path", ["/etc/shadow", "/root", "/home", "/var", "/run", "/proc/1/environ", "/proc/1/cmdline"]
)
def test_what_is_the_machines_own_is_not_read(run: Isolated[Attempt, Told], path: str) -> None:
    assert tried(run, "list" if Path(path).is_dir() else "read", path) == REFUSED


@pytest.mark.parametrize("name", ["environ", "cmdline", "maps", "mem", "root/etc/hostname", "fd"])
def test_nothing_is_read_of_its_parent(run: Isolated[Attempt, Told], name: str) -> None:
    path = f"/proc/{os.getpid()}/{name}"
    assert tried(run, "list" if name == "fd" else "read", path) == REFUSED


def test_its_environment_and_arguments_hold_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "HF_TOKEN", "RETOLD_MODEL_KEY", "DATABASE_URL"):
        monkeypatch.setenv(name, "a-secret")
    run = isolated(Escape(), LIMITS)
    told = tried(run, "environment") + tried(run, "arguments")
    run.close()
    assert "PATH=" in told
    assert "a-secret" not in told


@pytest.mark.parametrize("what", ["write", "truncate", "remove", "rename", "link"])
def test_no_file_is_changed_but_in_the_folder_of_its_row(
    run: Isolated[Attempt, Told], tmp_path: Path, what: str
) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    for folder in (own, other):
        folder.mkdir()
        (folder / "file").write_text("as it was")
    assert tried(run, what, other / "file", own) == REFUSED
    assert {path.name: path.read_text() for path in other.iterdir()} == {"file": "as it was"}
    assert not tried(run, what, own / "file", own).startswith("refused")


def test_code_that_others_import_is_not_changed(run: Isolated[Attempt, Told]) -> None:
    import librosa

    for module in (Path(librosa.__file__), Path(__file__), Path(os.__file__)):
        planted = module.parent / "planted.py"
        assert tried(run, "write", planted) == REFUSED
        assert not planted.exists()


def test_media_are_read_where_they_lie_and_not_changed(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "film").write_text("frames")
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "film").symlink_to(tmp_path / "lake" / "film")
    file = LocalFile(str(tmp_path / "film"), 0, 6)
    run = isolated(Escape(), LIMITS)
    rows = [
        Filmed("a", "read", str(tmp_path / "film"), file), Filmed("b", "read", str(tmp_path / "secret"), file),
        Filmed("c", "write", str(tmp_path / "film"), file),
    ]  # fmt: skip
    said = [outcome.rows[0].text for outcome in run(rows)]  # type: ignore[arg-type]
    run.close()
    assert said == ["frames", REFUSED, REFUSED]


@pytest.mark.parametrize(
    ("what", "on"), [("shell", "true"), ("replace", "true"), ("fork", ""), ("new namespace", ""), ("mount", "")]
)
def test_no_program_process_or_namespace_is_started(run: Isolated[Attempt, Told], what: str, on: str) -> None:
    assert tried(run, what, on) == REFUSED


def test_threads_can_be_started(run: Isolated[Attempt, Told]) -> None:
    assert tried(run, "threads", 50) == "50 threads"
    assert tried(run, "clone3") == "refused: Function not implemented"
    assert tried(run, "io_uring") == REFUSED


@pytest.mark.parametrize("what", ["kill", "trace"])
def test_other_processes_are_left_alone(
    run: Isolated[Attempt, Told], outsider: "subprocess.Popen[bytes]", what: str
) -> None:
    for pid in (outsider.pid, os.getpid(), -outsider.pid):
        assert tried(run, what, pid) == REFUSED
    assert tried(run, "kill all") == REFUSED
    time.sleep(0.05)
    assert outsider.poll() is None


def test_its_own_end_is_its_own(run: Isolated[Attempt, Told]) -> None:
    (outcome,) = run([Attempt("a", "abort")])
    assert outcome.failure is not None
    assert outcome.failure.kind == "crashed"
    assert "SIGABRT" in outcome.failure.detail


def test_a_child_that_keeps_the_network_has_no_more_than_that(
    tmp_path: Path, outsider: "subprocess.Popen[bytes]"
) -> None:
    (tmp_path / "secret").write_text("secret")
    run = isolated(Escape(), LIMITS, network=True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert tried(run, "connect", f"127.0.0.1:{server.getsockname()[1]}") == "connected"
    attempts = {"read": tmp_path / "secret", "write": tmp_path / "more", "shell": "true", "kill": outsider.pid}
    assert [tried(run, what, on) for what, on in attempts.items()] == [REFUSED] * 4
    assert tried(run, "read", f"/proc/{os.getppid()}/environ") == REFUSED
    run.close()
