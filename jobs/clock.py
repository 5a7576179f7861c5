"""What a worker spends: CPU seconds, and seconds in which it had something to do."""

import threading
import time
from pathlib import Path


class CpuClock:
    """CPU seconds of this process and its children while units are worked on; none is counted twice."""

    def __init__(self) -> None:
        self._lock, self._units, self._counted_s = threading.Lock(), 0, 0.0

    def begin(self) -> None:
        with self._lock:
            if not self._units:
                self._counted_s = tree_cpu_s()
            self._units += 1

    def end(self) -> float:
        """What was spent since the last unit ended, or since this one began where it is alone."""
        with self._lock:
            self._units -= 1
            before, self._counted_s = self._counted_s, tree_cpu_s()
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


def tree_cpu_s() -> float:
    """User and system seconds of this process, its living children, and those it has waited for."""
    ticks, waiting = 0, [Path("/proc/self")]
    while waiting:
        process = waiting.pop()
        try:
            fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
            ticks += sum(int(fields[i]) for i in (11, 12, 13, 14))
            for task in (process / "task").iterdir():
                waiting += [Path("/proc") / pid for pid in (task / "children").read_text().split()]
        except OSError:
            continue  # it ended while we looked
    return ticks / 100
