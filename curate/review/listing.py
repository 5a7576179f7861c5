"""What reviewers see of the queue: pages of a list, and all that happened to one item."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, insert, or_, select
from sqlalchemy.exc import IntegrityError

from curate.review.ageing import aged, worth
from curate.review.claim import open_seats
from curate.review.database import reading, writing
from curate.review.desk import Desk, Person
from curate.review.refusal import Absent, Barred, Refusal
from curate.review.tables import CONTENTS, DECISIONS, ITEMS, LEASES, LOOKS, REVISIONS, SEATS
from curate.review.wire import Content, Draft, ItemPage, ItemRow, ItemStory, RevisionShown, Value

COUNTED = 1000
"""Waiting items are counted up to here: counting millions takes longer than anybody wants to wait for a number."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which items are listed; None: all."""

    state: str | None = None
    mode: str | None = None
    kind: str | None = None


class BadCursor(Refusal):
    status = 422


def waiting(desk: Desk, duty: str) -> int:
    """How many seats are free for somebody, counted up to `COUNTED`."""
    some = open_seats(desk.clock(), duty).limit(COUNTED).subquery()
    with reading(desk.engine) as connection:
        return connection.execute(select(func.count()).select_from(some)).scalar_one()


def page(desk: Desk, wanted: Filter, after: str | None, limit: int) -> ItemPage:
    """A page of the list, most worth first."""
    with reading(desk.engine) as connection:
        rows = connection.execute(listed(wanted, after, limit + 1)).all()
    shown = tuple(_row(desk, row) for row in rows[:limit])
    last = rows[limit - 1] if len(rows) > limit else None
    return ItemPage(items=shown, after=None if last is None else f"{float(last.score).hex()} {last.item_id}")


def listed(wanted: Filter, after: str | None, limit: int) -> Select[tuple[object, ...]]:
    """The statement of one page."""
    chosen = [
        column == value
        for column, value in (
            (ITEMS.c.state, wanted.state), (ITEMS.c.mode, wanted.mode), (ITEMS.c.kind, wanted.kind),
        )
        if value is not None
    ]  # fmt: skip
    if after is not None:
        chosen.append(_beyond(after))
    return select(ITEMS).where(*chosen).order_by(ITEMS.c.score.desc(), ITEMS.c.item_id).limit(limit)


def story(desk: Desk, person: Person, item_id: str) -> ItemStory:
    """An item with all its revisions. Who has to work on it without knowing them does not see them."""
    with reading(desk.engine) as connection:
        item = connection.execute(
            select(ITEMS, CONTENTS.c.content).join(CONTENTS).where(ITEMS.c.item_id == item_id)
        ).first()
        if item is None:
            raise Absent("there is no such item")
        if works_without(connection, desk, person, item_id, item.clip_id):
            raise Barred("you are working on it")
    remember_look(desk, person, item.clip_id)
    with reading(desk.engine) as connection:
        revisions = connection.execute(
            select(REVISIONS).where(REVISIONS.c.item_id == item_id).order_by(REVISIONS.c.revision)
        ).all()
        decision = connection.execute(select(DECISIONS).where(DECISIONS.c.item_id == item_id)).first()
        reasons = connection.execute(
            select(LEASES.c.released)
            .where(LEASES.c.item_id == item_id, LEASES.c.released.is_not(None))
            .order_by(LEASES.c.fence)
        ).scalars()
        return ItemStory(
            item=_row(desk, item),
            content=Content.model_validate_json(item.content),
            revisions=_revisions(revisions),
            given_back=tuple(reasons),
            settled_by=None if decision is None else decision.settled_by,
            decided_revision=None if decision is None else decision.revision,
        )


def remember_look(desk: Desk, person: Person, clip_id: str) -> None:
    """Note that a reviewer has seen what was made of a clip: they get no work on it from scratch or blind any more."""
    mine = (LOOKS.c.user_name == person.name) & (LOOKS.c.clip_id == clip_id)
    with reading(desk.engine) as connection:
        if connection.execute(select(LOOKS.c.clip_id).where(mine)).first() is not None:
            return
    with suppress(IntegrityError), writing(desk.engine) as connection:  # two windows at once
        connection.execute(insert(LOOKS).values(user_name=person.name, clip_id=clip_id))


def works_without(connection: Connection, desk: Desk, person: Person, item_id: str, clip_id: str) -> bool:
    """Whether somebody is an annotator of an item now, who must not know what the others said.

    From scratch and blind, nothing that was said of the clip in any item.
    """
    return (
        connection.execute(
            select(SEATS.c.seat_id).join(ITEMS, ITEMS.c.item_id == SEATS.c.item_id).where(
                ITEMS.c.clip_id == clip_id, SEATS.c.holder == person.name, SEATS.c.state == "open",
                SEATS.c.ends_us > desk.clock(), SEATS.c.duty == "work",
                (SEATS.c.item_id == item_id) | SEATS.c.phase.in_(("scratch", "blind")),
            )
        ).first()
        is not None
    )  # fmt: skip


def _beyond(after: str) -> ColumnElement[bool]:
    score, _, item_id = after.partition(" ")
    try:
        value = float.fromhex(score)
    except (ValueError, OverflowError) as error:
        raise BadCursor("the cursor is none of ours") from error
    return and_(ITEMS.c.score <= value, or_(ITEMS.c.score < value, ITEMS.c.item_id > item_id))


def _row(desk: Desk, row: Row[tuple[object, ...]]) -> ItemRow:
    now_us, doubling_s = desk.clock(), desk.policy.doubling_s
    why = (*Value.model_validate_json(row.value).why, aged(row.added_us, now_us, doubling_s))
    return ItemRow(
        item_id=row.item_id, clip_id=row.clip_id, captioner=row.captioner, mode=row.mode, kind=row.kind,
        state=row.state, overlap=row.overlap, worth=worth(row.score, now_us, doubling_s), added_us=row.added_us,
        why=why,
    )  # fmt: skip


def _revisions(rows: Sequence[Row[tuple[object, ...]]]) -> tuple[RevisionShown, ...]:
    return tuple(
        RevisionShown(
            revision=row.revision, user=row.user_name, kind=row.kind, draft=Draft.model_validate_json(row.draft),
            decision=row.decision, reason=row.reason, started_us=row.started_us, submitted_us=row.submitted_us,
            undone=row.undone_us is not None, right=row.right, asked=row.asked,
        )
        for row in rows
    )  # fmt: skip
