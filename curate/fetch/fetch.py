"""Bring the bytes of a source here, byte for byte, and say what they are."""

import json
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from curate.errors import ROW_ERRORS, Gone, RowError, Unsupported
from curate.fetch.access import Access
from curate.fetch.bring import Bring, Told
from curate.fetch.drop import Drop, sweep
from curate.fetch.loop import Loop
from curate.fetch.policy import Web
from curate.fetch.probe import Fetched, Probe
from curate.fetch.scheme import SCHEMES
from curate.fetch.site.policy import Site
from curate.fetch.uri import scheme
from curate.media.facts import Facts
from curate.media.file import LocalFile
from curate.media.limits import GIB, Limits
from curate.media.sandbox import Isolated, isolated
from curate.stage import OPERATIONAL, Heavy, Outcome, Run, operational
from schemas.media import Media, Source


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of one source: its body, or why there is none."""

    source: Source
    drop: Drop
    told: Told
    error: RowError | None = None


@dataclass(frozen=True)
class Fetch:
    """Sources to media. The body is a temporary file that the sink (`store_tar`) removes."""

    name: ClassVar[str] = "fetch"
    version: ClassVar[int] = 2
    takes: ClassVar[type] = Source
    gives: ClassVar[type] = Media

    max_bytes: int = operational(16 * GIB)
    at_once: int = operational(64)  # sources that are fetched at the same time by one worker
    read_timeout_s: float = operational(30.0)
    total_timeout_s: float = operational(3600.0)
    max_redirects: int = operational(5)
    roots: tuple[str, ...] = operational(())  # folders of local files, beside those that were added
    web: Web = operational(Web())
    site: Site = field(default_factory=Site)  # hosted video pages and playlists
    scratch: str | None = operational(None)  # folder of the temporary files; None: the system's
    storage_options: tuple[tuple[str, str], ...] = field(default=(), repr=False, metadata=OPERATIONAL)  # for s3://
    probe_limits: Limits = operational(Limits(memory_bytes=2 * GIB, deadline_s=60.0))

    def open(self) -> Run[Source, Heavy[Media]]:
        access = Access(
            self.read_timeout_s, self.total_timeout_s, self.max_redirects, self.roots, self.scratch,
            dict(self.storage_options), self.web, self.site,
        )  # fmt: skip
        probe = isolated(Probe(), self.probe_limits)
        sweep(self.scratch)

        def open_arrival(stack: AsyncExitStack) -> Callable[[Source], Coroutine[Any, Any, Arrival]]:
            opened = {open_scheme: open_scheme(access, stack) for open_scheme in set(SCHEMES.values())}
            bring = {name: opened[open_scheme] for name, open_scheme in SCHEMES.items()}
            return lambda source: _arrival(source, bring, lambda: Drop(self.max_bytes, self.scratch))

        loop = Loop(open_arrival, self.at_once, lambda one: one.drop.close())

        def run(sources: Iterable[Source]) -> Iterator[Outcome[Heavy[Media]]]:
            for one in loop(sources):
                try:
                    yield Outcome(one.source.id, (_heavy(one, probe),))
                except RowError as error:
                    yield Outcome(one.source.id, (), error.failure)
                finally:
                    one.drop.close()

        return run


async def _arrival(source: Source, bring: dict[str, Bring], new_drop: Callable[[], Drop]) -> Arrival:
    drop = new_drop()
    try:
        return Arrival(source, drop, await _of(source, bring)(source, drop))
    except RowError as error:
        drop.close()
        return Arrival(source, drop, Told(), error)
    except BaseException:
        drop.close()
        raise


def _of(source: Source, bring: dict[str, Bring]) -> Bring:
    """What brings this source."""
    if source.tombstone:
        raise Gone("taken down")
    kind = scheme(source.uri)
    if kind is None or kind not in bring:
        raise Unsupported(f"the scheme of {source.uri!r} is none of {', '.join(sorted(bring))}")
    return bring[kind]


def _heavy(one: Arrival, probe: Isolated[Fetched, Facts]) -> Heavy[Media]:
    """The media and its body, which is the caller's from here on."""
    if one.error is not None:
        raise one.error
    drop, told = one.drop, one.told
    path = drop.keep()
    try:
        facts = _probed(probe, Fetched(drop.media_id, LocalFile(str(path), 0, drop.size_bytes)))
    except BaseException:
        path.unlink()
        raise
    media = replace(
        facts.media(drop.media_id, one.source.source_id, drop.size_bytes),
        origin=None if told.origin is None else json.dumps(told.origin, ensure_ascii=False, sort_keys=True),
        sidecars=tuple(sidecar for sidecar, _ in told.sidecars),
    )
    return Heavy(media, path, tuple(data for _, data in told.sidecars))


def _probed(probe: Isolated[Fetched, Facts], fetched: Fetched) -> Facts:
    (outcome,) = probe([fetched])
    if outcome.failure is not None:
        raise ROW_ERRORS[outcome.failure.kind](outcome.failure.detail)
    return outcome.rows[0]
