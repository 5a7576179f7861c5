"""Bring the bytes of a source here, byte for byte, and say what they are."""

import json
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, ClassVar

from curate.errors import Gone, RowError, Unsupported
from curate.fetch.access import Access
from curate.fetch.bring import Bring, Told
from curate.fetch.drop import Drop, sweep
from curate.fetch.policy import Web
from curate.fetch.probe import Fetched, Probes
from curate.fetch.scheme import SCHEMES
from curate.fetch.site.policy import Site
from curate.fetch.uri import scheme
from curate.loop import Loop
from curate.media.facts import Facts
from curate.media.file import LocalFile
from curate.media.limits import GIB, Limits
from curate.stage import OPERATIONAL, Heavy, Outcome, Run, operational
from schemas.media import Media, Source


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of one source: a media, and what came beside it, while its body lies in the drop; or why not."""

    source: Source
    drop: Drop
    came: tuple[Media, tuple[bytes, ...]] | RowError


@dataclass(frozen=True)
class Fetch:
    """Sources to media. The body is a temporary file that the sink (`store_tar`) removes."""

    name: ClassVar[str] = "fetch"
    version: ClassVar[int] = 2
    takes: ClassVar[type] = Source
    gives: ClassVar[type] = Media

    max_bytes: int = operational(16 * GIB)  # of one source; a larger one fails as too_large
    at_once: int = operational(64)  # sources that are fetched at the same time by one worker
    read_timeout_s: float = operational(30.0)  # for the next bytes
    total_timeout_s: float = operational(3600.0)  # for all bytes of one source
    max_redirects: int = operational(5)  # of one source
    roots: tuple[str, ...] = operational(())  # folders of local files, beside those that were added
    web: Web = operational(Web())  # manners towards servers of others
    site: Site = field(default_factory=Site)  # hosted video pages and playlists
    scratch: str | None = operational(None)  # folder of the temporary files; None: the system's
    storage_options: tuple[tuple[str, str], ...] = field(default=(), repr=False, metadata=OPERATIONAL)  # for s3://
    probes: int = operational(2)  # processes of one worker that say what the bytes are
    probe_limits: Limits = operational(Limits(memory_bytes=2 * GIB, deadline_s=60.0))

    def __post_init__(self) -> None:
        if self.at_once < 1 or self.probes < 1:
            raise ValueError(f"fetch.at_once and fetch.probes are at least 1; got {self.at_once} and {self.probes}")

    def open(self) -> Run[Source, Heavy[Media]]:
        access = Access(
            self.read_timeout_s, self.total_timeout_s, self.max_redirects, self.roots, self.scratch,
            dict(self.storage_options), self.web, self.site,
        )  # fmt: skip
        sweep(self.scratch)
        loop = Loop(partial(self._arrivals, access), self.at_once, lambda one: one.drop.close())

        def run(sources: Iterable[Source]) -> Iterator[Outcome[Heavy[Media]]]:
            for one in loop(sources):
                try:
                    yield _outcome(one)
                finally:
                    one.drop.close()

        return run

    def _arrivals(self, access: Access, stack: AsyncExitStack) -> Callable[[Source], Coroutine[Any, Any, Arrival]]:
        opened = {open_scheme: open_scheme(access, stack) for open_scheme in set(SCHEMES.values())}
        bring = {name: opened[open_scheme] for name, open_scheme in SCHEMES.items()}
        probes = Probes(self.probes, self.probe_limits)
        stack.callback(probes.close)

        async def arrival(source: Source) -> Arrival:
            drop = Drop(self.max_bytes, self.scratch)
            try:
                told = await _of(source, bring)(source, drop)
                facts = await probes.facts(Fetched(drop.media_id, LocalFile(str(drop.body()), 0, drop.size_bytes)))
                beside = tuple(data for _, data in told.sidecars)
                return Arrival(source, drop, (_media(source, drop, told, facts), beside))
            except RowError as error:
                drop.close()
                return Arrival(source, drop, error)
            except BaseException:
                drop.close()
                raise

        return arrival


def _of(source: Source, bring: dict[str, Bring]) -> Bring:
    """What brings this source."""
    if source.tombstone:
        raise Gone("taken down")
    kind = scheme(source.uri)
    if kind is None or kind not in bring:
        raise Unsupported(f"the scheme {kind or source.uri!r} is none of {', '.join(sorted(bring))}")
    return bring[kind]


def _media(source: Source, drop: Drop, told: Told, facts: Facts) -> Media:
    return replace(
        facts.media(drop.media_id, source.source_id, drop.size_bytes),
        origin=None if told.origin is None else json.dumps(told.origin, ensure_ascii=False, sort_keys=True),
        sidecars=tuple(sidecar for sidecar, _ in told.sidecars),
    )


def _outcome(one: Arrival) -> Outcome[Heavy[Media]]:
    """The body is the taker's from here on."""
    if isinstance(one.came, RowError):
        return Outcome(one.source.id, (), one.came.failure)
    media, beside = one.came
    return Outcome(one.source.id, (Heavy(media, one.drop.keep(), beside),))
