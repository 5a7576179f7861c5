"""The filter refuses what it names and nothing else, where there are no namespaces and no Landlock to help."""

import subprocess
import sys

import pytest

_PROGRAM = """
import ctypes, os, socket, subprocess, sys, threading
from curate.media.seccomp import refuse
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(38, 1, 0, 0, 0)
assert refuse(libc, network=sys.argv[1] == "network")
def reached(number):
    ctypes.set_errno(0)
    libc.syscall(number, -1, -1, -1, -1, -1, -1)
    return ctypes.get_errno() != 13
def done(what, *arguments):
    try:
        what(*arguments)
    except PermissionError:
        return False
    return True
def socket_of(family, kind):
    socket.socket(family, kind).close()
def thread():
    other = threading.Thread(target=int)
    other.start()
    other.join()
for question in sys.argv[2:]:
    print(eval(question))
"""

ANSWERS = {
    "done(socket_of, socket.AF_INET, socket.SOCK_STREAM)": False,
    "done(socket_of, socket.AF_INET6, socket.SOCK_DGRAM)": False,
    "done(socket_of, socket.AF_NETLINK, socket.SOCK_RAW)": False,
    "done(socket_of, socket.AF_UNIX, socket.SOCK_STREAM)": True,
    "reached(425)": False,  # io_uring_setup
    "reached(438)": False,  # pidfd_getfd
    "reached(437)": True,  # openat2
    "done(os.fork)": False,
    "done(subprocess.run, ['true'])": False,
    "done(os.kill, os.getppid(), 0)": False,
    "done(os.kill, 0, 0)": False,
    "done(os.kill, os.getpid(), 0)": True,
    "done(thread)": True,
    "len(open('/proc/self/stat').read()) > 0": True,
}


@pytest.mark.parametrize("network", ["cut", "network"])
def test_only_what_reaches_out_is_refused(network: str) -> None:
    expected = ANSWERS | ({} if network == "cut" else dict.fromkeys(list(ANSWERS)[:3], True))
    asked = [sys.executable, "-c", _PROGRAM, network, *expected]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    assert dict(zip(expected, told, strict=True)) == {question: str(answer) for question, answer in expected.items()}
