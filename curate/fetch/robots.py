"""What the owner of a server asks robots not to fetch: robots.txt, by RFC 9309."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass

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
_REMEMBERED = 5_000  # origins; of a big file some hundred KiB each


@dataclass(frozen=True, slots=True)
class Rules:
    """Of one origin, until a time; `down` where it could not say, which forbids everything."""

    until: float
    rules: Protego | None = None
    down: RowError | None = None


class Robots:
    """Asks each origin once in a while."""

    def __init__(self, client: Client, access: Access) -> None:
        self._client, self._access = client, access
        self._known: OrderedDict[str, asyncio.Task[Rules]] = OrderedDict()

    async def admit(self, url: httpx2.URL) -> None:
        """Raise Disallowed for what its owner does not want fetched; what held robots.txt up holds the source up."""
        if self._access.web.robots == "ignore":
            return
        found = await self._of(url)
        if found.down is not None:
            raise type(found.down)(f"{found.down} (for robots.txt, without which nothing may be fetched)")
        if found.rules is not None and not found.rules.can_fetch(str(url.copy_with(userinfo=b"")), _PRODUCT):
            raise Disallowed(f"robots.txt of {url.host} asks not to fetch {url.path[:200]}")

    async def _of(self, url: httpx2.URL) -> Rules:
        home = url.copy_with(raw_path=b"/robots.txt", fragment=None)
        origin = f"{url.scheme}://{url.host}:{url.port}"
        task = self._known.get(origin)
        if task is None or (task.done() and (task.cancelled() or task.result().until < time.monotonic())):
            task = self._known[origin] = asyncio.create_task(self._asked(home))
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        self._known.move_to_end(origin)
        return await asyncio.shield(task)  # of all who wait for it, one may give up

    async def _asked(self, url: httpx2.URL) -> Rules:
        later = time.monotonic() + self._access.web.robots_ttl_s
        try:
            text = await patiently(self._access.web, lambda: self._text(url), lambda: False)
        except Unsupported:  # too many redirects, or an encoding: as if there were none
            return Rules(later)
        except RowError as error:
            return Rules(time.monotonic() + _AGAIN_S, down=error)
        if text is None:
            return Rules(later)
        rules = await asyncio.to_thread(Protego.parse, text)
        if delay_s := rules.crawl_delay(_PRODUCT):
            self._client.slow_down(url.host, delay_s)
        return Rules(later, rules)

    async def _text(self, url: httpx2.URL) -> str | None:
        """The text; None where there is none. Its first part, where it is long."""

        async def admit(_: httpx2.URL) -> None:
            """Whatever robots.txt is redirected to may be read."""

        async with self._client.get(url, {}, Pace(self._access), admit) as answer:
            if isinstance(answer.failure, Unreachable | RateLimited):
                raise answer.failure
            if answer.status != 200:
                return None
            text = bytearray()
            async for piece in decoded(answer):
                text += piece
                if len(text) >= _CAP_BYTES:
                    break
            return bytes(text[:_CAP_BYTES]).decode("utf-8", "replace")
