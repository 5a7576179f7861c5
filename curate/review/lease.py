"""The right to write about an item: given to one person at a time, until it ends.

A lease is known by its token, of which only the hash is stored. It holds while its seat is open, has no later lease,
and its time has not run out by the server's clock.
"""

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, Row, func, insert, select, update

from curate.review.desk import Desk, Person
from curate.review.tables import ITEMS, LEASES, SEATS
from curate.review.wire import LeaseShown

_TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True)
class Seat:
    """One of the places of an item."""

    seat_id: int
    item_id: str
    number: int
    duty: str
    phase: str
    state: str
    score: float
    holder: str | None
    fence: int
    ends_us: int


@dataclass(frozen=True, slots=True)
class Held:
    """A lease that was given to somebody at some time, and its seat as it is now."""

    digest: str
    fence: int
    begun_us: int
    seat: Seat

    def holds(self, now_us: int) -> bool:
        """Whether it still is the right to write."""
        return self.seat.state == "open" and self.seat.fence == self.fence and now_us < self.seat.ends_us


def digest(secret: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def seat_of(row: Row[tuple[object, ...]]) -> Seat:
    """A row of `seats`."""
    return Seat(*(getattr(row, column.name) for column in SEATS.columns))


def grant(connection: Connection, desk: Desk, person: Person, seat: Seat) -> LeaseShown:
    """Lease a seat, whoever had it: a higher fence, a new token."""
    now_us, token = desk.clock(), secrets.token_urlsafe(_TOKEN_BYTES)
    fence = connection.execute(
        update(ITEMS).where(ITEMS.c.item_id == seat.item_id).values(fence=ITEMS.c.fence + 1).returning(ITEMS.c.fence)
    ).scalar_one()
    connection.execute(
        update(SEATS)
        .where(SEATS.c.seat_id == seat.seat_id)
        .values(state="open", phase=seat.phase, holder=person.name, fence=fence, ends_us=now_us + _length_us(desk))
    )
    connection.execute(
        insert(LEASES).values(
            digest=digest(token), item_id=seat.item_id, seat_id=seat.seat_id, fence=fence, user_name=person.name,
            begun_us=now_us,
        )
    )  # fmt: skip
    return shown(desk, token, fence, _length_us(desk))


def lock_item(connection: Connection, item_id: str) -> None:
    """Let nobody else act on an item until this transaction ends. Items are locked before seats, always."""
    connection.execute(select(ITEMS.c.item_id).where(ITEMS.c.item_id == item_id).with_for_update(key_share=True))


def held(connection: Connection, person: Person, item_id: str, token: str) -> Held | None:
    """The lease that this person got with this token, whether it holds or not; locks its item and seat."""
    lock_item(connection, item_id)
    row = connection.execute(
        select(LEASES.c.digest, LEASES.c.fence, LEASES.c.begun_us, LEASES.c.seat_id).where(
            LEASES.c.digest == digest(token), LEASES.c.item_id == item_id, LEASES.c.user_name == person.name
        )
    ).first()
    if row is None:
        return None
    seat = connection.execute(select(SEATS).where(SEATS.c.seat_id == row.seat_id).with_for_update(key_share=True)).one()
    return Held(row.digest, row.fence, row.begun_us, seat_of(seat))


def renew(connection: Connection, desk: Desk, lease: Held) -> None:
    """Count its time anew."""
    connection.execute(
        update(SEATS).where(SEATS.c.seat_id == lease.seat.seat_id).values(ends_us=desk.clock() + _length_us(desk))
    )


def started_us(connection: Connection, person: Person, seat_id: int) -> int:
    """When this person first leased this seat."""
    first: int = connection.execute(
        select(func.min(LEASES.c.begun_us)).where(LEASES.c.seat_id == seat_id, LEASES.c.user_name == person.name)
    ).scalar_one()
    return first


def shown(desk: Desk, token: str, fence: int, left_us: int) -> LeaseShown:
    """As the page is told of it."""
    return LeaseShown(token=token, fence=fence, left_ms=left_us // 1000, beat_ms=int(desk.policy.beat_s * 1000))


def lease_left(desk: Desk, token: str, lease: Held) -> LeaseShown:
    """As the page is told of one that was just renewed."""
    return shown(desk, token, lease.fence, _length_us(desk))


def _length_us(desk: Desk) -> int:
    return int(desk.policy.lease_s * 1e6)
