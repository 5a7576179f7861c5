"""Fifty people at one queue, some dying, some late: nothing is lost, and nothing is done twice."""

from pathlib import Path

import pytest

from curate.review.database import open_database
from curate.review.lease import Held
from tests.review.simulated import Fate, fate, prepare, work, work_in_processes
from tests.servers.postgresql import Postgresql

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

PEOPLE, ITEMS = 50, 200
# 50 people with 200 items each: infra/bench/annotators.py


def _nothing_lost_nothing_double(found: Fate) -> None:
    assert (found.lost, found.double, found.overtaken, found.chain) == (0, 0, 0, None), found
    assert found.decided == found.items == ITEMS
    assert found.deaths > 2
    assert found.late > 2


def test_in_sqlite(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'queue.db'}")
    names = prepare(engine, PEOPLE, ITEMS)
    _nothing_lost_nothing_double(fate(engine, work(engine, names, 1)))
    engine.dispose()


def test_in_postgresql_with_several_servers(postgresql: Postgresql) -> None:
    url = postgresql.fresh()
    engine = open_database(url)
    names = prepare(engine, PEOPLE, ITEMS)
    _nothing_lost_nothing_double(fate(engine, work_in_processes(url, names, 2)))
    engine.dispose()


def test_without_leases_it_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: every write is taken for one with a lease."""
    monkeypatch.setattr(Held, "holds", lambda lease, now_us: True)
    engine = open_database(f"sqlite:///{tmp_path / 'queue.db'}")
    found = fate(engine, work(engine, prepare(engine, PEOPLE, 150), 1))
    assert found.double > 0
    assert found.overtaken > 0
    engine.dispose()
