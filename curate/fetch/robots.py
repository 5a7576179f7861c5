"""What the owner of a server asks robots not to fetch: robots.txt, by RFC 9309."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import partial

import httpx2
from protego import Protego

from curate.errors import Disallowed, RateLimited, RowError, Unreachable, Unsupported
from curate.fetch.access import Access
from curate.fetch.body import decoded
from curate.fetch.client import Client
from curate.fetch.pace import Pace
from curate.fetch.patience import patiently

_PRODUCT = "retold"
_CAP_BYTES = 500 << 10  # RFC 9309, 2.5: at least so much is read; what comes after is not
_AGAIN_S = 60.0  # after which a server that could not answer is asked again
_LONG_BYTES = 32 << 10  # rules over this are not matched on the event loop: hostile ones take a third of a second
_REMEMBERED = 20_000  # origins,
_REMEMBERED_BYTES = 8 << 20  # and of all of their texts together; in memory they take some twenty times as much


@dataclass(frozen=True, slots=True)
class Rules:
    """Of one origin, until a time; `down` where it could not say, which forbids everything."""

    until: float
    rules: Protego | None = None
    size_bytes: int = 0
    down: RowError | None = None

    async def allow(self, url: httpx2.URL) -> bool:
        if self.rules is None:
            return True
        asked = partial(self.rules.can_fetch, str(url.copy_with(userinfo=b"")), _PRODUCT)
        return await asyncio.to_thread(asked) if self.size_bytes > _LONG_BYTES else asked()


class Robots:
    """Asks each origin once in a while."""

    def __init__(self, client: Client, access: Access) -> None:
        self._client, self._access = client, access
        self._known: OrderedDict[str, asyncio.Task[Rules]] = OrderedDict()
        self._bytes = 0

    async def admit(self, url: httpx2.URL) -> None:
        """Raise Disallowed for what its owner does not want fetched; what held robots.txt up holds the source up."""
        if self._access.web.robots == "ignore":
            return
        found = await self._of(url)
        if found.down is not None:
            raise type(found.down)(f"{found.down} (for robots.txt, without which nothing may be fetched)")
        if not await found.allow(url):
            raise Disallowed(f"robots.txt of {url.host} asks not to fetch {url.path[:200]}")

    async def _of(self, url: httpx2.URL) -> Rules:
        # without the login of one URL: what is told to it, as a refusal of a wrong one, must not hold for all others
        home = url.copy_with(userinfo=b"", raw_path=b"/robots.txt", fragment=None)
        origin = f"{url.scheme}://{url.host}:{url.port}"
        task = self._known.get(origin)
        if task is None or (task.done() and (task.cancelled() or task.result().until < time.monotonic())):
            before = None if task is None or task.cancelled() else task.result()
            self._forget(origin)
            task = self._known[origin] = asyncio.create_task(self._asked(home, before))
        self._known.move_to_end(origin)
        found = await asyncio.shield(task)  # of all who wait for it, one may give up
        while len(self._known) > _REMEMBERED or self._bytes > _REMEMBERED_BYTES:
            oldest = next(iter(self._known))
            if not self._known[oldest].done():
                break
            self._forget(oldest)
        return found

    def _forget(self, origin: str) -> None:
        """Of a task that has ended, if there is one."""
        task = self._known.pop(origin, None)
        if task is not None and not task.cancelled():
            self._bytes -= task.result().size_bytes

    async def _asked(self, url: httpx2.URL, before: Rules | None) -> Rules:
        """What is asked for now; what was before where the server cannot say (RFC 9309, 2.3.1.4)."""
        later = time.monotonic() + self._access.web.robots_ttl_s
        try:
            text = await patiently(self._access.web, lambda: self._text(url), lambda: False)
        except Unsupported:  # too many redirects, or an encoding: as if there were none
            return Rules(later)
        except RowError as error:
            soon = time.monotonic() + _AGAIN_S
            if before is None or before.down is not None:
                return Rules(soon, down=error)
            self._bytes += before.size_bytes
            return replace(before, until=soon)
        if text is None:
            return Rules(later)
        rules = await asyncio.to_thread(Protego.parse, text)
        if delay_s := rules.crawl_delay(_PRODUCT):
            self._client.slow_down(url.host, delay_s)
        self._bytes += len(text)
        return Rules(later, rules, len(text))

    async def _text(self, url: httpx2.URL) -> str | None:
        """The text; None where there is none. Its first part, where it is long."""

        async def admit(_: httpx2.URL) -> None:
            """Whatever robots.txt is redirected to may be read."""

        pace = Pace(self._access)
        async with self._client.get(url, {}, pace, admit) as answer:
            if isinstance(answer.failure, Unreachable | RateLimited):
                raise answer.failure
            if answer.status != 200:
                return None
            text = bytearray()
            async for piece in decoded(answer):
                pace.piece(len(piece))
                text += piece
                if len(text) >= _CAP_BYTES:
                    break
            return bytes(text[:_CAP_BYTES]).decode("utf-8", "replace")
