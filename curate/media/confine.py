"""What a child process gives up before it touches a hostile byte. Standard library only: it runs first."""

import contextlib
import ctypes
import fcntl
import os
import resource
import select
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from curate.media.landlock import enclose
from curate.media.seccomp import refuse

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_NO_NEW_PRIVS = 38
_F_SETSIG = 10
_OPEN_FILES = 512


@dataclass(frozen=True, slots=True)
class Confinement:
    """What a machine has given to hold a child: each is True where it holds."""

    network: bool  # no address can be reached
    calls: bool  # no program or process is started, none is reached into
    files: bool  # nothing is opened but what it was given

    @property
    def whole(self) -> bool:
        return self.network and self.calls and self.files


def confine(
    leash: int, address_bytes: int, network: bool, readable: Iterable[str], writable: Iterable[str]
) -> Confinement:
    """Bind this process to its parent, bound it, cut it off all that it was not given, as far as the machine can."""
    tie(leash)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (address_bytes, address_bytes))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = _OPEN_FILES if most == resource.RLIM_INFINITY else min(_OPEN_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    _tell("oom_score_adj", "900")
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    apart = _go_apart(libc, network)
    _self()
    enclosed = enclose(libc, [*readable, "/proc/self"], writable, network)
    filtered = refuse(libc, network)
    return Confinement(not network and (apart or filtered), filtered, enclosed)


def tie(leash: int) -> None:
    """Have the kernel kill this process group when the last writer of the pipe `leash` is gone.

    PR_SET_PDEATHSIG would kill the child when the thread that started it ends; a pipe ends with the process. The signal
    of a closed pipe goes to the whole group, so grandchildren die as well.
    """
    fcntl.fcntl(leash, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(leash, _F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(leash, fcntl.F_SETFL, fcntl.fcntl(leash, fcntl.F_GETFL) | os.O_ASYNC)
    gone = select.poll()
    gone.register(leash, 0)
    if gone.poll(0):
        os.kill(0, signal.SIGKILL)


def _self() -> None:
    """Keep what is told of this process open: a rule about a part of /proc holds while the part is in memory."""
    os.open("/proc/self", os.O_PATH)


def _go_apart(libc: ctypes.CDLL, network: bool) -> bool:
    """Move to namespaces of our own, of users and the network; the first hides the parent's environment and memory."""
    uid, gid = os.getuid(), os.getgid()
    spaces = 0 if network else _CLONE_NEWNET
    if libc.unshare(_CLONE_NEWUSER | spaces) == 0:
        _tell("setgroups", "deny")
        _tell("gid_map", f"{gid} {gid} 1")
        _tell("uid_map", f"{uid} {uid} 1")
        return True
    return bool(libc.unshare(spaces) == 0)


def _tell(name: str, text: str) -> None:
    """Set a property of this process where the system lets it; without it, nothing is less bounded."""
    with contextlib.suppress(OSError):
        Path(f"/proc/self/{name}").write_text(text)
