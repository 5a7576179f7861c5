"""Fixture `postgresql`: a real PostgreSQL server on loopback, started once for the whole run of the tests."""

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.servers.ceph import free_ports

CURE = "apt-get install --no-install-recommends postgresql"
USER = "label"
DROP = ("setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--")


@dataclass(frozen=True, slots=True)
class Postgresql:
    """A server, as its superuser reaches it."""

    programs: Path
    port: int
    password: str
    folder: Path

    def fresh(self) -> str:
        """The URL of a new database, empty."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        subprocess.run(
            [self.programs / "createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, name],
            env=os.environ | {"PGPASSWORD": self.password}, cwd="/", check=True,
        )  # fmt: skip
        return f"postgresql+psycopg://{USER}:{self.password}@127.0.0.1:{self.port}/{name}"


def programs() -> Path | None:
    """Where the newest PostgreSQL has its programs; Debian keeps them off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: float(one.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def running(where: Path) -> Iterator[Postgresql]:
    """A server with a cluster of its own; both are gone afterwards. It refuses to run as root, so it never does."""
    folder, password = Path(mkdtemp(prefix="pg-")), uuid.uuid4().hex
    server = Postgresql(where, free_ports(1)[0], password, folder)
    secret, data = folder / "password", folder / "data"
    secret.write_text(password)
    if os.geteuid() == 0:
        for one in (folder, secret):
            shutil.chown(one, "postgres", "postgres")
    options = (
        f"-p {server.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c max_connections=200"
    )
    try:
        _run(server, "initdb", "-D", data, "-U", USER, f"--pwfile={secret}", "-A", "scram-sha-256", "-E", "UTF8",
             "--locale=C.UTF-8")  # fmt: skip
        _run(server, "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield server
        finally:
            _run(server, "pg_ctl", "-D", data, "-w", "-m", "fast", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """A server; `postgresql.fresh()` is the URL of an empty database."""
    where = programs()
    if where is None:
        pytest.fail(f"PostgreSQL is missing. As root: {CURE}")
    with running(where) as server:
        yield server


def _run(server: Postgresql, program: str, *arguments: object) -> None:
    drop = (
        ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--"] if os.geteuid() == 0 else []
    )
    command = [*drop, str(server.programs / program), *map(str, arguments)]
    done = subprocess.run(command, cwd="/", capture_output=program == "initdb", check=False)
    if done.returncode:
        log = server.folder / "log"
        told = log.read_text(errors="replace")[-2000:] if log.is_file() else (done.stderr or b"").decode()[-2000:]
        raise RuntimeError(f"{program} failed: {told}")
