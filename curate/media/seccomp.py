"""System call filters: no sockets but UNIX ones, or sockets but no other program; no hands in other processes.

The first stands in for namespaces where a machine refuses them.

Classic BPF over `struct seccomp_data` (nr at 0, arch at 4, args at 16); see seccomp(2).
"""

import ctypes
import errno
import os
import struct

_SET_MODE_FILTER = 1
_SPEC_ALLOW = 1 << 2  # without it, older kernels slow the whole process down
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES
_NR, _ARCH, _FIRST_ARGUMENT = 0, 4, 16
_AF_UNIX = 1
_X32 = 0x40000000  # system calls of the x32 ABI have numbers of their own

# machine: (audit arch, seccomp, socket, (io_uring_setup, ptrace, process_vm_readv, process_vm_writev, pidfd_getfd),
#           (execve, execveat))
_NUMBERS = {
    "x86_64": (0xC000003E, 317, 41, (425, 101, 310, 311, 438), (59, 322)),
    "aarch64": (0xC00000B7, 277, 198, (425, 117, 270, 271, 438), (221, 281)),
}


def _program(arch: int, refused: tuple[int, ...], socket: int | None) -> bytes:
    """The filter; with `socket`, the number of that call, sockets are refused unless they are UNIX ones."""
    length = 6 + len(refused) + (3 if socket is not None else 0)
    allow, refuse = length - 2, length - 1
    steps: list[tuple[int, int | None, int | None, int]] = [  # code, where to go if true and if false (None: on), value
        (_LOAD, None, None, _ARCH),
        (_EQUAL, None, refuse, arch),
        (_LOAD, None, None, _NR),
        (_AT_LEAST, refuse, None, _X32),
        *((_EQUAL, refuse, None, number) for number in refused),
    ]
    if socket is not None:
        steps += [
            (_EQUAL, None, allow, socket),
            (_LOAD, None, None, _FIRST_ARGUMENT),
            (_EQUAL, allow, refuse, _AF_UNIX),
        ]
    steps += [(_RETURN, None, None, _ALLOW), (_RETURN, None, None, _REFUSE)]
    return b"".join(
        struct.pack("=HBBI", code, *(0 if to is None else to - at - 1 for to in (true, false)), value)
        for at, (code, true, false, value) in enumerate(steps)
    )


def refuse_sockets(libc: ctypes.CDLL) -> bool:
    """Refuse sockets to this process and its children; needs no_new_privs. False where it cannot be."""
    return _install(libc, sockets=False)


def refuse_programs(libc: ctypes.CDLL) -> bool:
    """Let this process and its children have sockets, but start no program; needs no_new_privs. False if it cannot."""
    return _install(libc, sockets=True)


def _install(libc: ctypes.CDLL, sockets: bool) -> bool:
    numbers = _NUMBERS.get(os.uname().machine)
    if numbers is None:
        return False
    arch, seccomp, socket, hands, programs = numbers
    program = _program(arch, hands + programs, None) if sockets else _program(arch, hands, socket)
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    return bool(libc.syscall(seccomp, _SET_MODE_FILTER, _SPEC_ALLOW, header) == 0)
