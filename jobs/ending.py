"""How a run is ended from outside: by Ctrl-C or by SIGTERM, and what is done is committed.

Python only prints an exception that is raised where nothing can take it, as in a callback of a reference that is gone:
an interrupt that comes there would be lost. So it is kept too, and asked for wherever something new is begun.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_asked: list[int] = []  # the signals that came since the run began


def _end(number: int, _: FrameType | None) -> None:
    _asked.append(number)
    raise KeyboardInterrupt


def raise_if_ended() -> None:
    """KeyboardInterrupt where an end was asked for, though it was raised before."""
    if _asked:
        raise KeyboardInterrupt


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM and SIGINT raise KeyboardInterrupt. Only the main thread gets signals: elsewhere nothing is changed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        _asked.clear()
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)


@contextmanager
def signals_kept() -> Iterator[None]:
    """What is called inside may install a handler of SIGTERM, as Ray does: afterwards ours is there again."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before or signal.SIG_DFL)
