"""The scheme of hosted video: each source in a process and a folder of its own."""

import asyncio
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from curate.errors import ROW_ERRORS, RecipeError, UnsupportedSite
from curate.fetch.access import Access
from curate.fetch.bring import Told
from curate.fetch.drop import Drop
from curate.fetch.site.join import Apart, Join, Joined
from curate.fetch.site.kind import Kind
from curate.fetch.site.policy import CURE, Site, installed
from curate.fetch.site.visit import Page, Visit, Visited
from curate.fetch.site.webvtt import moved
from curate.media.limits import GIB, Limits
from curate.media.sandbox import Isolated, isolated
from curate.stage import Identified
from schemas.media import Sidecar, Source

O = TypeVar("O")  # noqa: E741

_JOINING = Limits(memory_bytes=GIB, deadline_s=120.0, deadline_max_s=3600.0)


class SiteBring(Protocol):
    """A `Bring` that may be told what the URL has shown itself to be."""

    async def __call__(self, source: Source, drop: Drop, kind: Kind = "site") -> Told: ...


def open_site(access: Access, stack: AsyncExitStack) -> SiteBring:
    """At most `site.at_once` visits at a time; RecipeError where the cookies cannot be read."""
    site = access.site
    _cookies(site)
    pool = stack.enter_context(ThreadPoolExecutor(site.at_once, "retold-site"))

    async def bring(source: Source, drop: Drop, kind: Kind = "site") -> Told:
        if not installed():
            raise UnsupportedSite(f"hosted video and playlists need yt-dlp: {CURE}")
        if not site.enabled:
            raise UnsupportedSite("hosted video and playlists are not brought: fetch.site.enabled is false")
        visit = Visit(site, drop.max_bytes, access.read_timeout_s, access.web.allow_networks, _cookies(site))
        bounds = Limits(memory_bytes=site.memory_bytes, deadline_s=access.total_timeout_s, rows_per_child=1,
                        deadline_max_s=access.total_timeout_s)  # fmt: skip
        visiting, joining = isolated(visit, bounds, network=True), isolated(Join(), _JOINING)
        work = asyncio.get_running_loop().run_in_executor(
            pool, partial(_brought, source, drop, kind, visiting, joining)
        )
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            visiting.abandon()
            joining.abandon()
            await asyncio.wait([work])
            raise

    return bring


def _brought(
    source: Source, drop: Drop, kind: Kind,
    visiting: Isolated[Page, Visited], joining: Isolated[Apart, Joined],
) -> Told:  # fmt: skip
    """One source into the drop; runs in a thread of the pool."""
    folder = drop.path.with_name(f"{drop.path.name}.site")
    folder.mkdir(mode=0o700)
    try:
        visited = _only(visiting, Page(source.source_id, source.uri, kind, str(folder)))
        begins_us = 0
        if visited.parts > 1:
            begins_us = _only(joining, Apart(source.source_id, str(folder))).begins_us
        drop.take(folder / ("joined" if visited.parts > 1 else "0"))
    finally:
        visiting.close()
        joining.close()
        shutil.rmtree(folder, ignore_errors=True)
    sidecars = tuple(
        (Sidecar(track.language, track.automatic), moved(track.data, begins_us)) for track in visited.tracks
    )
    return Told(json.loads(visited.origin), sidecars)


def _only(stage: Isolated[Any, O], row: Identified) -> O:
    (outcome,) = stage([row])
    if outcome.failure is not None:
        raise ROW_ERRORS[outcome.failure.kind](outcome.failure.detail)
    return outcome.rows[0]


def _cookies(site: Site) -> str | None:
    """What is in the file of cookies, read anew for each visit: people renew it."""
    if site.cookies is None:
        return None
    try:
        return Path(site.cookies).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"fetch.site.cookies: {site.cookies} cannot be read: {error}") from error
