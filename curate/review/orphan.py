"""Writes that came too late: they change nothing, and nothing of them is lost."""

from sqlalchemy import Connection, insert, select, update

from curate.review.desk import Desk, Person
from curate.review.lease import Held, started_us
from curate.review.tables import REVISIONS
from curate.review.wire import Draft, Saving, Submitting


def orphan_draft(connection: Connection, desk: Desk, person: Person, lease: Held, saving: Saving) -> int:
    """Keep a late draft: the newest of each lease. Its number."""
    kept = connection.execute(
        select(REVISIONS.c.revision, REVISIONS.c.seq).where(
            REVISIONS.c.lease == lease.digest, REVISIONS.c.kind == "orphan", REVISIONS.c.seq.is_not(None)
        )
    ).first()
    if kept is None:
        return _insert(connection, desk, person, lease, saving.draft, saving.seq)
    if saving.seq > kept.seq:
        connection.execute(
            update(REVISIONS)
            .where(REVISIONS.c.revision == kept.revision)
            .values(
                draft=saving.draft.model_dump_json(), seq=saving.seq, submitted_us=desk.clock(),
                active_ms=saving.draft.active_ms, accepted_rest=saving.draft.accepted_rest,
            )
        )  # fmt: skip
    number: int = kept.revision
    return number


def orphan_submit(connection: Connection, desk: Desk, person: Person, lease: Held, sent: Submitting) -> int:
    """Keep a late submit; one that is sent again is kept once. Its number."""
    kept = connection.execute(
        select(REVISIONS.c.revision).where(
            REVISIONS.c.lease == lease.digest, REVISIONS.c.kind == "orphan", REVISIONS.c.decision == sent.decision,
            REVISIONS.c.draft == sent.draft.model_dump_json(),
        )
    ).scalar()  # fmt: skip
    if kept is not None:
        return int(kept)
    return _insert(connection, desk, person, lease, sent.draft, None, (sent.decision, sent.reason))


def _insert(
    connection: Connection, desk: Desk, person: Person, lease: Held, draft: Draft, seq: int | None,
    decided: tuple[str | None, str | None] = (None, None),
) -> int:  # fmt: skip
    number: int = connection.execute(
        insert(REVISIONS)
        .values(
            item_id=lease.seat.item_id, seat_id=lease.seat.seat_id, user_name=person.name, lease=lease.digest,
            fence=lease.fence, kind="orphan", seq=seq, draft=draft.model_dump_json(), decision=decided[0],
            reason=decided[1], accepted_rest=draft.accepted_rest,
            started_us=started_us(connection, person, lease.seat.seat_id), submitted_us=desk.clock(),
            active_ms=draft.active_ms,
        )
        .returning(REVISIONS.c.revision)
    ).scalar_one()  # fmt: skip
    return number
