"""A long queue is never read as a whole: the statements walk along an index, and stop where they have enough."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, Select, text

from curate.review import store
from curate.review.claim import free, open_seats
from curate.review.database import open_database, reading, writing
from curate.review.listing import Filter, listed
from tests.review.conftest import open_accounts
from tests.review.made import new_item
from tests.servers.postgresql import Postgresql

LISTS = [
    Filter(), Filter("open"), Filter(mode="blind"), Filter(kind="colour"), Filter("open", "triage"),
    Filter("open", None, "colour"), Filter(None, "scratch", "colour"), Filter("settled", "scratch", "colour"),
]  # fmt: skip
CURSOR = "-0x1.0p+9 item"


def _filled(engine: Engine, count: int) -> Engine:
    open_accounts(engine)
    modes = ("triage", "scratch", "blind")
    store.add(engine, (new_item(f"i{n}", modes[n % 3], severity=1 + n % 17, overlap=1 + n % 2) for n in range(count)))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return engine


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = _filled(open_database(f"sqlite:///{tmp_path_factory.mktemp('long') / 'queue.db'}"), 600)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def postgres(postgresql: Postgresql) -> Iterator[Engine]:
    engine = _filled(open_database(postgresql.fresh()), 3000)
    yield engine
    engine.dispose()


def _plan(engine: Engine, statement: Select[tuple[object, ...]]) -> str:
    word = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    written = str(statement.compile(engine, compile_kwargs={"literal_binds": True}))
    with reading(engine) as connection:
        rows = connection.exec_driver_sql(f"{word} {written}".replace("%", "%%"))
        return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize("duty", ["work", "adjudicate"])
def test_the_next_item_is_found_along_an_index_in_sqlite(sqlite: Engine, duty: str) -> None:
    plan = _plan(sqlite, free(1, "ann", duty))
    assert "seats_next" in plan
    assert "TEMP B-TREE" not in plan
    assert "SCAN items" not in plan


@pytest.mark.parametrize("wanted", LISTS, ids=str)
@pytest.mark.parametrize("after", [None, CURSOR])
def test_a_page_of_the_list_is_found_along_an_index_in_sqlite(
    sqlite: Engine, wanted: Filter, after: str | None
) -> None:
    plan = _plan(sqlite, listed(wanted, after, 50))
    assert "USING INDEX items_by" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.integration
def test_the_next_item_is_found_along_an_index_in_postgresql(postgres: Engine) -> None:
    plan = _plan(postgres, free(1, "ann", "work"))
    assert "Index Scan using seats_next" in plan
    assert "Sort" not in plan
    assert "Seq Scan on seats" not in plan
    assert "Seq Scan on items" not in plan


@pytest.mark.integration
@pytest.mark.parametrize("wanted", LISTS[:7], ids=str)
def test_a_page_of_the_list_is_found_along_an_index_in_postgresql(postgres: Engine, wanted: Filter) -> None:
    plan = _plan(postgres, listed(wanted, None, 50))
    assert "using items_by" in plan
    assert "Seq Scan" not in plan


def test_counting_what_waits_stops(sqlite: Engine) -> None:
    assert "seats_next" in _plan(sqlite, open_seats(1, "work").limit(1000))


def test_the_control_without_the_index_reads_all(tmp_path: Path) -> None:
    engine = _filled(open_database(f"sqlite:///{tmp_path / 'queue.db'}"), 50)
    with writing(engine) as connection:
        connection.execute(text("DROP INDEX seats_next"))
    assert "TEMP B-TREE" in _plan(engine, free(1, "ann", "work"))
    engine.dispose()
