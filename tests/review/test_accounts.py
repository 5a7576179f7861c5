"""Whoever starts a queue can look after it."""

import pytest

from curate.errors import UsageError
from curate.review.accounts import first_admin, log_in, set_user, users
from curate.review.desk import Desk
from curate.review.wire import NewUser


def test_an_admin_is_made_once_and_whoever_else_was_there_first(desk: Desk) -> None:
    assert {one.role for one in users(desk.engine)} == {"annotator", "reviewer"}
    password = first_admin(desk.engine, "admin")
    assert password is not None
    assert log_in(desk, "admin", password, "here") is not None
    assert first_admin(desk.engine, "admin") is None


def test_nobody_becomes_an_admin_by_their_name(desk: Desk) -> None:
    set_user(desk.engine, NewUser(name="admin", role="annotator"))
    with pytest.raises(UsageError, match="--role admin"):
        first_admin(desk.engine, "admin")
    assert {one.role for one in users(desk.engine) if one.name == "admin"} == {"annotator"}
