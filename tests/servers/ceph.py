"""A real S3 server on the loopback: one monitor, one object store in memory and one gateway of Ceph."""

import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

PROGRAMS = ("ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin", "setpriv")
CURE = "apt-get install --no-install-recommends ceph-mon ceph-osd radosgw"

# `ms_mon_client_mode = crc`: without it the gateway hangs for ever when authentication is off.
CONFIG = """\
[global]
fsid = {fsid}
mon_host = v2:127.0.0.1:{mon_port}/0
public_addr = 127.0.0.1
ms_bind_msgr1 = false
ms_mon_client_mode = crc
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
run_dir = {folder}
admin_socket =
log_file = {folder}/$name.log
mon_data = {folder}/mon
osd_data = {folder}/osd
rgw_data = {folder}/rgw
crash_dir = {folder}
mon_allow_pool_size_one = true
mon_data_avail_crit = 1
osd_pool_default_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_max_pg_per_osd = 2000
osd_objectstore = memstore
memstore_device_bytes = 8589934592
osd_class_load_list = *
osd_class_default_list = *
rgw_frontends = beast endpoint=127.0.0.1:{port}
"""


class ServerError(Exception):
    """The server could not be started; the message has the end of its logs."""


def missing_programs() -> tuple[str, ...]:
    """Programs that the server needs and that are not on the PATH."""
    return tuple(name for name in PROGRAMS if shutil.which(name) is None)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody listens on, all different."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _once(folder: Path, *command: str) -> None:
    """Run one administration command to its end."""
    done = subprocess.run(
        command,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        raise ServerError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def _environment(folder: Path) -> dict[str, str]:
    """The configuration and nothing else of the caller's environment."""
    return {"CEPH_CONF": str(folder / "ceph.conf"), "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}


def _daemon(folder: Path, *command: str) -> subprocess.Popen[bytes]:
    """Start a daemon in the foreground; it dies with this process, however this process ends."""
    log = folder / f"{command[0]}.out"
    with log.open("ab") as out:
        return subprocess.Popen(
            ("setpriv", "--pdeathsig", "KILL", *command, "-f"),
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _wait(ready: Callable[[], bool], daemons: list[subprocess.Popen[bytes]], deadline_s: float) -> None:
    begun = time.monotonic()
    while not ready():
        for daemon in daemons:
            if daemon.poll() is not None:
                raise ServerError(f"{daemon.args!r} ended with {daemon.returncode} while starting")
        if time.monotonic() - begun > deadline_s:
            raise ServerError(f"the S3 gateway did not answer within {deadline_s:.0f} s")
        time.sleep(0.1)


def _logs(folder: Path) -> str:
    """The last lines of every log of the server."""
    tails = []
    for log in sorted((*folder.glob("*.out"), *folder.glob("*.log"))):
        lines = log.read_text(errors="replace").splitlines()[-8:]
        tails.append("\n".join((f"--- {log.name}", *lines)))
    return "\n".join(tails)


def _stop(daemons: list[subprocess.Popen[bytes]]) -> None:
    """End what was started, the gateway first."""
    for daemon in reversed(daemons):
        daemon.terminate()
        try:
            daemon.wait(10)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()


@contextmanager
def gateway(folder: Path, access_key: str, secret_key: str, deadline_s: float = 120.0) -> Iterator[str]:
    """Yield the endpoint of a new S3 server whose files are in `folder`; stop it at the end, also on failure."""
    port, mon_port = free_ports(2)
    for name in ("mon", "osd", "rgw"):
        (folder / name).mkdir(parents=True)
    fsid, osd = str(uuid.uuid4()), str(uuid.uuid4())
    (folder / "ceph.conf").write_text(CONFIG.format(fsid=fsid, folder=folder, port=port, mon_port=mon_port))
    daemons: list[subprocess.Popen[bytes]] = []
    monmap = str(folder / "monmap")
    try:
        try:
            _once(folder, "monmaptool", "--create", "--fsid", fsid, "--addv", "m", f"v2:127.0.0.1:{mon_port}", monmap)
            _once(folder, "ceph-mon", "-i", "m", "--mkfs", "--monmap", monmap)
            daemons.append(_daemon(folder, "ceph-mon", "-i", "m"))
            _once(folder, "ceph", "osd", "new", osd)
            _once(folder, "ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
            daemons.append(_daemon(folder, "ceph-osd", "-i", "0"))
            daemons.append(_daemon(folder, "radosgw", "-n", "client.rgw"))
            _wait(lambda: _answers(port), daemons, deadline_s)
            made = ("--access-key", access_key, "--secret-key", secret_key, "--caps", "users=*")
            _once(folder, "radosgw-admin", "user", "create", "--uid", "test", "--display-name", "test", *made)
        except (ServerError, subprocess.TimeoutExpired) as error:
            raise ServerError(f"{error}\n{_logs(folder)}") from error
        yield f"http://127.0.0.1:{port}"
    finally:
        _stop(daemons)
        with suppress(OSError):
            shutil.rmtree(folder)
