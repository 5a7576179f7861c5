"""Items in, decisions out: what fills and empties the queue."""

import json
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from curate.review.ageing import score
from curate.review.audit import note
from curate.review.database import reading, writing
from curate.review.policy import Policy
from curate.review.tables import CONTENTS, DECISIONS, ITEMS, REVISIONS, SEATS, TRUTHS
from curate.review.wire import ClaimWork, Content, Decided, Draft, NewItem, State

UNDECIDED: tuple[State, ...] = ("open", "adjudication")
_IN: tuple[State, ...] = (*UNDECIDED, "settled")
_BATCH = 500
_WHO = "retold"


def add(engine: Engine, items: Iterable[NewItem], policy: Policy | None = None) -> int:
    """Put items into the queue; how many were not there yet. Those that are there are left as they are."""
    rest, added = iter(items), 0
    doubling_s = (policy or Policy()).doubling_s
    while batch := list(islice(rest, _BATCH)):
        with writing(engine) as connection:
            fresh = _fresh(connection, batch)
            if fresh:
                _insert(connection, fresh, _now_us(), doubling_s)
                note(connection, _now_us(), _WHO, "add", None, {"items": len(fresh)})
        added += len(fresh)
    return added


def withdraw(engine: Engine, item_ids: Iterable[str], reason: str, states: Collection[State] = _IN) -> int:
    """Take items in one of `states` out of the queue, for good; how many there were. Nothing of them is given out."""
    count = 0
    for item_id in item_ids:
        with writing(engine) as connection:
            found = connection.execute(
                update(ITEMS).where(ITEMS.c.item_id == item_id, ITEMS.c.state.in_(states)).values(state="withdrawn")
            )
            if found.rowcount:
                _close(connection, item_id)
                note(connection, _now_us(), _WHO, "withdraw", item_id, {"reason": reason})
                count += 1
    return count


def decided(engine: Engine, after: int = 0) -> Iterator[Decided]:
    """What was decided since `after`, in order of `number`. What has been given out cannot be undone any more.

    Numbers are given out here, so one that is lower than another never appears after it.
    """
    with writing(engine) as connection:
        _number(connection)
    yield from collected_decisions(engine, after)


def collected_decisions(engine: Engine, after: int = 0) -> Iterator[Decided]:
    """What has a number already: what `decided` has given out."""
    while page := _decided(engine, after):
        yield from page
        after = page[-1].number


def _now_us() -> int:
    return time.time_ns() // 1000


def _fresh(connection: Connection, batch: Sequence[NewItem]) -> list[NewItem]:
    by_id = {item.item_id: item for item in batch}
    there = set(connection.execute(select(ITEMS.c.item_id).where(ITEMS.c.item_id.in_(by_id))).scalars())
    return [item for item_id, item in by_id.items() if item_id not in there]


def _insert(connection: Connection, items: Sequence[NewItem], now_us: int, doubling_s: float) -> None:
    scores = {item.item_id: score(item.value, now_us, doubling_s) for item in items}
    connection.execute(
        insert(ITEMS),
        [
            {
                "item_id": item.item_id, "clip_id": item.content.clip_id, "captioner": item.content.captioner,
                "mode": item.mode, "kind": item.content.failed[0].axis if item.content.failed else None,
                "state": "open", "gold": item.planted is not None, "overlap": item.overlap,
                "score": scores[item.item_id], "value": item.value.model_dump_json(), "added_us": now_us,
                "fence": 0, "releases": 0,
            }
            for item in items
        ],
    )  # fmt: skip
    connection.execute(
        insert(CONTENTS), [{"item_id": item.item_id, "content": item.content.model_dump_json()} for item in items]
    )
    if truths := [_truth(item) for item in items if item.truths or item.planted is not None]:
        connection.execute(insert(TRUTHS), truths)
    connection.execute(insert(SEATS), [seat for item in items for seat in _seats(item, scores[item.item_id])])


def _truth(item: NewItem) -> dict[str, str | None]:
    planted = None if item.planted is None else json.dumps([error.model_dump() for error in item.planted])
    return {"item_id": item.item_id, "planted": planted, "truths": json.dumps(item.truths)}


def _seats(item: NewItem, worth: float) -> Iterator[dict[str, str | int | float]]:
    phase = {"triage": "work", "scratch": "scratch", "blind": "blind"}[item.mode]
    for number in range(item.overlap):
        yield {
            "item_id": item.item_id, "number": number, "duty": "work", "phase": phase, "state": "open",
            "score": worth, "fence": 0, "ends_us": 0,
        }  # fmt: skip


def _close(connection: Connection, item_id: str) -> None:
    connection.execute(update(SEATS).where(SEATS.c.item_id == item_id, SEATS.c.state == "open").values(state="closed"))
    connection.execute(delete(DECISIONS).where(DECISIONS.c.item_id == item_id, DECISIONS.c.number.is_(None)))


def _number(connection: Connection) -> None:
    waiting = connection.execute(
        select(DECISIONS.c.item_id)
        .where(DECISIONS.c.number.is_(None))
        .order_by(DECISIONS.c.decided_us, DECISIONS.c.item_id)
        .with_for_update()
    ).scalars()
    ids = list(waiting)
    if not ids:
        return
    last = connection.execute(select(func.max(DECISIONS.c.number))).scalar() or 0
    for number, item_id in enumerate(ids, last + 1):
        connection.execute(update(DECISIONS).where(DECISIONS.c.item_id == item_id).values(number=number))
    note(connection, _now_us(), _WHO, "collect", None, {"decisions": len(ids), "last": last + len(ids)})


def _decided(engine: Engine, after: int) -> list[Decided]:
    joined = (
        select(
            DECISIONS, ITEMS.c.mode, CONTENTS.c.content, REVISIONS.c.draft, REVISIONS.c.decision, REVISIONS.c.reason,
            REVISIONS.c.started_us, REVISIONS.c.submitted_us, REVISIONS.c.active_ms,
        )
        .join(ITEMS, ITEMS.c.item_id == DECISIONS.c.item_id)
        .join(CONTENTS, CONTENTS.c.item_id == DECISIONS.c.item_id)
        .join(REVISIONS, REVISIONS.c.revision == DECISIONS.c.revision)
        .where(DECISIONS.c.number > after, ITEMS.c.state != "withdrawn")
        .order_by(DECISIONS.c.number)
        .limit(_BATCH)
    )  # fmt: skip
    with reading(engine) as connection:
        rows = connection.execute(joined).all()
    made: list[Decided] = []
    for row in rows:
        draft, content = Draft.model_validate_json(row.draft), Content.model_validate_json(row.content)
        made.append(
            Decided(
                number=row.number, item_id=row.item_id, revision=row.revision, mode=row.mode, decision=row.decision,
                reason=row.reason, settled_by=row.settled_by, reviewers=tuple(json.loads(row.reviewers)),
                content=content, claims=_claims(draft, content, row.decision), notes=draft.notes,
                started_us=row.started_us, submitted_us=row.submitted_us, active_ms=row.active_ms,
                accepted_rest=draft.accepted_rest,
            )
        )  # fmt: skip
    return made


def _claims(draft: Draft, content: Content, decision: str) -> tuple[ClaimWork, ...]:
    """All claims of what was decided; those that nobody judged by themselves are `unseen`, as they were."""
    if decision == "reject":
        return draft.claims
    judged = {work.claim_id for work in draft.claims}
    rest = (
        ClaimWork(
            claim_id=claim.claim_id, status="unseen", facet=claim.facet, start_us=claim.start_us,
            end_us=claim.end_us, text=claim.text,
        )
        for claim in content.claims
        if claim.claim_id not in judged
    )  # fmt: skip
    return (*draft.claims, *rest)
