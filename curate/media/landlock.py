"""Which files a process may open, by Landlock, which needs no rights; see landlock(7)."""

import ctypes
import os
import struct
from collections.abc import Iterable

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every machine
_VERSION = 1
_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = (1 << bit for bit in range(4))
_REFER, _TRUNCATE, _IOCTL_DEV = (1 << bit for bit in range(13, 16))
_FIRST = (1 << 13) - 1  # what the first version knows: all of the above and the making and removing of entries
_NO_TCP = 0b11  # neither binding nor connecting
_SCOPES = 0b11  # no abstract UNIX sockets, no signals to processes outside
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV


def enclose(libc: ctypes.CDLL, readable: Iterable[str], writable: Iterable[str], network: bool) -> bool:
    """Let this thread, and those it starts, open nothing but what lies below these paths; needs no_new_privs.

    False where the kernel has no Landlock. What is not there is passed over.
    """
    version = libc.syscall(_CREATE, None, 0, _VERSION)
    if version < 1:
        return False
    handled = _FIRST | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    handled |= _IOCTL_DEV if version >= 5 else 0
    rules = struct.pack("=QQQ", handled, 0 if network else _NO_TCP, _SCOPES)
    rules = rules[: 24 if version >= 6 else 16 if version >= 4 else 8]
    ruleset = libc.syscall(_CREATE, rules, len(rules), 0)
    if ruleset < 0:
        return False
    for path in readable:
        _allow(libc, ruleset, path, _READ_FILE | _READ_DIR | _EXECUTE)  # libraries are mapped to be executed
    for path in writable:
        _allow(libc, ruleset, path, handled)
    enclosed = libc.syscall(_RESTRICT, ruleset, 0) == 0
    os.close(ruleset)
    return bool(enclosed)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rights &= -1 if os.path.isdir(path) else _ON_FILES  # noqa: PTH112
    libc.syscall(_ADD, ruleset, _BENEATH, struct.pack("=Qi", rights, place), 0)
    os.close(place)
