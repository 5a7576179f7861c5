"""A database that cannot be had is a sentence, and no secret is told by it."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import IntegrityError

from curate.errors import UsageError
from curate.review.database import open_database, writing
from curate.review.desk import Desk
from curate.review.tables import SESSIONS


@pytest.mark.parametrize(
    "url",
    [
        "hunter2",
        "postgresql+psycopg://u:hunter2@127.0.0.1:port/x",
        "postgresql+psycopg://u:hunter2@127.0.0.1:1/x",
        "postgresql+nothing://u:hunter2@127.0.0.1/x",
        "mysql://u:hunter2@127.0.0.1/x",
    ],
)
def test_what_cannot_be_opened_is_told_without_its_password(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        open_database(url)
    assert "hunter2" not in str(refused.value)


def test_a_file_that_cannot_be_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        open_database(f"sqlite:///{tmp_path / 'nowhere' / 'queue.db'}")


def test_a_statement_that_fails_does_not_tell_its_values(desk: Desk) -> None:
    engine: Engine = desk.engine
    row = {"digest": "d", "user_name": "nobody", "csrf": "hunter2", "ends_us": 1}
    with pytest.raises(IntegrityError) as failed, writing(engine) as connection:
        connection.execute(insert(SESSIONS).values(row))
    assert "hunter2" not in str(failed.value)
