"""What the queue holds, to be taken elsewhere."""

from collections.abc import Iterator

from sqlalchemy import Engine, select

from curate.review.database import reading
from curate.review.store import collected_decisions
from curate.review.tables import CONTENTS, ITEMS
from curate.review.wire import Content, Decided, NewItem, State, Value

_BATCH = 500


def held(engine: Engine, state: State = "open") -> Iterator[NewItem]:
    """The items of one state, by id. Gold is not among them: elsewhere nobody would know that it is."""
    after = ""
    while page := _page(engine, state, after):
        yield from page
        after = page[-1].item_id


def decisions(engine: Engine) -> Iterator[tuple[NewItem, Decided]]:
    """What was decided and collected, each with its item."""
    for one in collected_decisions(engine, 0):
        value = Value(severity=1.0, disagreement=1.0)
        yield NewItem(item_id=one.item_id, mode=one.mode, content=one.content, value=value), one


def _page(engine: Engine, state: State, after: str) -> list[NewItem]:
    rows = (
        select(ITEMS.c.item_id, ITEMS.c.mode, ITEMS.c.value, ITEMS.c.overlap, CONTENTS.c.content)
        .join(CONTENTS, CONTENTS.c.item_id == ITEMS.c.item_id)
        .where(ITEMS.c.state == state, ITEMS.c.gold.is_(False), ITEMS.c.item_id > after)
        .order_by(ITEMS.c.item_id)
        .limit(_BATCH)
    )
    with reading(engine) as connection:
        found = connection.execute(rows).all()
    return [
        NewItem(
            item_id=row.item_id, mode=row.mode, content=Content.model_validate_json(row.content),
            value=Value.model_validate_json(row.value), overlap=row.overlap,
        )
        for row in found
    ]  # fmt: skip
