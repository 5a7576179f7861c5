"""Which item a person gets next."""

from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, Select, exists, select

from curate.review.audit import note
from curate.review.database import writing
from curate.review.desk import Desk, Person
from curate.review.lease import Seat, grant, lock_item, seat_of
from curate.review.refusal import Barred
from curate.review.showing import item_shown
from curate.review.tables import CONTENTS, DRAFTS, ITEMS, LEASES, LOOKS, REVISIONS, SEATS, USERS
from curate.review.wire import Content, Draft, Value, Work

UNKNOWING = ("scratch", "merge", "blind")
"""Phases of seats that nobody takes who knows what was said of the clip. Who takes over a merge starts from scratch."""


def claim(desk: Desk, person: Person, duty: str = "work") -> Work | None:
    """Lease the work that is worth most to this person; None where there is none.

    Who holds work already gets the same again, with a new token; so does who let a lease run out that nobody took.
    """
    if duty == "adjudicate" and not person.reviews:
        raise Barred("only reviewers adjudicate")
    with writing(desk.engine) as connection:
        connection.execute(  # so that two requests of one person never get two seats of one item
            select(USERS.c.name).where(USERS.c.name == person.name).with_for_update(key_share=True)
        )
        if (own := _own(connection, desk, person, duty)) is not None:
            return lease_work(connection, desk, person, own)
        row = connection.execute(free(desk.clock(), person.name, duty)).first()
        return None if row is None else lease_work(connection, desk, person, seat_of(row))


def free(now_us: int, name: str, duty: str) -> Select[tuple[object, ...]]:
    """The free seat of the highest score that this person may take."""
    mine = SEATS.alias("mine")
    clip = ITEMS.alias("same_clip")
    sat = exists().where(
        mine.c.item_id == SEATS.c.item_id,
        mine.c.holder == name,
        (mine.c.state == "submitted") | (mine.c.ends_us > now_us),
    )
    gave_back = exists().where(
        LEASES.c.user_name == name, LEASES.c.item_id == SEATS.c.item_id, LEASES.c.released.is_not(None)
    )
    knows_the_clip = exists().where(
        clip.c.clip_id == ITEMS.c.clip_id,
        LEASES.c.item_id == clip.c.item_id,
        LEASES.c.user_name == name,
        clip.c.item_id != ITEMS.c.item_id,
    )
    must_not_know = exists().where(
        clip.c.clip_id == ITEMS.c.clip_id,
        mine.c.item_id == clip.c.item_id,
        mine.c.holder == name,
        mine.c.state == "open",
        mine.c.ends_us > now_us,
        mine.c.phase.in_(("scratch", "blind")),
    )
    return (
        open_seats(now_us, duty)
        .where(~sat, ~gave_back, ~SEATS.c.phase.in_(UNKNOWING) | ~knows_the_clip)
        .where((SEATS.c.phase != "adjudicate") | ~must_not_know)
        .where(~_knows(name))
        .order_by(SEATS.c.score.desc(), SEATS.c.item_id, SEATS.c.number)
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True)
    )


def open_seats(now_us: int, duty: str) -> Select[tuple[object, ...]]:
    """All seats that nobody holds."""
    state = "adjudication" if duty == "adjudicate" else "open"
    return (
        select(SEATS)
        .join(ITEMS, ITEMS.c.item_id == SEATS.c.item_id)
        .where(SEATS.c.state == "open", SEATS.c.duty == duty, ITEMS.c.state == state, SEATS.c.ends_us <= now_us)
    )


def lease_work(connection: Connection, desk: Desk, person: Person, seat: Seat) -> Work:
    """Lease this seat, and say what is to be done."""
    seat = replace(seat, phase=_phase(connection, person, seat))
    lease = grant(connection, desk, person, seat)
    item = connection.execute(
        select(ITEMS, CONTENTS.c.content).join(CONTENTS).where(ITEMS.c.item_id == seat.item_id)
    ).one()
    draft = connection.execute(
        select(DRAFTS.c.draft, DRAFTS.c.seq).where(DRAFTS.c.seat_id == seat.seat_id, DRAFTS.c.user_name == person.name)
    ).first()
    shown = item_shown(
        desk, Content.model_validate_json(item.content), Value.model_validate_json(item.value), item.score,
        item.added_us, (seat.item_id, item.mode, seat.phase), _others(connection, seat),
    )  # fmt: skip
    note(connection, desk.clock(), person.name, "lease", seat.item_id, {"fence": lease.fence, "phase": seat.phase})
    return Work(
        item=shown,
        lease=lease,
        draft=None if draft is None else Draft.model_validate_json(draft.draft),
        seq=0 if draft is None else draft.seq,
    )


def _knows(name: str) -> ColumnElement[bool]:
    """Of a seat: this person has looked at what whoever sits there must not know."""
    looked = exists().where(LOOKS.c.user_name == name, LOOKS.c.clip_id == ITEMS.c.clip_id)
    return SEATS.c.phase.in_(UNKNOWING) & looked


def _own(connection: Connection, desk: Desk, person: Person, duty: str) -> Seat | None:
    """What this person holds, or held last and nobody took; the newest lease first."""
    found = connection.execute(
        select(SEATS.c.seat_id, SEATS.c.item_id)
        .join(ITEMS, ITEMS.c.item_id == SEATS.c.item_id)
        .join(LEASES, (LEASES.c.item_id == SEATS.c.item_id) & (LEASES.c.fence == SEATS.c.fence))
        .where(SEATS.c.holder == person.name, SEATS.c.state == "open", SEATS.c.duty == duty)
        .where(LEASES.c.released.is_(None), (SEATS.c.ends_us > desk.clock()) | ~_knows(person.name))
        .order_by(SEATS.c.ends_us.desc(), SEATS.c.fence.desc())
        .limit(1)
    ).first()
    if found is None:
        return None
    lock_item(connection, found.item_id)
    row = connection.execute(
        select(SEATS)
        .where(SEATS.c.seat_id == found.seat_id, SEATS.c.holder == person.name, SEATS.c.state == "open")
        .with_for_update(key_share=True)
    ).first()
    return None if row is None else seat_of(row)


def _phase(connection: Connection, person: Person, seat: Seat) -> str:
    """Who takes over from scratch starts there, whatever the one before had written."""
    if seat.phase not in ("scratch", "merge"):
        return seat.phase
    own = connection.execute(
        select(REVISIONS.c.revision)
        .where(
            REVISIONS.c.seat_id == seat.seat_id, REVISIONS.c.user_name == person.name, REVISIONS.c.kind == "scratch"
        )
        .limit(1)
    ).first()  # fmt: skip
    return "scratch" if own is None else "merge"


def _others(connection: Connection, seat: Seat) -> tuple[Draft, ...]:
    """What annotators submitted, for an adjudicator."""
    if seat.phase != "adjudicate":
        return ()
    rows = connection.execute(
        select(REVISIONS.c.draft)
        .where(
            REVISIONS.c.item_id == seat.item_id,
            REVISIONS.c.kind.in_(("work", "merge", "blind")),
            REVISIONS.c.undone_us.is_(None),
        )
        .order_by(REVISIONS.c.revision)
    )
    return tuple(Draft.model_validate_json(draft) for draft in rows.scalars())
