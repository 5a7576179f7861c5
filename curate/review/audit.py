"""Who did what, in a chain: each entry holds the hash of the one before, so none can be changed or taken out.

Entries are added as the last thing of a transaction: in PostgreSQL writers then wait for each other at the head of the
chain, and for nothing else while they hold it. In SQLite there is one writer anyway.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, Engine, insert, select, text

from curate.review.database import reading
from curate.review.tables import AUDIT

FIRST = "0" * 64
"""What the first entry has for the hash before it."""

_HEAD = 0x5265746F6C64
_PAGE = 5000

Detail = Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing done."""

    number: int
    at_us: int
    who: str
    what: str
    item_id: str | None
    detail: str
    before: str
    hash: str

    def digest(self) -> str:
        """What `hash` has to be."""
        told = json.dumps(
            [self.number, self.at_us, self.who, self.what, self.item_id, self.detail, self.before], ensure_ascii=True
        )
        return sha256(told.encode()).hexdigest()


def note(
    connection: Connection, at_us: int, who: str, what: str, item_id: str | None = None, detail: Detail | None = None
) -> None:
    """Add an entry. Nothing may be locked after it in the same transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:head)"), {"head": _HEAD})
    last = connection.execute(select(AUDIT.c.number, AUDIT.c.hash).order_by(AUDIT.c.number.desc()).limit(1)).first()
    number, before = (last.number + 1, last.hash) if last else (1, FIRST)
    told = json.dumps(dict(detail or {}), sort_keys=True)
    entry = Entry(number, at_us, who, what, item_id, told, before, "")
    connection.execute(
        insert(AUDIT).values(
            number=number, at_us=at_us, who=who, what=what, item_id=item_id, detail=told, before=before,
            hash=entry.digest(),
        )
    )  # fmt: skip


def entries(engine: Engine, after: int, limit: int) -> tuple[Entry, ...]:
    """The chain from `after` on, oldest first."""
    with reading(engine) as connection:
        rows = connection.execute(select(AUDIT).where(AUDIT.c.number > after).order_by(AUDIT.c.number).limit(limit))
        return tuple(Entry(*row) for row in rows)


def broken(engine: Engine) -> int | None:
    """The number of the first entry that is not what it was, or stands where another is missing; None: all are whole.

    What was cut off at the end cannot be seen from the chain alone: compare its last hash with one kept elsewhere.
    """
    number, before = 0, FIRST
    for entry in _all(engine):
        if entry.number != number + 1 or entry.before != before or entry.hash != entry.digest():
            return entry.number
        number, before = entry.number, entry.hash
    return None


def _all(engine: Engine) -> Iterator[Entry]:
    after = 0
    while page := entries(engine, after, _PAGE):
        yield from page
        after = page[-1].number
