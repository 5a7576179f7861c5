"""What holds in SQLite holds in PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from curate.errors import UsageError
from curate.review import audit, queue, store
from curate.review.claim import claim
from curate.review.collected import collected, set_collected
from curate.review.database import open_database
from curate.review.desk import Desk
from curate.review.figures import figures
from curate.review.listing import Filter, page, story, waiting
from curate.review.policy import Policy
from curate.review.refusal import Late
from curate.review.wire import Releasing, Saving
from tests.review.acting import ANN, BEN, CLEO, NAMES, RITA, Clock, claimed, done, sent
from tests.review.conftest import open_accounts
from tests.review.made import CLAIMS, added, new_item, verdict, work_done
from tests.servers.postgresql import Postgresql

pytestmark = pytest.mark.integration


@pytest.fixture
def desk(postgresql: Postgresql, clock: Clock) -> Iterator[Desk]:
    engine = open_database(postgresql.fresh())
    open_accounts(engine)
    yield Desk(engine, Policy(second_look=0.0, second_look_accepted=0.0), clock)
    engine.dispose()


def test_an_item_for_two_from_claim_to_the_lake(desk: Desk, clock: Clock) -> None:
    store.add(desk.engine, [new_item("a", overlap=2), new_item("b", severity=0.2)])
    work = claimed(desk, ANN)
    queue.save(desk, ANN, "a", Saving(token=work.lease.token, seq=3, draft=work_done(added("mine"))))
    clock.wait(121)
    with pytest.raises(Late) as late:
        sent(desk, ANN, work)
    assert late.value.kept is not None
    assert claimed(desk, ANN).draft == work_done(added("mine"))
    done(desk, ANN)
    sent(desk, ANN, queue.undo(desk, ANN, "a"), work_done())
    assert claimed(desk, BEN).item.item_id == "a"
    assert done(desk, BEN, work_done(*(verdict(shown) for shown in CLAIMS), added("theirs"))).state == "adjudication"
    assert done(desk, BEN).state == "settled"
    assert len(claimed(desk, RITA, "adjudicate").item.others) == 2
    sent(desk, RITA, claimed(desk, RITA, "adjudicate"))
    assert [(one.item_id, one.settled_by, one.number) for one in store.decided(desk.engine)] == [
        ("b", "one", 1), ("a", "adjudication", 2),
    ]  # fmt: skip
    assert [one.kind for one in story(desk, RITA, "a").revisions] == ["orphan", "work", "work", "work", "adjudicate"]
    assert figures(desk.engine, 100).submits == 4
    assert [row.item_id for row in page(desk, Filter("settled"), None, 10).items] == ["a", "b"]
    assert audit.broken(desk.engine) is None


def test_given_back_and_withdrawn(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a")])
    for person in (ANN, BEN, CLEO):
        queue.release(desk, person, "a", Releasing(token=claimed(desk, person).lease.token, reason="too hard"))
    assert (waiting(desk, "work"), waiting(desk, "adjudicate")) == (0, 1)
    assert store.withdraw(desk.engine, ["a"], "taken down") == 1
    assert claim(desk, RITA, "adjudicate") is None


def test_two_requests_of_one_person_at_once_never_get_both_seats(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a", overlap=2), new_item("b", severity=0.2, overlap=2)])
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: claim(desk, ANN), range(16)))
    assert {work.item.item_id for work in got if work} == {"a"}
    assert len({work.lease.fence for work in got if work}) == 16
    assert waiting(desk, "work") == 3


def test_writers_at_once_do_not_fork_the_chain(desk: Desk) -> None:
    def write(number: int) -> None:
        store.add(desk.engine, [new_item(f"i{number}")])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    assert audit.broken(desk.engine) is None
    numbers = [entry.number for entry in audit.entries(desk.engine, 0, 100)]
    assert numbers == list(range(1, len(NAMES) + 40 + 1))


def test_another_kind_of_database_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="mysql"):
        open_database("mysql://localhost/queue")


def test_collectors_at_once_stop_nobody_and_take_nothing_back(desk: Desk) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: set_collected(desk.engine, number), range(1, 41)))
    set_collected(desk.engine, 40)
    set_collected(desk.engine, 7)
    assert collected(desk.engine) == 40
