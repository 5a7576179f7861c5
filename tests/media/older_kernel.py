"""Run a program as on an older kernel: `python -m tests.media.older_kernel CALL[,CALL] PROGRAM...`.

The system calls of these numbers answer ENOSYS, by a filter that the program inherits and cannot take off.
"""

import ctypes
import os
import struct
import sys

LANDLOCK, SECCOMP, UNSHARE = 444, {"x86_64": 317, "aarch64": 277}, {"x86_64": 272, "aarch64": 97}
_SET_NO_NEW_PRIVS, _SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _EQUAL, _RETURN, _ALLOW, _ENOSYS = 0x20, 0x15, 0x06, 0x7FFF0000, 0x00050000 | 38


def call(name: str) -> int:
    """The number of a call on this machine."""
    machine = os.uname().machine
    return {"landlock": LANDLOCK, "seccomp": SECCOMP[machine], "unshare": UNSHARE[machine]}[name]


def forget(numbers: list[int]) -> None:
    """Have this process, and all that it starts, be told that there are no such calls."""
    tests = [(_EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)]
    steps = [(_LOAD, 0, 0, 0), *tests, (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ENOSYS)]
    program = b"".join(struct.pack("=HBBI", *step) for step in steps)
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(_SET_SECCOMP, _FILTER, header, 0, 0):
        raise OSError(ctypes.get_errno(), "the filter cannot be set")


if __name__ == "__main__":
    forget([call(name) for name in sys.argv[1].split(",")])
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606
