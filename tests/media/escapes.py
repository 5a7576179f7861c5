"""A stage that does what hostile code would do once it runs in a child, by the words of its row."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from curate.media.limits import Limits
from curate.stage import Run, each, operational

_PTRACE_ATTACH, _CLONE_NEWUSER = 16, 0x10000000
_CLONE3, _IO_URING_SETUP = 435, 425  # the same on every machine


@dataclass(frozen=True, slots=True)
class Attempt:
    """What to try, and on what. `folder` is what the row may write to."""

    id: str
    what: str
    on: str = ""
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it."""

    text: str


def _connect(address: str) -> str:
    host, port = address.rsplit(":", 1)
    socket.create_connection((host, int(port)), timeout=2).close()
    return "connected"


def _datagram(address: str) -> str:
    host, port = address.rsplit(":", 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.sendto(b"secret", (host, int(port)))
    return "sent"


def _rename(path: str) -> str:
    Path(path).rename(path + ".moved")
    return "renamed"


def _link(path: str) -> str:
    Path(path + ".link").symlink_to("/etc/passwd")
    return "linked"


def _remove(path: str) -> str:
    Path(path).unlink()
    return "removed"


def _kill(pid: str) -> str:
    os.kill(int(pid), signal.SIGKILL)
    return "killed"


def _call(name: str, *arguments: int) -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return "done"


def _threads(count: str) -> str:
    done: list[int] = []
    threads = [threading.Thread(target=done.append, args=(number,)) for number in range(int(count))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return f"{len(done)} threads"


ATTEMPTS: dict[str, Callable[[str], str]] = {
    "connect": _connect,
    "datagram": _datagram,
    "read": lambda path: Path(path).read_text(errors="replace"),
    "list": lambda path: " ".join(sorted(one.name for one in Path(path).iterdir())),
    "write": lambda path: f"wrote {Path(path).write_text('changed')}",
    "rename": _rename,
    "link": _link,
    "remove": _remove,
    "truncate": lambda path: str(os.truncate(path, 0)),
    "shell": lambda command: subprocess.run(["sh", "-c", command], capture_output=True, check=True).stdout.decode(),
    "replace": lambda command: os.execv("/bin/sh", ["sh", "-c", command]),  # noqa: S606
    "fork": lambda _: str(os.fork() or os._exit(0)),
    "clone3": lambda _: _call("syscall", _CLONE3, 0, 0),
    "threads": _threads,
    "kill": _kill,
    "kill all": lambda _: _kill("-1"),
    "abort": lambda _: os.abort(),
    "trace": lambda pid: _call("ptrace", _PTRACE_ATTACH, int(pid), 0, 0),
    "mount": lambda _: _call("mount", 0, 0, 0, 0, 0),
    "new namespace": lambda _: _call("unshare", _CLONE_NEWUSER),
    "io_uring": lambda _: _call("syscall", _IO_URING_SETUP, 1, 0),
    "environment": lambda _: " ".join(f"{name}={value}" for name, value in os.environ.items()),
    "arguments": lambda _: " ".join(sys.argv),
}


@dataclass(frozen=True)
class Escape:
    """Tries to get out."""

    name: ClassVar[str] = "escape"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Attempt
    gives: ClassVar[type] = Told
    limits: Limits = operational(Limits())

    def open(self) -> Run[Attempt, Told]:
        return each(_tried)


def _tried(attempt: Attempt) -> Iterator[Told]:
    try:
        yield Told(ATTEMPTS[attempt.what](attempt.on))
    except OSError as error:
        yield Told(f"refused: {error.strerror}")
