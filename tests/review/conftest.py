"""A queue to work on: in SQLite for unit tests, in both databases where `any_engine` is asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from curate.review.accounts import set_user
from curate.review.database import open_database
from curate.review.desk import Desk
from curate.review.policy import Policy
from curate.review.wire import NewUser
from tests.review.acting import NAMES, REVIEWERS, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    """A queue in SQLite with accounts, a clock that is set by hand, and no second looks."""
    engine = open_database(f"sqlite:///{tmp_path / 'queue.db'}")
    open_accounts(engine)
    yield Desk(engine, Policy(second_look=0.0, second_look_accepted=0.0), clock)
    engine.dispose()


def open_accounts(engine: Engine) -> None:
    """Accounts without passwords: hashing them takes long."""
    for name in NAMES:
        set_user(engine, NewUser(name=name, role="reviewer" if name in REVIEWERS else "annotator"))
