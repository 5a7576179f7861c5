"""Requests of those who work on items."""

from fastapi import APIRouter, Response

from curate.review import queue
from curate.review.claim import claim
from curate.review.door import Acting, InRoom
from curate.review.submit import submit
from curate.review.wire import Beating, LeaseShown, Releasing, Saved, Saving, Submitted, Submitting, Wanted, Work

ROUTES = APIRouter(prefix="/api")


@ROUTES.post("/next", responses={204: {"description": "nothing is to be done"}})
def next_work(at: InRoom, person: Acting, wanted: Wanted) -> Work:
    """The work that is worth most to this person."""
    work = claim(at.desk, person, wanted.phase or "work")
    return work if work is not None else Response(status_code=204)  # type: ignore[return-value]  # as FastAPI has it


@ROUTES.post("/items/{item_id}/beat")
def beat(at: InRoom, person: Acting, item_id: str, beating: Beating) -> LeaseShown:
    """The page is alive."""
    return queue.beat(at.desk, person, item_id, beating.token)


@ROUTES.put("/items/{item_id}/draft")
def save(at: InRoom, person: Acting, item_id: str, saving: Saving) -> Saved:
    """Keep a draft."""
    return Saved(seq=queue.save(at.desk, person, item_id, saving))


@ROUTES.post("/items/{item_id}/submit")
def hand_in(at: InRoom, person: Acting, item_id: str, sent: Submitting) -> Submitted:
    """The person is done."""
    return submit(at.desk, person, item_id, sent)


@ROUTES.post("/items/{item_id}/release", status_code=204)
def release(at: InRoom, person: Acting, item_id: str, releasing: Releasing) -> None:
    """Give the item back."""
    queue.release(at.desk, person, item_id, releasing)


@ROUTES.post("/items/{item_id}/undo")
def undo(at: InRoom, person: Acting, item_id: str) -> Work:
    """Take one's own submit back."""
    return queue.undo(at.desk, person, item_id)
