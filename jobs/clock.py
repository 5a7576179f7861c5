"""What a worker spends: CPU seconds, and seconds in which it had something to do."""

import threading
import time
from collections.abc import Container
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_SELF = _PROC / "self"


class CpuClock:
    """CPU seconds of this process and its children while units are worked on; none is counted twice.

    Children that were there before are somebody else's, as those by which a driver keeps a cluster.
    """

    def __init__(self) -> None:
        self._lock, self._units, self._counted_s = threading.Lock(), 0, 0.0
        self._others = frozenset(_children(_SELF))

    def begin(self) -> None:
        with self._lock:
            if not self._units:
                self._counted_s = tree_cpu_s(self._others)
            self._units += 1

    def end(self) -> float:
        """What was spent since the last unit ended, or since this one began where it is alone."""
        with self._lock:
            self._units -= 1
            # a child that is waited for while we look is in no sum: the next has it
            before, self._counted_s = self._counted_s, max(self._counted_s, tree_cpu_s(self._others))
            return self._counted_s - before


class BusyClock:
    """Seconds in which at least one thing was under way, whichever thread began it."""

    def __init__(self) -> None:
        self._lock, self._under_way, self._since_s, self._busy_s = threading.Lock(), 0, 0.0, 0.0

    def begin(self) -> None:
        with self._lock:
            self._pass()
            self._under_way += 1

    def end(self, things: int = 1) -> None:
        with self._lock:
            self._pass()
            self._under_way -= things

    def taken(self) -> float:
        """The seconds since this was last asked."""
        with self._lock:
            self._pass()
            taken, self._busy_s = self._busy_s, 0.0
            return taken

    def _pass(self) -> None:
        now_s = time.monotonic()
        if self._under_way:
            self._busy_s += now_s - self._since_s
        self._since_s = now_s


def tree_cpu_s(without: Container[str] = ()) -> float:
    """User and system seconds of this process, its living children, and those it has waited for.

    without: ids of processes that are left out, with their children.
    """
    ticks, waiting = 0, [_SELF]
    while waiting:
        process = waiting.pop()
        with suppress(OSError):  # it ended while we looked
            fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
            ticks += sum(int(fields[i]) for i in (11, 12, 13, 14))
            waiting += [_PROC / child for child in _children(process) if child not in without]
    return ticks / 100


def _children(process: Path) -> list[str]:
    """The ids of the children of all threads of a process, as far as these have not ended."""
    found: list[str] = []
    for task in (process / "task").iterdir():
        with suppress(OSError):
            found += (task / "children").read_text().split()
    return found
