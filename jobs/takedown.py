"""A takedown: a source, and all that was made from it, leaves the lake.

Its tombstone comes first, and says which media the source gave and which shards are about to be written anew: killed at
any moment and run again, a takedown finishes. Then each table, the upstream ones first, loses its rows in a commit that
takes a step of the transaction counters of the jobs that write the table: what a running job has computed from a source
before its takedown is refused afterwards. Last goes what is in no table any more and still holds something of it.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import polars as pl
from deltalake.exceptions import CommitFailedError

from curate.care.orphans import Listing, begun, listing, orphans, remove
from curate.care.ownership import is_of, lost_captions, made_from, owner_column, shard_holds, told_of
from curate.care.removal import TRIES, Doomed, Remake, Removed, blobs_of, remove_rows
from curate.encode.shards import EMBEDDINGS, LATENTS
from curate.errors import LakeError, UsageError
from curate.fetch.shards import remake as remake_media
from curate.fetch.uri import normalise, source_id
from curate.proxy.shards import remake as remake_proxies
from curate.storage.lake import Lake
from jobs.job import counter
from schemas.media import Media, Source
from schemas.tables import TABLES
from schemas.uri import shown_uri

REMAKES: dict[str, Remake] = {
    "media": remake_media, "proxies": remake_proxies, "latents": LATENTS.remake, "embeddings": EMBEDDINGS.remake,
}  # fmt: skip
"""How a shard of a table is written anew."""

KEPT = ("plans", "plan_records", "stages", "recipes", "runs")
"""Tables that stay: they hold ids and figures. A plan is the record of what was trained on; a reader refuses one whose
tensors are gone."""

OVER_CAPTIONS = ("testimonies", "verdicts", "proxies", "embeddings")
"""Tables whose inputs are captions: their rows without a payload name no media."""

DERIVED = tuple(name for name in TABLES if name not in {"sources", "media", *KEPT})
"""Tables with rows that were made from media, upstream first."""


@dataclass
class Taken:
    """What a takedown removed, or would remove."""

    sources: int
    media: int = 0  # whose bytes go
    shared: int = 0  # media that stay, because another source gave them too
    media_bytes: int = 0
    rows: Counter[str] = field(default_factory=Counter)  # by table
    shards: int = 0  # written anew
    objects: Counter[str] = field(default_factory=Counter)  # by kind: what was in no table and held something of it
    unfinished: int = 0  # objects that somebody began to write, and that may hold parts

    def as_dict(self) -> dict[str, Any]:
        counts = {"rows": dict(self.rows), "objects": dict(self.objects)}
        return {one.name: counts.get(one.name, getattr(self, one.name)) for one in fields(self)}


def named(lake: Lake, names: Iterable[str]) -> list[str]:
    """The ids of sources from URIs, paths or ids; UsageError names what the lake does not have."""
    asked = {name: {name, source_id(normalise(name))} for name in names}
    wanted = pl.col("source_id").is_in(sorted(set().union(*asked.values())))
    known = set(lake.scan("sources").filter(wanted).select("source_id").collect()["source_id"])
    if strange := [name for name, ids in asked.items() if not ids & known]:
        others = f" and {len(strange) - 1} more of those named" if len(strange) > 1 else ""
        like = _shown_as(lake, strange[0])
        known_as = f"; with a login or a token there is {', '.join(like)}" if like else ""
        raise UsageError(
            f"{lake.uri} has no source {strange[0]!r}{others}: give URIs as they were added, or source ids{known_as}"
        )
    return sorted(known)


def _shown_as(lake: Lake, name: str) -> list[str]:
    """The ids of sources of which people see only this: what opens a door is left out."""
    place = name.partition("://")[2].partition("?")[0]
    rows = lake.scan("sources").filter(pl.col("uri").str.contains(place, literal=True)).select("source_id", "uri")
    found = rows.unique().collect(engine="streaming")
    return sorted(one for one, uri in found.iter_rows() if place and shown_uri(uri) == name)


def gone(lake: Lake) -> set[str]:
    """Media that were taken down, and that no other source gives."""
    down = lake.scan("sources").filter("tombstone").select("source_id").unique().collect()["source_id"]
    return _given(lake, down.to_list())[0]


def preview(lake: Lake, sources: Sequence[str]) -> Taken:
    """What a takedown of these sources would remove."""
    gone, shared = _given(lake, sources)
    taken = Taken(len(sources), len(gone), len(shared))
    bodies = lake.rows("media", Media, pl.col("input_id").is_in(sources))
    mine = {blob for row in bodies if row.media_id in gone for blob in blobs_of(row)}
    taken.media_bytes = sum(blob.length for blob in mine)
    taken.rows["media"] = _count(lake, "media", pl.col("input_id").is_in(sources))
    for table in DERIVED:
        taken.rows[table] = _count(lake, table, made_from(table, gone))
    return taken


def takedown(lake: Lake, sources: Sequence[str], step: Callable[[str], None] = lambda _: None) -> Taken:
    """Remove these sources, given in order, and all that was made from them; `step` is told what was done last."""
    work = _Takedown(lake, sources, preview(lake, sources), step)
    work.run()
    return work.taken


@dataclass
class _Takedown:
    lake: Lake
    sources: Sequence[str]
    taken: Taken
    step: Callable[[str], None]

    def run(self) -> None:
        self.taken.rows.clear()
        self._journal([], set())
        self.step("tombstones")
        shards = self._rows("media", pl.col("input_id").is_in(self.sources), "input_id", self.sources)
        gone, shared = _given(self.lake, self.sources)
        media = sorted(gone)
        self._clean("media", shards, pl.col("input_id").is_in(self.sources), gone)
        for table in DERIVED:
            # subtitles of a media that stays may be those of the source that goes: they are made again
            mine = sorted(gone | shared) if table == "subtitles" else media
            where = old = made_from(table, mine)
            by_caption = table in (*OVER_CAPTIONS, "captions")
            if by_caption:  # of a bare one nothing says which media it was of: of old files, all go
                ids = told_of(self.lake, media) if table == "captions" else lost_captions(self.lake, table)
                where |= pl.col("input_id").is_in(ids) & (pl.col("outputs") == 0)
                old |= pl.col("outputs") == 0
            if TABLES[table].traced:
                held = self._rows(table, where, None if by_caption else owner_column(table), mine)
            else:
                held = self._delete(table, "split_part(clip_id, '/', 1)", mine)
            self._clean(table, held, old, gone)
        where = pl.col("source_id").is_in(self.sources) & ~pl.col("tombstone")
        held = self._delete("sources", "tombstone = false AND source_id", self.sources)
        self._clean("sources", held, where, gone)
        self._begun(gone)

    def _rows(self, table: str, where: pl.Expr, prune: str | None, ids: Sequence[str]) -> Listing:
        """Remove rows; what storage held before that."""
        held = listing(self.lake, table)
        doomed = Doomed(table, where, prune, ids, apps=counters(self.lake))
        intent = self._journal if table in REMAKES else None
        removed = remove_rows(self.lake, doomed, REMAKES.get(table), intent)
        self._count(table, removed)
        return held

    def _count(self, table: str, removed: Removed) -> None:
        self.taken.rows[table] += removed.rows
        self.taken.shards += len(removed.shards)
        self.step(f"rows of {table}")

    def _delete(self, table: str, key: str, values: Sequence[str]) -> Listing:
        """Remove rows of a table without fingerprints; what storage held before that."""
        held = listing(self.lake, table)
        for start in range(0, len(values), 1000):
            some = ", ".join("'" + value.replace("'", "''") + "'" for value in values[start : start + 1000])
            self.taken.rows[table] += _deleted(self.lake, table, f"{key} IN ({some})")
        self.step(f"rows of {table}")
        return held

    def _clean(self, table: str, held: Listing, where: pl.Expr, gone: Collection[str]) -> None:
        """Remove the objects that are in no table now and hold something of what went.

        Of those that were never in one, only what was there before the rows went: a later one is of a job that may
        still commit it, and knows of the tombstones.
        """
        _, _, journal = _journaled(self.lake, self.sources)
        earlier = {one.path for one in (*held.shards, *held.files)} | journal
        found = orphans(self.lake, listing(self.lake, table))
        mine = (one for one in found if one.kind == "old file" or one.path in earlier)
        doomed = [one for one in mine if is_of(self.lake, one, where, gone, journal)]
        remove(self.lake, doomed)
        self.taken.objects.update(orphan.kind for orphan in doomed)
        self.step(f"objects of {table}")

    def _begun(self, gone: Collection[str]) -> None:
        """Remove what killed writers left of tar shards with such members; count what cannot be looked into."""
        for one in begun(self.lake):
            if one.kind == "staged" and ".tar#" in one.path:
                if shard_holds(self.lake, one, gone):
                    remove(self.lake, [one])
                    self.taken.objects[one.kind] += 1
            else:
                self.taken.unfinished += 1

    def _journal(self, rows: list[Any], shards: set[str]) -> None:
        """Write into the tombstones which media the sources gave, and which shards will be written anew."""
        uris, media, known = _journaled(self.lake, self.sources)
        given: dict[str, set[str]] = {one: set() for one in self.sources}
        for row in rows:
            if isinstance(row, Media):
                given[row.source_id].add(row.media_id)
        new = [
            _tombstone(one, uris[one], given[one] | media.get(one, set()), shards)
            for one in self.sources
            if one not in media or given[one] - media[one] or shards - known
        ]
        self.lake.append("sources", new)
        self.step("journal")


def counters(lake: Lake) -> tuple[str, ...]:
    """The transaction counters of all jobs that were ever begun on a lake."""
    stages = lake.scan("stages").select("stage", "fingerprint").unique().collect()
    return tuple(sorted(counter(stage, fingerprint) for stage, fingerprint in stages.iter_rows()))


def _tombstone(one: str, uri: str, media: set[str], shards: set[str]) -> Source:
    hints = json.dumps({"media": sorted(media), "shards": sorted(shards)})
    return Source(one, uri, None, None, None, hints, tombstone=True, added_us=time.time_ns() // 1000)


def _journaled(lake: Lake, sources: Sequence[str]) -> tuple[dict[str, str], dict[str, set[str]], set[str]]:
    """URIs of sources; media of those that have a tombstone; shards that were to be written anew."""
    uris: dict[str, str] = {}
    media: dict[str, set[str]] = {}
    shards: set[str] = set()
    for row in lake.rows("sources", Source, pl.col("source_id").is_in(sources)):
        uris[row.source_id] = row.uri
        if row.tombstone:
            said = json.loads(row.hints or "{}")
            media.setdefault(row.source_id, set()).update(said.get("media", ()))
            shards.update(said.get("shards", ()))
    return uris, media, shards


def _given(lake: Lake, sources: Sequence[str]) -> tuple[set[str], set[str]]:
    """The media that these sources gave: those that nobody else did, and those that another source gave too."""
    _, journal, _ = _journaled(lake, sources)
    rows = lake.scan("media").filter(pl.col("outputs") > 0)
    now = rows.filter(pl.col("input_id").is_in(sources)).select("media_id").unique().collect()["media_id"]
    media = set(now).union(*journal.values())
    dead = lake.scan("sources").filter("tombstone").select(input_id="source_id").unique()
    others = rows.filter(pl.col("media_id").is_in(media), ~pl.col("input_id").is_in(sources))
    alive = set(others.join(dead, on="input_id", how="anti").select("media_id").collect()["media_id"])
    return media - alive, media & alive


def _count(lake: Lake, table: str, where: pl.Expr) -> int:
    frame = lake.scan(table)
    if TABLES[table].traced:
        frame = frame.filter(pl.col("outputs") > 0)
    return int(frame.filter(where).select(pl.len()).collect().item())


def _deleted(lake: Lake, table: str, predicate: str) -> int:
    for patience in range(TRIES, 0, -1):
        try:
            return int(lake.delta(table).delete(predicate)["num_deleted_rows"] or 0)
        except CommitFailedError as error:
            if patience == 1:
                raise LakeError(f"{lake.path(table)} could not be written: {error}; run again") from error
    raise AssertionError
