"""What lies in a lake and belongs to nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from curate.care.finding import Orphan
from curate.care.places import SHARDED, shards
from curate.storage.blobs import Stored
from curate.storage.files import files, retired
from curate.storage.lake import Lake
from curate.storage.unfinished import Unfinished, discard, unfinished
from schemas.tables import TABLES


@dataclass(frozen=True)
class Listing:
    """What storage holds of one table, as it was when it was listed; take it before the rows are read."""

    table: str
    shards: tuple[Stored, ...]
    files: tuple[Stored, ...]


def listing(lake: Lake, table: str) -> Listing:
    """The shards and the Parquet files that lie below a table, whether it knows them or not."""
    found = [one for one in lake.blobs.objects(table) if not one.path.startswith(f"{table}/_delta_log/")]
    inside = tuple(one for one in found if one.path.startswith(f"{table}/shards/"))
    known = set(inside)
    return Listing(table, inside, tuple(one for one in found if one.path.endswith(".parquet") and one not in known))


def orphans(lake: Lake, held: Listing, hours: int = 0) -> Iterator[Orphan]:
    """Shards without a row, files in no version, and files that no version younger than `hours` has."""
    if held.table in SHARDED:
        known = shards(lake, held.table)
        yield from (Orphan("shard", s.path, s.size, s.modified_s) for s in held.shards if s.path not in known)
    dt = lake.delta(held.table)
    mine, old, ripe = {file.path for file in files(dt)}, retired(dt, 0), retired(dt, hours)
    for one in held.files:
        name = one.path.removeprefix(f"{held.table}/")
        if name not in mine and (name not in old or name in ripe):
            yield Orphan("old file" if name in old else "file", one.path, one.size, one.modified_s)


def begun(lake: Lake) -> Iterator[Orphan]:
    """Objects that somebody began to write; what is being written now is among them."""
    for one in unfinished(lake.blobs):
        yield Orphan("staged" if one.upload is None else "upload", one.path, one.size, one.modified_s, one.upload)


def listings(lake: Lake) -> list[Listing]:
    return [listing(lake, table) for table in TABLES]


def remove(lake: Lake, gone: list[Orphan]) -> None:
    """Give the space of orphans back."""
    lake.blobs.delete(one.path for one in gone if one.kind not in {"staged", "upload"})
    for one in gone:
        if one.kind in {"staged", "upload"}:
            discard(lake.blobs, Unfinished(one.path, one.size, one.modified_s, one.upload))
