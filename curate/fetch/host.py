"""Whose turn it is at a host: so many requests at once, so many in a second, none while it asks for rest."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from curate.errors import RateLimited
from curate.fetch.policy import Web

_REMEMBERED = 20_000  # hosts; each some hundred bytes


class Host:
    """One host. Requests get their turns in the order in which they asked."""

    def __init__(self, name: str, policy: Web) -> None:
        self._name, self._max_wait_s = name, policy.max_wait_s
        self._turns = asyncio.Semaphore(policy.per_host)
        self._apart_s = 0.0 if policy.rate_hz is None else 1 / policy.rate_hz
        self._next_at = self._rests_until = 0.0
        self._present = 0

    @property
    def idle(self) -> bool:
        """Whether nobody is there, and it would not matter if it were forgotten."""
        return not self._present and max(self._next_at, self._rests_until) < time.monotonic()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold one of the places at this host; RateLimited where it wants to be left alone for longer than allowed."""
        self._present += 1
        try:
            async with self._turns:
                await self._wait()
                yield
        finally:
            self._present -= 1

    def rest(self, seconds: float) -> None:
        """Nothing is asked of this host for so long."""
        self._rests_until = max(self._rests_until, time.monotonic() + seconds)

    def slow_down(self, apart_s: float) -> None:
        """At least so long between two requests, but never longer than a wait may be."""
        self._apart_s = max(self._apart_s, min(apart_s, self._max_wait_s))

    async def _wait(self) -> None:
        at = self._next_at = max(time.monotonic(), self._next_at + self._apart_s)
        while (left := max(at, self._rests_until) - time.monotonic()) > 0:
            if self._rests_until - time.monotonic() > self._max_wait_s:
                raise RateLimited(
                    f"{self._name} asks to be left alone for {left:.0f} s more, and fetch.web.max_wait_s is "
                    f"{self._max_wait_s:g}"
                )
            await asyncio.sleep(left)


class Hosts:
    """All hosts that were asked lately."""

    def __init__(self, policy: Web) -> None:
        self._policy = policy
        self._hosts: OrderedDict[str, Host] = OrderedDict()

    def of(self, name: str) -> Host:
        host = self._hosts.pop(name, None) or Host(name, self._policy)
        self._hosts[name] = host
        if len(self._hosts) > _REMEMBERED:
            oldest = next(iter(self._hosts))
            if self._hosts[oldest].idle:
                del self._hosts[oldest]
            else:
                self._hosts.move_to_end(oldest)
        return host
