"""Bringing sources without the rest of the stage: many at once, on a loop of their own."""

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from curate.errors import RowError
from curate.fetch.access import Access
from curate.fetch.bring import Bring, Told
from curate.fetch.drop import Drop
from curate.fetch.network import Resolve
from curate.fetch.policy import Web
from curate.fetch.site.policy import Site
from curate.fetch.uri import source_id
from curate.fetch.web import open_web
from schemas.media import Source

LOOPBACK = Web(allow_networks=("127.0.0.0/8",), tries=3, backoff_s=0.02, robots="ignore")
ACCESS = Access(read_timeout_s=5.0, total_timeout_s=20.0, web=LOOPBACK, site=Site(enabled=False))


@dataclass(frozen=True)
class Brought:
    """What came of one source."""

    media_id: str
    size_bytes: int
    told: Told | None
    error: RowError | None

    def is_of(self, body: bytes) -> bool:
        return self.error is None and self.media_id == hashlib.sha256(body).hexdigest()

    def failed(self) -> tuple[str, str]:
        assert self.error is not None
        return self.error.kind, str(self.error)


def source(uri: str) -> Source:
    return Source(source_id(uri), uri, None, None, None, None, False, 0)


def bring(
    uris: Sequence[str], scratch: Path, web: Web = LOOPBACK, resolve: Resolve | None = None, max_bytes: int = 64 << 20
) -> list[Brought]:
    """What comes of each, all at once; nothing is left in `scratch`."""

    async def one(uri: str, brings: Bring) -> Brought:
        drop, told, error = Drop(max_bytes, str(scratch)), None, None
        try:
            told = await brings(source(uri), drop)
        except RowError as found:
            error = found
        drop.close()
        return Brought(drop.media_id, drop.size_bytes, told, error)

    async def all_of() -> list[Brought]:
        async with AsyncExitStack() as stack:
            brings = open_web(replace(ACCESS, web=web), stack, resolve)
            return await asyncio.gather(*(one(uri, brings) for uri in uris))

    found = asyncio.run(all_of())
    assert list(scratch.iterdir()) == []
    return found
