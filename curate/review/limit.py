"""How often somebody may ask: a bucket for each key that holds what is allowed in a minute, and fills evenly.

Buckets are kept by one server process; several allow as many times more.
"""

from collections import OrderedDict
from threading import Lock

from curate.review.desk import Clock

_MOST_KEYS = 10_000


class Limit:
    """So many in a minute, of each key."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._lock = Lock()
        self._spent: OrderedDict[str, tuple[float, int]] = OrderedDict()  # what is out of the bucket, and when

    def takes(self, key: str) -> float | None:
        """Count one; None if it is allowed, otherwise in how many seconds the next one is."""
        with self._lock:
            now_us = self._clock()
            spent, at_us = self._spent.pop(key, (0.0, now_us))
            spent = max(0.0, spent - (now_us - at_us) / 60e6 * self._per_minute)
            allowed = spent + 1 <= self._per_minute
            self._spent[key] = (spent + allowed, now_us)
            if len(self._spent) > _MOST_KEYS:
                self._spent.popitem(last=False)
            return None if allowed else (spent + 1 - self._per_minute) * 60 / self._per_minute
