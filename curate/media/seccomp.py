"""A system call filter for machines that refuse namespaces: no sockets but UNIX ones, no hands in other processes.

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

# machine: (audit arch, seccomp, socket, (io_uring_setup, ptrace, process_vm_readv, process_vm_writev, pidfd_getfd))
_NUMBERS = {
    "x86_64": (0xC000003E, 317, 41, (425, 101, 310, 311, 438)),
    "aarch64": (0xC00000B7, 277, 198, (425, 117, 270, 271, 438)),
}


def _program(arch: int, socket: int, refused: tuple[int, ...]) -> bytes:
    """The filter; a jump's target is counted from the next instruction to `refuse` or `allow`, the last two."""
    length = 9 + len(refused)
    refuse, allow = length - 2, length - 1
    steps = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 0, refuse - 2, arch),
        (_LOAD, 0, 0, _NR),
        (_AT_LEAST, refuse - 4, 0, _X32),
        *((_EQUAL, refuse - 5 - i, 0, number) for i, number in enumerate(refused)),
        (_EQUAL, 0, allow - 5 - len(refused), socket),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_EQUAL, allow - 7 - len(refused), 0, _AF_UNIX),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def refuse_sockets(libc: ctypes.CDLL) -> bool:
    """Install the filter for this process and its children; needs no_new_privs. False where it cannot be."""
    numbers = _NUMBERS.get(os.uname().machine)
    if numbers is None:
        return False
    arch, seccomp, socket, refused = numbers
    program = _program(arch, socket, refused)
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    return bool(libc.syscall(seccomp, _SET_MODE_FILTER, _SPEC_ALLOW, header) == 0)
