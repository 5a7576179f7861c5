"""A stage that does what hostile media make decoders do, by the words of its row."""

import os
import signal
import socket
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from curate.errors import NotMedia, RecipeError
from curate.media.limits import Limits
from curate.stage import Run, each, operational


@dataclass(frozen=True, slots=True)
class Order:
    """What to do, and a path or a number to do it with; `folder` may be written to."""

    id: str
    what: str
    argument: str = ""
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What was seen on the way."""

    pid: int
    opened_times: int
    text: str = ""
    body: bytes = b""
    array: NDArray[np.float32] | None = field(default=None, compare=False)


def _obey(order: Order) -> Iterable[str | bytes]:  # noqa: C901, PLR0912, PLR0915  one branch a misdeed
    match order.what:
        case "segfault":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "abort":
            os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
            os.abort()
        case "mute, abort":
            os.closerange(1, 3)
            time.sleep(0.2)  # until that is noticed
            os.abort()
        case "segfault once":
            if not Path(order.argument).exists():
                Path(order.argument).touch()
                os.kill(os.getpid(), signal.SIGSEGV)
        case "exit":
            sys.exit(int(order.argument))
        case "hang":
            while True:
                time.sleep(0.01)
        case "say and hang":
            Path(order.argument).write_text(f"{os.getpid()}\n")
            time.sleep(3600)
        case "eat":
            eaten = []
            while True:
                eaten.append(bytearray(os.urandom(1 << 16)) * 64)
        case "eat at once":
            yield bytes(int(order.argument))
        case "swell":
            yield bytes(int(order.argument))
        case "shout":
            os.write(1, b"x" * 300_000)
            sys.stdout.write("print corrupts nothing\n" * 10_000)
            sys.stdout.flush()
        case "read stdin":
            yield sys.stdin.read()
        case "connect":
            try:
                socket.create_connection(("127.0.0.1", int(order.argument)), timeout=1).close()
            except OSError as error:
                yield f"refused: {error}"
        case "unix socket":
            left, right = socket.socketpair()
            socket.socket(socket.AF_UNIX).close()
            left.sendall(b"ok")
            yield right.recv(2).decode()
        case "interfaces":
            yield " ".join(
                line.split(":")[0].strip() for line in Path("/proc/self/net/dev").read_text().splitlines()[2:]
            )
        case "environment":
            yield " ".join(sorted(os.environ))
        case "bad row":
            raise NotMedia(f"{order.argument} is no film")
        case "bug":
            raise ZeroDivisionError(order.argument)
    yield "ok"


@dataclass(frozen=True)
class Misbehave:
    """Does what each row says."""

    name: ClassVar[str] = "misbehave"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Order
    gives: ClassVar[type] = Done
    refuse: bool = False
    limits: Limits = operational(Limits())

    def open(self) -> Run[Order, Done]:
        if self.refuse:
            raise RecipeError("key models.voice names no file")
        opened = [0]

        def one(order: Order) -> Iterator[Done]:
            opened[0] += 1
            said = next(iter(_obey(order)))
            if isinstance(said, bytes):
                yield Done(os.getpid(), opened[0], body=said)
            else:
                yield Done(os.getpid(), opened[0], said, array=np.arange(3, dtype=np.float32))

        return each(one)


@dataclass(frozen=True)
class Smuggle:
    """Gives something that is no row."""

    name: ClassVar[str] = "smuggle"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Order
    gives: ClassVar[type] = Done

    def open(self) -> Run[Order, object]:
        return each(lambda order: (Path("/etc/passwd"),))


@dataclass(frozen=True)
class Stillborn:
    """Its process is killed while it opens, as often as there are marks left in a folder."""

    folder: str
    name: ClassVar[str] = "stillborn"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Order
    gives: ClassVar[type] = Done

    def open(self) -> Run[Order, Done]:
        for mark in Path(self.folder).iterdir():
            mark.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return each(lambda order: (Done(os.getpid(), 1, order.argument),))
