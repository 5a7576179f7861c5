"""What a person does with an item that they have leased: one transaction each.

A write without the lease changes nothing: it is kept as an orphan revision, and answered with its number.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from curate.review.audit import note
from curate.review.claim import lease_work
from curate.review.database import writing
from curate.review.desk import Desk, Person
from curate.review.lease import Held, held, lease_left, lock_item, renew, seat_of
from curate.review.orphan import orphan_draft
from curate.review.refusal import Absent, Late, TooLate
from curate.review.settle import ENDS, adjudication, reopen
from curate.review.tables import DECISIONS, DRAFTS, ITEMS, LEASES, REVISIONS, SEATS
from curate.review.wire import LeaseShown, Releasing, Saving, Work


def beat(desk: Desk, person: Person, item_id: str, token: str) -> LeaseShown:
    """The page is alive: its lease is counted anew. Late where it has ended."""
    with writing(desk.engine) as connection:
        lease = _lease(connection, desk, person, item_id, token)
        renew(connection, desk, lease)
        return lease_left(desk, token, lease)


def save(desk: Desk, person: Person, item_id: str, saving: Saving) -> int:
    """Keep a draft, if its `seq` is higher than that of the one kept; the seq that is kept then. Renews the lease."""
    with writing(desk.engine) as connection:
        lease = held(connection, person, item_id, saving.token)
        if lease is not None and lease.holds(desk.clock()):
            renew(connection, desk, lease)
            return keep_draft(connection, desk, person, lease, saving)
        orphan = None if lease is None else orphan_draft(connection, desk, person, lease, saving)
    raise Late(orphan)


def release(desk: Desk, person: Person, item_id: str, releasing: Releasing) -> None:
    """Give an item back. Given back often enough, it goes to a reviewer."""
    with writing(desk.engine) as connection:
        lease = _lease(connection, desk, person, item_id, releasing.token)
        connection.execute(update(LEASES).where(LEASES.c.digest == lease.digest).values(released=releasing.reason))
        connection.execute(update(SEATS).where(SEATS.c.seat_id == lease.seat.seat_id).values(ends_us=0))
        item = connection.execute(
            update(ITEMS)
            .where(ITEMS.c.item_id == item_id)
            .values(releases=ITEMS.c.releases + 1)
            .returning(ITEMS.c.releases, ITEMS.c.state)
        ).one()
        if item.state == "open" and item.releases >= desk.policy.releases:
            adjudication(connection, item_id, desk.clock())
        # why stands with the lease: what is in the chain can never be taken down
        note(connection, desk.clock(), person.name, "release", item_id, {"fence": lease.fence})


def undo(desk: Desk, person: Person, item_id: str) -> Work:
    """Take back one's own submit of an item, and go on with it. TooLate where somebody has gone on from it."""
    with writing(desk.engine) as connection:
        lock_item(connection, item_id)
        last = _undoable(connection, desk, person, item_id)
        connection.execute(
            update(REVISIONS).where(REVISIONS.c.revision == last.revision).values(undone_us=desk.clock())
        )
        reopen(connection, item_id, "adjudication" if last.kind == "adjudicate" else "open")
        row = connection.execute(
            select(SEATS).where(SEATS.c.seat_id == last.seat_id).with_for_update(key_share=True)
        ).one()
        work = lease_work(connection, desk, person, seat_of(row))
        note(connection, desk.clock(), person.name, "undo", item_id, {"revision": last.revision})
        return work


def keep_draft(connection: Connection, desk: Desk, person: Person, lease: Held, saving: Saving) -> int:
    """Replace the draft of this person and seat by one of a higher seq; the seq that is kept then."""
    mine = (DRAFTS.c.seat_id == lease.seat.seat_id) & (DRAFTS.c.user_name == person.name)
    kept = connection.execute(select(DRAFTS.c.seq).where(mine)).scalar()
    values = {"seq": saving.seq, "draft": saving.draft.model_dump_json(), "saved_us": desk.clock()}
    if kept is None:
        connection.execute(insert(DRAFTS).values(seat_id=lease.seat.seat_id, user_name=person.name, **values))
    elif saving.seq > kept:
        connection.execute(update(DRAFTS).where(mine).values(values))
    return saving.seq if kept is None else max(kept, saving.seq)


@dataclass(frozen=True, slots=True)
class _Last:
    """A submit that can be taken back."""

    revision: int
    seat_id: int
    kind: str


def _lease(connection: Connection, desk: Desk, person: Person, item_id: str, token: str) -> Held:
    lease = held(connection, person, item_id, token)
    if lease is None or not lease.holds(desk.clock()):
        raise Late(None)
    return lease


def _undoable(connection: Connection, desk: Desk, person: Person, item_id: str) -> _Last:
    """This person's submit of this item, if it is one of their last and nobody has gone on from it."""
    state = connection.execute(select(ITEMS.c.state).where(ITEMS.c.item_id == item_id)).scalar()
    if state is None:
        raise Absent("there is no such item")
    mine = connection.execute(
        select(REVISIONS.c.revision, REVISIONS.c.item_id, REVISIONS.c.seat_id, REVISIONS.c.kind)
        .where(REVISIONS.c.user_name == person.name, REVISIONS.c.kind.in_((*ENDS, "adjudicate")))
        .where(REVISIONS.c.undone_us.is_(None))
        .order_by(REVISIONS.c.revision.desc())
        .limit(desk.policy.undo)
    ).all()
    last = next((row for row in mine if row.item_id == item_id), None)
    if last is None:
        raise TooLate(f"it is none of your last {desk.policy.undo} submits")
    if why := _gone_on(connection, desk, item_id, state, last.kind):
        raise TooLate(why)
    return _Last(last.revision, last.seat_id, last.kind)


def _gone_on(connection: Connection, desk: Desk, item_id: str, state: str, kind: str) -> str | None:
    if state == "withdrawn":
        return "the item was withdrawn"
    if kind == "blind":
        return "you have been told how many answers were right"
    decision = connection.execute(  # locked: it may be collected at this moment
        select(DECISIONS).where(DECISIONS.c.item_id == item_id).with_for_update()
    ).first()
    if decision is not None and decision.number is not None:
        return "it was collected"
    if kind == "adjudicate":
        return None
    if decision is not None and decision.settled_by == "adjudication":
        return "a reviewer has decided"
    reviewing = connection.execute(
        select(SEATS.c.seat_id).where(
            SEATS.c.item_id == item_id, SEATS.c.duty == "adjudicate", SEATS.c.state == "open",
            SEATS.c.ends_us > desk.clock(),
        )
    ).first()  # fmt: skip
    return None if reviewing is None else "a reviewer is at it"
