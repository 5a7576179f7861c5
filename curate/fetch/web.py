"""HTTP and HTTPS: a body is brought whole, gone on with where it broke off, and given up when it is no media."""

import asyncio
import re
import time
from contextlib import AsyncExitStack
from pathlib import PurePosixPath

from curate.errors import Unreachable
from curate.fetch.access import Access
from curate.fetch.answer import Answer, shown
from curate.fetch.body import Document, Head, decoded
from curate.fetch.bring import Bring, Told
from curate.fetch.client import Client, parse
from curate.fetch.drop import Drop
from curate.fetch.extension import is_media
from curate.fetch.network import Resolve, Resolver
from curate.fetch.pace import Pace
from curate.fetch.patience import patiently
from curate.fetch.robots import Robots
from curate.fetch.site.bring import open_site
from curate.fetch.site.kind import kind_of, suits
from schemas.media import Source

_PROGRESS_BYTES = 1 << 20  # a try that got so much further is not counted against its source
_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)")
_LOOKUPS = 64


def open_web(access: Access, stack: AsyncExitStack, resolve: Resolve | None = None) -> Bring:
    """One client for all sources; `resolve` stands for the resolver of the system."""
    if resolve is None:
        resolve = Resolver(_LOOKUPS)
        stack.callback(resolve.close)
    client = Client(access, resolve)
    stack.push_async_callback(client.aclose)
    robots = Robots(client, access)
    site = open_site(access, stack)

    async def of_a_site(uri: str) -> bool:
        return access.site.enabled and await asyncio.to_thread(suits, uri)

    async def bring(source: Source, drop: Drop) -> Told:
        named = _names_a_file(source.uri)
        if not named and await of_a_site(source.uri):
            return await site(source, drop)
        body = Body(source, drop, Pace(access))
        try:
            return await patiently(access.web, lambda: body.fetch(client, robots), body.progressed)
        except Document as document:
            kind = kind_of(document.head, access.site)
            if kind is None and named and await of_a_site(source.uri):
                kind = "site"
            if kind is None:
                raise
        drop.empty()
        return await site(source, drop, kind)

    return bring


def _names_a_file(uri: str) -> bool:
    """Whether a URL is that of a media file by its extension: it is asked for first, as whoever named it meant it."""
    path = PurePosixPath(parse(uri).path)
    return path.suffix != "" and is_media(path.name)


class Body:
    """What has come of one body so far, and by what its server would know the rest."""

    def __init__(self, source: Source, drop: Drop, pace: Pace) -> None:
        self._source, self._drop, self._pace = source, drop, pace
        self._head = Head()
        self._validator: str | None = None
        self._etag: str | None = None
        self._size_bytes: int | None = None
        self._furthest = self._had_furthest = 0

    async def fetch(self, client: Client, robots: Robots) -> Told:
        """One try: from where the last one broke off if the server can say that it is the same, else from the start."""
        begins, self._had_furthest = self._begins, self._furthest
        headers = {"Range": f"bytes={begins}-", "If-Range": self._validator} if begins and self._validator else {}
        async with client.get(parse(self._source.uri), headers, self._pace, robots.admit) as answer:
            if headers and answer.status in (206, 416):
                self._goes_on(answer)
            elif answer.status == 200:
                self._starts(answer)
            else:
                raise answer.failure
            async for piece in decoded(answer):
                self._pace.piece(len(piece))
                self._drop.write(piece)
                self._head.add(piece)
            self._head.end()
            if self._size_bytes not in (None, self._drop.size_bytes):
                raise Unreachable(f"{self._drop.size_bytes} of {self._size_bytes} bytes came")
            return Told(_origin(answer))

    def progressed(self) -> bool:
        """Whether the last try brought enough that can be kept, so that it is not counted against the source.

        Enough beyond all tries: a server that breaks off and begins anew by turns makes none.
        """
        self._furthest = max(self._furthest, self._begins)
        return self._furthest - self._had_furthest >= _PROGRESS_BYTES

    @property
    def _begins(self) -> int:
        """Where the next try may begin: 0 until it is known that this is no page."""
        return self._drop.size_bytes if self._validator and self._head.clear else 0

    def _starts(self, answer: Answer) -> None:
        encoded = "content-encoding" in answer.headers
        self._drop.empty()
        self._drop.expect(answer.size_bytes or 0)
        self._head = Head()
        self._size_bytes, self._etag = None if encoded else answer.size_bytes, answer.headers.get("etag")
        self._validator = None if encoded else _validator(answer)

    def _goes_on(self, answer: Answer) -> None:
        """Check that a part continues what is here; Unreachable, and the next try begins anew, where it does not."""
        begins = self._drop.size_bytes
        said = _RANGE.fullmatch(answer.headers.get("content-range", ""))
        if said is not None and answer.status == 206 and "content-encoding" not in answer.headers:
            whole = self._size_bytes if said[3] == "*" else int(said[3])
            same = answer.headers.get("etag", self._etag) == self._etag and self._size_bytes in (None, whole)
            if same and int(said[1]) == begins and whole in (None, int(said[2]) + 1):
                self._size_bytes = whole
                return
        self._validator = None
        given = shown(answer.headers.get("content-range", "no range"))
        raise Unreachable(f"asked to go on at byte {begins}, the server gives {answer.status} and {given}")


def _validator(answer: Answer) -> str | None:
    """What `If-Range` takes: a strong entity tag, or else a date."""
    etag = answer.headers.get("etag", "")
    if etag.startswith('"'):
        return etag
    return answer.headers.get("last-modified")


def _origin(answer: Answer) -> dict[str, object]:
    """What is worth knowing later. The query of a redirect's target is left out: it often holds a secret."""
    url = answer.url
    said = {name: answer.headers.get(name.replace("_", "-")) for name in ("content_type", "last_modified", "etag")}
    return {
        "uri": str(url.copy_with(userinfo=b"", query=None, fragment=None)),
        "status": answer.status,
        "fetched_us": time.time_ns() // 1000,
        **{name: shown(value, 200) for name, value in said.items() if value},
    }
