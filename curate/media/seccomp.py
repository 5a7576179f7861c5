"""A system call filter: no sockets but UNIX ones, no other program or process, no hands in those that there are.

Classic BPF over `struct seccomp_data` (nr at 0, arch at 4, args at 16); see seccomp(2).
"""

import ctypes
import errno
import os
import struct

from curate.media.calls import MACHINES, Machine

_SET_MODE_FILTER = 1
_SPEC_ALLOW = 1 << 2  # without it, older kernels slow the whole process down
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_NR, _ARCH, _FIRST_ARGUMENT = 0, 4, 16
_AF_UNIX = 1
_CLONE_THREAD = 0x10000
_X32 = 0x40000000  # system calls of the x32 ABI have numbers of their own

_Step = tuple[int, int | str, int | str, int]  # code, where to go if true and if false (a name, or steps on), value


def refuse(libc: ctypes.CDLL, network: bool) -> bool:
    """Filter the calls of this process for good; needs no_new_privs. False where the machine or its kernel cannot.

    With `network`, sockets of all kinds are left to it.
    """
    machine = MACHINES.get(os.uname().machine)
    if machine is None:
        return False
    program = _assembled(_steps(machine, os.getpid(), network))
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    return bool(libc.syscall(machine.seccomp, _SET_MODE_FILTER, _SPEC_ALLOW, header) == 0)


def _steps(machine: Machine, pid: int, network: bool) -> list[_Step]:
    sockets = () if network else _only_if(machine.socket, _EQUAL, _AF_UNIX)
    return [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 0, "refuse", machine.arch),
        (_LOAD, 0, 0, _NR),
        (_AT_LEAST, "refuse", 0, _X32),
        *((_EQUAL, "refuse", 0, number) for number in machine.refused),
        (_EQUAL, "unknown", 0, machine.clone3),  # its flags are out of a filter's sight; the C library then takes clone
        *_only_if(machine.clone, _ANY_BIT, _CLONE_THREAD),
        *_only_if(machine.kill, _EQUAL, pid),
        *_only_if(machine.tgkill, _EQUAL, pid),
        *sockets,
    ]


def _only_if(number: int, test: int, value: int) -> tuple[_Step, ...]:
    """Allow a call only if its first argument passes a test."""
    return (_EQUAL, 0, 2, number), (_LOAD, 0, 0, _FIRST_ARGUMENT), (test, "allow", "refuse", value)


def _assembled(steps: list[_Step]) -> bytes:
    ends = {"allow": _ALLOW, "refuse": _FAIL | errno.EACCES, "unknown": _FAIL | errno.ENOSYS}
    at = {name: len(steps) + number for number, name in enumerate(ends)}
    returns: list[_Step] = [(_RETURN, 0, 0, value) for value in ends.values()]
    return b"".join(
        struct.pack("=HBBI", code, *(at[to] - number - 1 if isinstance(to, str) else to for to in (true, false)), value)
        for number, (code, true, false, value) in enumerate(steps + returns)
    )
