"""What becomes of an item when all its seats are submitted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from curate.review.agreement import Opinion, agree
from curate.review.desk import Desk
from curate.review.tables import DECISIONS, ITEMS, REVISIONS, SEATS
from curate.review.wire import Draft, State

ENDS = ("work", "merge", "blind")
"""The phases with which annotators end."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A revision that counts."""

    revision: int
    user_name: str
    lease: str
    opinion: Opinion
    right: int | None
    asked: int | None


def settle(connection: Connection, desk: Desk, item_id: str) -> State:
    """Settle an item that has no free seat left, or give it to a reviewer; the state that annotators are told.

    Gold items go to no reviewer and into no lake, but annotators are told the same as of any other.
    """
    item = connection.execute(select(ITEMS).where(ITEMS.c.item_id == item_id)).one()
    if item.state != "open" or _waits(connection, item_id):
        return "open" if item.state == "open" else item.state
    subs = submissions(connection, item_id)
    disputed = _disputed(desk, item.mode, subs)
    if item.gold:
        _state(connection, item_id, "settled")
    elif disputed:
        adjudication(connection, item_id, desk.clock())
    else:
        by = "one" if len(subs) == 1 else "agreement"
        decide(connection, desk, item_id, subs[0].revision, by, tuple(one.user_name for one in subs))
    return "adjudication" if disputed else "settled"


def submissions(connection: Connection, item_id: str) -> tuple[Submission, ...]:
    """What annotators submitted of an item, oldest first."""
    rows = connection.execute(
        select(REVISIONS)
        .where(REVISIONS.c.item_id == item_id, REVISIONS.c.kind.in_(ENDS), REVISIONS.c.undone_us.is_(None))
        .order_by(REVISIONS.c.revision)
    )
    return tuple(
        Submission(
            row.revision, row.user_name, row.lease,
            Opinion(row.decision, Draft.model_validate_json(row.draft)), row.right, row.asked,
        )
        for row in rows
    )  # fmt: skip


def adjudication(connection: Connection, item_id: str, now_us: int) -> None:
    """Give an item to a reviewer: a seat more. Annotators get it no more; who is at it may end."""
    _state(connection, item_id, "adjudication")
    connection.execute(
        update(SEATS)
        .where(SEATS.c.item_id == item_id, SEATS.c.state == "open", SEATS.c.ends_us <= now_us)
        .values(state="closed")
    )
    seats = connection.execute(select(SEATS.c.number, SEATS.c.score).where(SEATS.c.item_id == item_id)).all()
    connection.execute(
        insert(SEATS).values(
            item_id=item_id, number=1 + max(seat.number for seat in seats), duty="adjudicate", phase="adjudicate",
            state="open", score=seats[0].score, fence=0, ends_us=0,
        )
    )  # fmt: skip


def decide(
    connection: Connection, desk: Desk, item_id: str, revision: int, settled_by: str, reviewers: tuple[str, ...]
) -> None:
    """Settle an item: what counts is this revision. Nobody works on it any more."""
    _state(connection, item_id, "settled")
    connection.execute(update(SEATS).where(SEATS.c.item_id == item_id, SEATS.c.state == "open").values(state="closed"))
    connection.execute(
        insert(DECISIONS).values(
            item_id=item_id, revision=revision, settled_by=settled_by, reviewers=json.dumps(reviewers),
            decided_us=desk.clock(),
        )
    )  # fmt: skip


def reopen(connection: Connection, item_id: str, state: State) -> None:
    """Take back what became of an item: nothing is decided. Back to annotators, no reviewer waits for it."""
    connection.execute(delete(DECISIONS).where(DECISIONS.c.item_id == item_id))
    if state == "open":
        seats = update(SEATS).where(SEATS.c.item_id == item_id)
        connection.execute(seats.where(SEATS.c.duty == "adjudicate").values(state="closed"))
        connection.execute(seats.where(SEATS.c.duty == "work", SEATS.c.state == "closed").values(state="open"))
    _state(connection, item_id, state)


def _state(connection: Connection, item_id: str, state: str) -> None:
    connection.execute(update(ITEMS).where(ITEMS.c.item_id == item_id).values(state=state))


def _waits(connection: Connection, item_id: str) -> bool:
    return (
        connection.execute(
            select(SEATS.c.seat_id).where(SEATS.c.item_id == item_id, SEATS.c.state == "open").limit(1)
        ).first()
        is not None
    )


def _disputed(desk: Desk, mode: str, subs: tuple[Submission, ...]) -> bool:
    if mode == "blind":
        return not all(_passed(one, desk.policy.blind_pass) for one in subs)
    if not agree([one.opinion for one in subs], desk.policy.agreement_us):
        return True
    return len(subs) == 1 and _drawn(desk, subs[0])


def _passed(one: Submission, share: float) -> bool:
    if one.opinion.decision == "reject" or one.right is None or one.asked is None:
        return False
    return one.right >= share * one.asked


def _drawn(desk: Desk, one: Submission) -> bool:
    """Whether a reviewer looks at it too: drawn by the lease, which is secret and random, and stays the same."""
    rates: Mapping[bool, float] = {False: desk.policy.second_look, True: desk.policy.second_look_accepted}
    return int(one.lease[:8], 16) / 2**32 < rates[one.opinion.draft.accepted_rest]
