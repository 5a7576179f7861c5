"""How far a queue's decisions have come into the lake."""

from sqlalchemy import Engine, delete, insert, select

from curate.review.database import reading, writing
from curate.review.tables import META

_NAME = "collected"


def collected(engine: Engine) -> int:
    """The number of the last decision that the lake has; 0 before the first."""
    with reading(engine) as connection:
        found = connection.execute(select(META.c.value).where(META.c.name == _NAME)).scalar()
    return int(found or 0)


def set_collected(engine: Engine, number: int) -> None:
    """Say so, after the lake has it: what is given out twice is taken once."""
    with writing(engine) as connection:
        connection.execute(delete(META).where(META.c.name == _NAME))
        connection.execute(insert(META).values(name=_NAME, value=str(number)))
