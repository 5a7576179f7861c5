"""How far a queue's decisions have come into the lake."""

from contextlib import suppress

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from curate.review.database import reading, writing
from curate.review.tables import META

_MINE = META.c.name == "collected"


def collected(engine: Engine) -> int:
    """The number of the last decision that the lake has; 0 before the first."""
    with reading(engine) as connection:
        found = connection.execute(select(META.c.value).where(_MINE)).scalar()
    return int(found or 0)


def set_collected(engine: Engine, number: int) -> None:
    """Say so, after the lake has it: what is given out twice is taken once. It never goes back."""
    with suppress(IntegrityError), writing(engine) as connection:  # two begin at once: the next time tells it
        known = connection.execute(select(META.c.value).where(_MINE).with_for_update()).scalar()
        if known is None:
            connection.execute(insert(META).values(name="collected", value=str(number)))
        elif int(known) < number:
            connection.execute(update(META).where(_MINE).values(value=str(number)))
