"""The filter refuses what it names and nothing else, where there are no namespaces to help."""

import subprocess
import sys

import pytest

_PROGRAM = """
import ctypes, os, socket, sys
from curate.media.seccomp import refuse_sockets
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(38, 1, 0, 0, 0)
assert refuse_sockets(libc)
def reached(number):
    ctypes.set_errno(0)
    libc.syscall(number, -1, -1, -1, -1, -1, -1)
    return ctypes.get_errno() != 13
def opens(family, kind):
    try:
        socket.socket(family, kind).close()
    except PermissionError:
        return False
    return True
print(eval(sys.argv[1]))
os.waitpid(os.fork() or os._exit(0), 0)
"""


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("opens(socket.AF_INET, socket.SOCK_STREAM)", "False"),
        ("opens(socket.AF_INET6, socket.SOCK_DGRAM)", "False"),
        ("opens(socket.AF_NETLINK, socket.SOCK_RAW)", "False"),
        ("opens(socket.AF_UNIX, socket.SOCK_STREAM)", "True"),
        ("reached(425)", "False"),  # io_uring_setup
        ("reached(438)", "False"),  # pidfd_getfd
        ("reached(437)", "True"),  # openat2
        ("len(open('/proc/self/stat').read()) > 0", "True"),
    ],
)
def test_only_what_reaches_out_is_refused(question: str, answer: str) -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM, question], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == answer
