"""One disposable child process: start it, ask it, watch it, end it."""

import contextlib
import io
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curate.media.limits import Limits
from curate.media.reach import Reach, code_cache
from curate.media.wire import HEADER_BYTES, decode, frame

LOOK_S = 0.05
_ADDRESS_SLACK_BYTES = 4 << 30
MOST_THREADS = 1024
"""Of a child: libraries start as many as there are cores, and one that starts more keeps others from theirs."""
_TAIL_BYTES = 4096
_READ_BYTES = 1 << 16
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS")


class Lost(Exception):
    """The child has been ended and its answer with it."""


class Died(Lost):
    """The child ended by itself; the message says how."""


class Late(Lost):
    """No answer in time."""


class Swollen(Lost):
    """Over the memory cap."""


class Crowded(Lost):
    """Over the bound of threads."""


class Verbose(Lost):
    """The answer is longer than allowed."""


class Garbled(Lost):
    """The answer is none; the message says what was wrong with it."""


class Abandoned(Lost):
    """Nobody waits for the answer any more."""


def environment() -> dict[str, str]:
    """What a child may know: how to find programs and modules, nothing else."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    path = os.pathsep.join(str(Path(entry or ".").absolute()) for entry in sys.path)
    ours = {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "NUMBA_CACHE_DIR": code_cache()}
    silent = {"ORT_DISABLE_TELEMETRY": "1"}  # onnxruntime's wheels tell their makers of each session
    return kept | dict.fromkeys(_ONE_THREAD, "1") | ours | silent


@dataclass(frozen=True, slots=True)
class Size:
    """What a process and its descendants take."""

    rss_bytes: int = 0
    threads: int = 0


def tree_size(pid: int) -> Size:
    """The size of a process and its descendants; nothing once it is gone."""
    try:
        resident, threads = int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * _PAGE_BYTES, 0
        for task in Path(f"/proc/{pid}/task").iterdir():
            threads += 1
            for child in (task / "children").read_bytes().split():
                below = tree_size(int(child))
                resident, threads = resident + below.rss_bytes, threads + below.threads
    except (FileNotFoundError, ProcessLookupError):
        return Size()
    return Size(resident, threads)


def _end(process: "subprocess.Popen[bytes]", leash: int) -> None:
    """Kill the whole group and reap its leader; the group exists until then."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
    with contextlib.suppress(OSError):
        os.close(leash)


def _how(status: int, said: bytes) -> str:
    """An exit status in words, with the last line that the process wrote."""
    how = f"was killed by {_signal_name(-status)}" if status < 0 else f"ended with exit code {status}"
    lines = [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]
    return f"{how} ({lines[-1][:200]})" if lines else how


def _signal_name(number: int) -> str:
    if number == signal.SIGKILL:
        return "SIGKILL, as the system does when memory runs out"
    names = {known.value: known.name for known in signal.Signals}
    return names.get(number, f"signal {number}")


class Child:
    """A running `curate.media.child`. It ends with `end()`, with this object, or with this process.

    Another thread may set `given_up`: what is being asked then ends as `Abandoned`.
    """

    def __init__(self, limits: Limits, reach: Reach, network: bool, given_up: threading.Event) -> None:
        self._limits, self._given_up = limits, given_up
        held, leash = os.pipe()
        files = json.dumps([sorted(reach.read), sorted(reach.write)])
        bounds = [str(held), str(limits.memory_bytes + _ADDRESS_SLACK_BYTES), "network" if network else "cut", files]
        self._process = subprocess.Popen(  # noqa: S603  our own interpreter and program
            [sys.executable, "-P", "-m", "curate.media.child", *bounds],
            env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            bufsize=0, pass_fds=(held,), start_new_session=True,
        )  # fmt: skip
        os.close(held)
        self.end = weakref.finalize(self, _end, self._process, leash)
        self._requests, self._answers, self._errors = (
            pipe.fileno() for pipe in (self._process.stdin, self._process.stdout, self._process.stderr) if pipe
        )
        self._poll = select.poll()
        for fd in (self._answers, self._errors):
            self._poll.register(fd, select.POLLIN)
        for fd in (self._requests, self._answers, self._errors):
            os.set_blocking(fd, False)
        self._said = b""
        self._next_look = 0.0
        self.looked = False  # was the memory looked at during the last question?

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, message: object, deadline_s: float, hint: Any) -> Any:
        """Send one message and return the answer, which is of this type.

        A Lost says why there is none, and then the child is gone.
        """
        until, self.looked = time.monotonic() + deadline_s, False
        try:
            self._send(frame(message), until)
            return self._decoded(_Body(self, self._size(until), until), hint)
        except BaseException:
            self.end()
            raise

    def rss_bytes(self) -> int:
        """Resident bytes now."""
        return tree_size(self.pid).rss_bytes

    def _decoded(self, body: "_Body", hint: Any) -> Any:
        try:
            return decode(body, hint)
        except Lost:
            raise
        except Exception as error:  # whatever its bytes make of the types is its own doing
            raise Garbled(f"{type(error).__name__}: {str(error)[:200]}") from error

    def _send(self, pieces: list[memoryview], until: float) -> None:
        for piece in pieces:
            sent = 0
            while sent < len(piece):
                try:
                    sent += os.write(self._requests, piece[sent:])
                except BlockingIOError:
                    self._look(until)
                    select.select([], [self._requests], [], LOOK_S)
                except BrokenPipeError:
                    self._bury()

    def _size(self, until: float) -> int:
        header = bytearray(HEADER_BYTES)
        rest = memoryview(header)
        while rest:
            rest = rest[self.receive(rest, until) :]
        size = int.from_bytes(header, "big")
        if size > self._limits.output_bytes:
            raise Verbose
        return size

    def receive(self, into: memoryview, until: float) -> int:
        """Wait for a part of the answer; how many bytes it has."""
        while True:
            self._look(until)
            ready = self._poll.poll(max(0.0, min(LOOK_S, until - time.monotonic())) * 1000)
            if not ready and self._process.poll() is not None:
                self._bury()
            for fd, _ in ready:
                if fd == self._errors:
                    if not self._hears():
                        self._poll.unregister(fd)
                elif read := os.readv(fd, [into]):
                    return read
                else:
                    self._bury()

    def _look(self, until: float) -> None:
        now = time.monotonic()
        if self._given_up.is_set():
            raise Abandoned
        if now >= until:
            raise Late
        if now >= self._next_look:
            self._next_look, self.looked = now + LOOK_S, True
            size = tree_size(self.pid)
            if size.rss_bytes > self._limits.memory_bytes:
                raise Swollen
            if size.threads > MOST_THREADS:
                raise Crowded

    def _hears(self) -> bool:
        """Keep the end of what the child writes to stderr; False where it has closed it."""
        try:
            part = os.read(self._errors, 1 << 16)
        except BlockingIOError:
            return True
        self._said = (self._said + part)[-_TAIL_BYTES:]
        return bool(part)

    def _bury(self) -> None:
        """Say how the child ended; one that has only closed its pipe is ended."""
        try:
            status = self._process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            raise Died("closed its pipe") from None
        self._hears()
        raise Died(_how(status, self._said))


class _Answer(io.RawIOBase):
    """The body of an answer, as it comes: what is rebuilt from it is never in memory twice."""

    def __init__(self, child: Child, size: int, until: float) -> None:
        self._child, self._left, self._until = child, size, until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer)[: self._left]
        read = self._child.receive(view, self._until) if view else 0
        self._left -= read
        return read


class _Body:
    """An answer that is read to its end and not beyond; EOFError for more than there is."""

    def __init__(self, child: Child, size: int, until: float) -> None:
        self.left = size
        self._stream = io.BufferedReader(_Answer(child, size, until), _READ_BYTES)

    def read(self, size: int) -> bytes:
        self._take(size)
        return self._stream.read(size)

    def fill(self, into: memoryview) -> None:
        self._take(len(into))
        self._stream.readinto(into)

    def _take(self, size: int) -> None:
        if size > self.left:
            raise EOFError(f"{size} bytes of {self.left}")
        self.left -= size
