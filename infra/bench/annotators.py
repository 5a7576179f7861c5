"""What a long queue and many annotators cost, in SQLite or PostgreSQL.

    PYTHONPATH=. .venv/bin/python infra/bench/annotators.py million URL [ITEMS]
    PYTHONPATH=. .venv/bin/python infra/bench/annotators.py crowd URL [PEOPLE EACH]

`million`: how long it takes to get the next item and a page of the list, when half of a million items is settled and
people have done thousands. `crowd`: people at work all at once, some dying, some late: what is lost, what done twice.
URL: sqlite:///FILE, or postgresql+psycopg://...; an empty database.
"""

import random
import sys
import time
from collections.abc import Callable

import numpy as np
from sqlalchemy import Engine, text

from curate.review.accounts import set_user
from curate.review.claim import claim
from curate.review.database import open_database, writing
from curate.review.desk import Desk, Person
from curate.review.listing import Filter, page, waiting
from curate.review.policy import Policy
from curate.review.tables import ITEMS, SEATS
from curate.review.wire import NewUser
from tests.review.made import new_item
from tests.review.simulated import fate, prepare, work, work_in_processes

NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {last}) ",
    "postgresql": "WITH n(i) AS (SELECT generate_series(CAST(0 AS bigint), CAST({last} AS bigint))) ",
}
SCORE = "-(i * 7919 % 1000003) / 1000.0"
"""Out of order, so that the index has to be used."""
STATE = "CASE WHEN i % 20 < 10 THEN 'settled' WHEN i % 20 < 11 THEN 'adjudication' ELSE 'open' END"

DUTY = f"CASE {STATE} WHEN 'adjudication' THEN 'adjudicate' ELSE 'work' END"
SEAT = f"CASE {STATE} WHEN 'settled' THEN 'submitted' ELSE 'open' END"


def fill(engine: Engine, count: int, people: list[str]) -> None:
    """`count` items, half of them settled, each twentieth for a reviewer; of the open ones a third is for two."""
    made = new_item("made")
    numbers = NUMBERS[engine.dialect.name].format(last=count - 1)
    for name in people:
        set_user(engine, NewUser(name=name, role="reviewer"))
    indexes = [index for table in (ITEMS, SEATS) for index in table.indexes]
    with writing(engine) as connection:
        for index in indexes:  # made afterwards: far faster
            index.drop(connection)
        # SQLite takes WITH before INSERT, PostgreSQL too
        connection.execute(
            text(
                f"{numbers} INSERT INTO items (item_id, clip_id, captioner, mode, kind, state, gold, overlap, score, "  # noqa: S608
                "value, added_us, fence, releases) SELECT 'item-' || i, 'clip-' || i, 'blend', "
                "CASE i % 10 WHEN 0 THEN 'scratch' WHEN 1 THEN 'blind' ELSE 'triage' END, "
                "CASE i % 5 WHEN 0 THEN 'colour' WHEN 1 THEN 'speech' WHEN 2 THEN 'event' ELSE 'camera' END, "
                f"{STATE}, false, CASE WHEN i % 3 = 0 THEN 2 ELSE 1 END, {SCORE}, :value, 1, 0, 0 FROM n"
            ),
            {"value": made.value.model_dump_json()},
        )
        connection.execute(
            text(f"{numbers} INSERT INTO contents (item_id, content) SELECT 'item-' || i, :content FROM n"),  # noqa: S608
            {"content": made.content.model_dump_json()},
        )
        for number, where in ((0, "i >= 0"), (1, "i % 3 = 0")):
            connection.execute(
                text(
                    f"{numbers} INSERT INTO seats (item_id, number, duty, phase, state, score, fence, ends_us) "  # noqa: S608
                    f"SELECT 'item-' || i, {number}, {DUTY}, 'work', {SEAT}, {SCORE}, 0, 0 FROM n WHERE {where}"
                )
            )
        for index in indexes:
            index.create(connection)
        # the first has done one seat of each of the 5000 best items that are for two
        connection.execute(
            text(
                "UPDATE seats SET state = 'submitted', holder = :name WHERE seat_id IN (SELECT a.seat_id FROM seats a "
                "JOIN seats b ON b.item_id = a.item_id AND b.number = 1 WHERE a.number = 0 AND a.duty = 'work' "
                "AND a.state = 'open' ORDER BY a.score DESC LIMIT 5000)"
            ),
            {"name": people[0]},
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def timed(tries: int, act: Callable[[int], object]) -> str:
    """Milliseconds: half of the tries, 95 of 100, the longest; and those of this process's CPU alone."""
    taken, spent = [], []
    for number in range(tries):
        begun, cpu = time.perf_counter(), time.thread_time()
        act(number)
        spent.append(1000 * (time.thread_time() - cpu))
        taken.append(1000 * (time.perf_counter() - begun))
    half, most = np.percentile(taken, [50, 95])
    cpu_half, cpu_most = np.percentile(spent, [50, 95])
    return f"p50 {half:.1f}  p95 {most:.1f}  max {max(taken):.1f} ms; CPU p50 {cpu_half:.1f}  p95 {cpu_most:.1f} ms"


def million(engine: Engine, count: int) -> None:
    """Measure a long queue."""
    people = [f"p{number:03}" for number in range(201)]
    begun = time.perf_counter()
    desk = Desk(engine, Policy(lease_s=3600))
    if not page(desk, Filter(), None, 1).items:  # a second run measures the same queue
        fill(engine, count, people)
        print(f"{count} items, filled in {time.perf_counter() - begun:.0f} s")
    ask = [Person(name, "reviewer") for name in people]
    print("next, 200 people once       ", timed(200, lambda i: claim(desk, ask[i + 1])))
    print("the same again              ", timed(200, lambda i: claim(desk, ask[i + 1])))
    print("next for a reviewer         ", timed(100, lambda i: claim(desk, ask[i + 1], "adjudicate")))
    veteran = Desk(engine, Policy(lease_s=1e-6))
    _forget(engine, people[0])
    print("next, having done 5000 of two", timed(50, lambda i: (_forget(engine, people[0]), claim(veteran, ask[0]))))
    print("how many wait               ", timed(50, lambda _: waiting(desk, "work")))
    chance = random.Random(0)  # noqa: S311
    for told, wanted in (
        ("all", Filter()), ("open", Filter("open")), ("settled, colour", Filter("settled", None, "colour")),
        ("blind", Filter(None, "blind")), ("adjudication, scratch, event", Filter("adjudication", "scratch", "event")),
    ):  # fmt: skip
        cursor = lambda: f"{(-chance.random() * 1000).hex()} item-"  # noqa: E731
        print(f"list, {told}: first", timed(50, lambda _, w=wanted: page(desk, w, None, 50)))
        print(f"list, {told}: anywhere", timed(50, lambda _, w=wanted, c=cursor: page(desk, w, c(), 50)))


def _forget(engine: Engine, name: str) -> None:
    """Let go of what this person holds."""
    with writing(engine) as connection:
        connection.execute(
            SEATS.update().where(SEATS.c.holder == name, SEATS.c.state == "open").values(holder=None, ends_us=0)
        )


def crowd(engine: Engine, url: str, people: int, each: int) -> None:
    """Let many work, and count."""
    names = prepare(engine, people, people * each)
    begun, cpu = time.perf_counter(), time.process_time()
    shared = engine.dialect.name == "postgresql"
    told = work_in_processes(url, names, 4) if shared else work(engine, names, 1)
    taken, spent = time.perf_counter() - begun, time.process_time() - cpu
    print(fate(engine, told))
    print(f"{people * each} items in {taken:.0f} s: {people * each / taken:.0f} a second" + (
        "" if shared else f", {1000 * spent / people / each:.1f} ms of CPU each"))  # fmt: skip


def main() -> None:
    """See the top."""
    what, url, *counts = sys.argv[1:]
    engine = open_database(url)
    if what == "million":
        million(engine, int(counts[0]) if counts else 1_000_000)
    else:
        crowd(engine, url, *(int(count) for count in counts or ("50", "200")))
    engine.dispose()


if __name__ == "__main__":
    main()
