"""What was taken down leaves the queue: its items are withdrawn, and nothing of what was said of it is kept."""

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, Engine, delete, select, update

from curate.review import store
from curate.review.database import reading, writing
from curate.review.tables import CONTENTS, DRAFTS, ITEMS, LEASES, REVISIONS, SEATS, TRUTHS
from curate.review.wire import Content, Draft

TAKEN_DOWN = "taken down"
"""Why an item is withdrawn; it also stands for what people wrote of it."""


def remove(engine: Engine, media: Collection[str]) -> int:
    """Withdraw the items of these media, and blank their words for good; how many were in the queue.

    Who did something, and when, stays: the chain of the audit and the numbers of decisions go on from it. What comes
    too late is kept as of any other item, until this is done again.
    """
    doomed = list(_items(engine, media)) if media else []
    for item_id in doomed:
        with writing(engine) as connection:
            _blank(connection, item_id)
    return store.withdraw(engine, doomed, TAKEN_DOWN)


def _items(engine: Engine, media: Collection[str]) -> Iterator[str]:
    rows = select(ITEMS.c.item_id, ITEMS.c.clip_id).execution_options(yield_per=5000)
    with reading(engine) as connection:
        for item_id, clip_id in connection.execute(rows):
            if clip_id.partition("/")[0] in media:
                yield item_id


def _blank(connection: Connection, item_id: str) -> None:
    seats = select(SEATS.c.seat_id).where(SEATS.c.item_id == item_id)
    connection.execute(delete(DRAFTS).where(DRAFTS.c.seat_id.in_(seats)))
    connection.execute(delete(TRUTHS).where(TRUTHS.c.item_id == item_id))
    mine = update(REVISIONS).where(REVISIONS.c.item_id == item_id)
    connection.execute(mine.values(draft=Draft().model_dump_json()))
    connection.execute(mine.where(REVISIONS.c.reason.is_not(None)).values(reason=TAKEN_DOWN))
    given_back = update(LEASES).where(LEASES.c.item_id == item_id, LEASES.c.released.is_not(None))
    connection.execute(given_back.values(released=TAKEN_DOWN))
    told = select(CONTENTS.c.content).where(CONTENTS.c.item_id == item_id)
    content = Content.model_validate_json(connection.execute(told).scalar_one())
    nothing = {"claims": (), "dense": "", "failed": (), "questions": (), "title": None}
    blank = content.model_copy(update=nothing).model_dump_json()
    connection.execute(update(CONTENTS).where(CONTENTS.c.item_id == item_id).values(content=blank))
