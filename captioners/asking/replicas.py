"""Who is asked next: the replica with the fewest in flight, never more than it may have; those that fail rest."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from curate.errors import Unreachable

_REST_S = (0.5, 30.0)  # the first rest, which doubles, and the longest
_IN_A_ROW = 3  # errors of asks that may be the asks' own fault, after which the replica is at fault


@dataclass(slots=True, eq=False)
class Replica:
    """One server, and how it does."""

    url: str
    in_flight: int = 0
    failures: int = 0  # in a row
    down_since_s: float | None = None  # it has given no answer since
    rested_s: float = 0.0  # it is not asked before
    why: str = ""  # it failed the last time


class Replicas:
    """Servers of the same model. Those that are down are asked one thing at a time, until one answers."""

    def __init__(self, urls: Sequence[str], at_once: int, patience_s: float) -> None:
        self._all = [Replica(url.rstrip("/")) for url in urls]
        self._at_once, self.patience_s = at_once, patience_s
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def turn(self, rather_not: Replica | None) -> AsyncIterator[Replica]:
        """The replica to ask now, not `rather_not` if there is another; Unreachable where all are down too long."""
        replica = await self._free(rather_not)
        replica.in_flight += 1
        try:
            yield replica
        finally:
            replica.in_flight -= 1
            async with self._changed:
                self._changed.notify_all()

    def worked(self, replica: Replica) -> None:
        replica.failures, replica.down_since_s = 0, None

    def failed(self, replica: Replica, why: str) -> None:
        """It gave an error that may be due to what was asked."""
        replica.failures, replica.why = replica.failures + 1, why
        if replica.failures >= _IN_A_ROW:
            self.down(replica, why)

    def down(self, replica: Replica, why: str, rest_s: float | None = None) -> None:
        """It does not serve, or not now; `rest_s` is as long as it asks for."""
        now = time.monotonic()
        if rest_s is None and now >= replica.rested_s:  # others in flight fail with it: that is no further failure
            doubled = min(_REST_S[0] * 2 ** min(replica.failures, 10), _REST_S[1])
            rest_s = doubled * random.uniform(0.5, 1.0)  # noqa: S311  jitter
            replica.failures += 1
        replica.rested_s = max(replica.rested_s, now + (rest_s or 0.0))
        replica.down_since_s = replica.down_since_s or now
        replica.why = why

    async def _free(self, rather_not: Replica | None) -> Replica:
        while True:
            now = time.monotonic()
            free = [one for one in self._all if one.rested_s <= now and one.in_flight < self._room(one)]
            if free:
                random.shuffle(free)
                return min(free, key=lambda one: (one.down_since_s is not None, one is rather_not, one.in_flight))
            self._refuse_if_down(now)
            waking = [one.rested_s - now for one in self._all if one.rested_s > now]
            async with self._changed:
                try:
                    await asyncio.wait_for(self._changed.wait(), min([*waking, 1.0]))
                except TimeoutError:
                    continue

    def _room(self, replica: Replica) -> int:
        return self._at_once if replica.down_since_s is None else 1

    def _refuse_if_down(self, now: float) -> None:
        if any(one.down_since_s is None for one in self._all):
            return
        since_s = now - max(one.down_since_s or now for one in self._all)
        if since_s > self.patience_s:
            last = "; ".join(f"{one.url}: {one.why}" for one in self._all)
            raise Unreachable(f"no answer of any server for {since_s:.0f} s: {last}")
