"""A person is done with their seat."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from curate.review.agreement import right_answers
from curate.review.audit import note
from curate.review.database import writing
from curate.review.desk import Desk, Person
from curate.review.lease import Held, held, renew, started_us
from curate.review.orphan import orphan_submit
from curate.review.queue import keep_draft
from curate.review.refusal import Incomplete, Late
from curate.review.rules import impossible, missing
from curate.review.settle import decide, settle, submissions
from curate.review.tables import CONTENTS, DRAFTS, REVISIONS, SEATS, TRUTHS
from curate.review.wire import Content, Saving, State, Submitted, Submitting


@dataclass(frozen=True, slots=True)
class Score:
    """How a blind reading went."""

    right: int
    asked: int


def submit(desk: Desk, person: Person, item_id: str, sent: Submitting) -> Submitted:
    """Put a revision in the place of the lease. The same submit, sent again, is answered as the first time.

    Late where the lease has ended, Incomplete where something is missing.
    """
    with writing(desk.engine) as connection:
        lease = held(connection, person, item_id, sent.token)
        if lease is not None and (before := _before(connection, lease, sent)) is not None:
            return before
        if lease is not None and lease.holds(desk.clock()):
            return _submit(connection, desk, person, lease, sent)
        kept = None if lease is None else orphan_submit(connection, desk, person, lease, sent)
    raise Late(kept)


def _submit(connection: Connection, desk: Desk, person: Person, lease: Held, sent: Submitting) -> Submitted:
    seat = lease.seat
    content = Content.model_validate_json(
        connection.execute(select(CONTENTS.c.content).where(CONTENTS.c.item_id == seat.item_id)).scalar_one()
    )
    held_us = desk.clock() - started_us(connection, person, seat.seat_id)
    lacks = impossible(sent.draft, content, seat.phase) or missing(
        sent, content, seat.phase, held_us, desk.policy.scratch_plays
    )
    if lacks:
        raise Incomplete(lacks)
    _keep(connection, desk, person, lease, sent)
    score = _score(connection, sent, seat.item_id) if seat.phase == "blind" and sent.decision != "reject" else None
    revision = _revision(connection, desk, person, lease, sent, score)
    merges = seat.phase == "scratch" and sent.decision != "reject"
    state: State = "open" if merges else "settled"
    if merges:
        connection.execute(update(SEATS).where(SEATS.c.seat_id == seat.seat_id).values(phase="merge"))
        renew(connection, desk, lease)
    else:
        state = _end(connection, desk, lease, revision, person)
    connection.execute(update(REVISIONS).where(REVISIONS.c.revision == revision).values(told=state))
    note(
        connection, desk.clock(), person.name, "submit", seat.item_id,
        {"revision": revision, "phase": seat.phase, "decision": sent.decision, "fence": lease.fence,
         "accepted_rest": sent.draft.accepted_rest},
    )  # fmt: skip
    return Submitted(
        revision=revision,
        state=state,
        next_phase="merge" if merges else None,
        right=None if score is None else score.right,
        asked=None if score is None else score.asked,
    )


def _end(connection: Connection, desk: Desk, lease: Held, revision: int, person: Person) -> State:
    """The seat is done; what becomes of its item."""
    seat = lease.seat
    connection.execute(update(SEATS).where(SEATS.c.seat_id == seat.seat_id).values(state="submitted"))
    if seat.phase != "adjudicate":
        return settle(connection, desk, seat.item_id)
    others = {one.user_name: None for one in submissions(connection, seat.item_id)}
    decide(connection, desk, seat.item_id, revision, "adjudication", (*others, person.name))
    return "settled"


def _before(connection: Connection, lease: Held, sent: Submitting) -> Submitted | None:
    """The answer to the same submit of the same lease, if it was done."""
    row = connection.execute(
        select(REVISIONS).where(
            REVISIONS.c.lease == lease.digest, REVISIONS.c.kind != "orphan", REVISIONS.c.undone_us.is_(None),
            REVISIONS.c.draft == sent.draft.model_dump_json(), REVISIONS.c.decision == sent.decision,
        )
    ).first()  # fmt: skip
    if row is None:
        return None
    merges = row.kind == "scratch"
    return Submitted(
        revision=row.revision, state=row.told, next_phase="merge" if merges else None, right=row.right, asked=row.asked
    )


def _keep(connection: Connection, desk: Desk, person: Person, lease: Held, sent: Submitting) -> None:
    """The draft is what was submitted, so that one can go on from it. Its seq stays: the page counts on."""
    mine = (DRAFTS.c.seat_id == lease.seat.seat_id) & (DRAFTS.c.user_name == person.name)
    values = {"draft": sent.draft.model_dump_json(), "saved_us": desk.clock()}
    if not connection.execute(update(DRAFTS).where(mine).values(values)).rowcount:
        keep_draft(connection, desk, person, lease, Saving(token=sent.token, seq=0, draft=sent.draft))


def _score(connection: Connection, sent: Submitting, item_id: str) -> Score:
    stored = connection.execute(select(TRUTHS.c.truths).where(TRUTHS.c.item_id == item_id)).scalar()
    truths: dict[str, str] = json.loads(stored or "{}")
    return Score(right_answers(sent.draft.answers, truths), len(truths))


def _revision(
    connection: Connection, desk: Desk, person: Person, lease: Held, sent: Submitting, score: Score | None
) -> int:
    seat = lease.seat
    number: int = connection.execute(
        insert(REVISIONS)
        .values(
            item_id=seat.item_id, seat_id=seat.seat_id, user_name=person.name, lease=lease.digest, fence=lease.fence,
            kind=_kind(seat.phase, sent), draft=sent.draft.model_dump_json(), decision=sent.decision,
            reason=sent.reason, accepted_rest=sent.draft.accepted_rest,
            started_us=started_us(connection, person, seat.seat_id), submitted_us=desk.clock(),
            active_ms=sent.draft.active_ms, right=None if score is None else score.right,
            asked=None if score is None else score.asked,
        )
        .returning(REVISIONS.c.revision)
    ).scalar_one()  # fmt: skip
    return number


def _kind(phase: str, sent: Submitting) -> str:
    """The phase that ends with it; who rejects a clip from scratch has ended altogether."""
    return "merge" if phase == "scratch" and sent.decision == "reject" else phase
