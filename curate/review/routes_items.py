"""Requests for the list of items, their story, and their footage."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import select
from starlette.responses import FileResponse

from curate.review.database import reading
from curate.review.desk import Desk, Person
from curate.review.door import Asking, InRoom, Reviewing
from curate.review.listing import Filter, page, remember_look, story
from curate.review.refusal import Absent, Barred
from curate.review.showing import shows_footage
from curate.review.tables import ITEMS, SEATS
from curate.review.wire import ItemPage, ItemStory, State
from schemas.caption import Mode

ROUTES = APIRouter(prefix="/api/items")

_CACHED = {"Cache-Control": "private, max-age=3600"}


@ROUTES.get("")
def items(
    at: InRoom, _: Reviewing, state: State | None = None, mode: Mode | None = None,
    kind: Annotated[str | None, Query(max_length=200)] = None,
    after: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ItemPage:  # fmt: skip
    """A page of the list."""
    return page(at.desk, Filter(state, mode, kind), after, limit)


@ROUTES.get("/{item_id}")
def item(at: InRoom, person: Reviewing, item_id: str) -> ItemStory:
    """One item with all its revisions."""
    return story(at.desk, person, item_id)


@ROUTES.get("/{item_id}/footage.mp4")
def footage(at: InRoom, person: Asking, item_id: str) -> FileResponse:
    """The proxy, in ranges."""
    path = at.clips.mp4_path(_clip(at.desk, person, item_id))
    return FileResponse(path, media_type="video/mp4", headers=_CACHED)


@ROUTES.get("/{item_id}/peaks")
def peaks(at: InRoom, person: Asking, item_id: str) -> Response:
    """Pairs of int8 (lowest, highest); `X-Peaks-Hz` pairs a second."""
    rate_hz, pairs = at.clips.peaks(_clip(at.desk, person, item_id))
    return Response(pairs, media_type="application/octet-stream", headers=_CACHED | {"X-Peaks-Hz": str(rate_hz)})


@ROUTES.get("/{item_id}/thumbs.jpg")
def thumbs(at: InRoom, person: Asking, item_id: str) -> Response:
    """A strip of thumbnails; `X-Thumbs` of them side by side."""
    count, jpeg = at.clips.thumbs(_clip(at.desk, person, item_id))
    return Response(jpeg, media_type="image/jpeg", headers=_CACHED | {"X-Thumbs": str(count)})


def _clip(desk: Desk, person: Person, item_id: str) -> str:
    """The clip of an item whose footage this person may see now: they hold it, or review it; never while blind."""
    with reading(desk.engine) as connection:
        clip_id: str | None = connection.execute(select(ITEMS.c.clip_id).where(ITEMS.c.item_id == item_id)).scalar()
        seats = connection.execute(
            select(SEATS.c.phase, SEATS.c.ends_us).join(ITEMS, ITEMS.c.item_id == SEATS.c.item_id).where(
                ITEMS.c.clip_id == clip_id, SEATS.c.holder == person.name, SEATS.c.state == "open",
                (SEATS.c.item_id == item_id) | (SEATS.c.phase == "blind"),
            )
        ).all()  # fmt: skip
    phases = [seat.phase for seat in seats if seat.ends_us > desk.clock()]
    if clip_id is None:
        raise Absent("there is no such item")
    if not all(shows_footage(phase) for phase in phases):
        raise Barred("a blind reader sees the text alone")
    if not phases and not person.reviews:
        raise Barred("you do not hold this item")
    if not any(shows_footage(seat.phase) for seat in seats):  # a page whose lease has just run out asks on
        remember_look(desk, person, clip_id)
    return clip_id
