"""What a scheme is: a coroutine that brings the body of one source here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from curate.fetch.drop import Drop
from schemas.media import Sidecar, Source


@dataclass(frozen=True, slots=True)
class Told:
    """What came with a body: plain JSON of the server or site, and the files beside it."""

    origin: Mapping[str, object] | None = None
    sidecars: tuple[tuple[Sidecar, bytes], ...] = field(default=(), repr=False)


class Bring(Protocol):
    """Put the body of a source into `drop`; a RowError says why not. Many run at once on one event loop."""

    async def __call__(self, source: Source, drop: Drop) -> Told: ...
