"""People who work at a queue all at once: some die half way, some write when their lease is over, no clock agrees.

What each was told is written down, and held against the database afterwards.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from multiprocessing import get_context

from sqlalchemy import Engine, func, select

from curate.review import audit, queue, store
from curate.review.accounts import set_user
from curate.review.claim import claim
from curate.review.database import open_database, reading
from curate.review.desk import Desk, Person, server_clock
from curate.review.policy import Policy
from curate.review.refusal import Late
from curate.review.submit import submit
from curate.review.tables import DECISIONS, ITEMS, LEASES, REVISIONS
from curate.review.wire import Draft, NewItem, NewUser, Saving, Submitting
from tests.review.made import new_item, work_done

LEASE_S = 3.0
DEAD, SLOW, SAVES = 0.05, 0.05, 0.3
RULES = Policy(lease_s=LEASE_S, beat_s=0.5, second_look=0.0, second_look_accepted=0.0)


@dataclass(slots=True)
class Told:
    """What one person was told by the queue."""

    name: str
    counted: dict[int, tuple[str, str]] = field(default_factory=dict)  # revision: item, mark
    kept: dict[int, tuple[str, str]] = field(default_factory=dict)  # orphan: item, mark
    deaths: int = 0


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of all of it."""

    items: int
    decided: int
    lost: int  # told that it counts, and does not; or told that it is kept, and is not
    double: int  # submits of an item beyond its seats, or a second of one person
    overtaken: int  # submits under a lease after which another had begun
    late: int
    deaths: int
    chain: int | None


def still_items(count: int) -> Iterator[NewItem]:
    """Items that take no time to look at; every tenth is for two."""
    for number in range(count):
        item = new_item(f"i{number:05}", severity=1 + number % 7, overlap=2 if number % 10 == 0 else 1)
        footage = item.content.footage.model_copy(update={"still": True})
        yield item.model_copy(update={"content": item.content.model_copy(update={"footage": footage})})


def prepare(engine: Engine, people: int, items: int) -> tuple[str, ...]:
    """Accounts and items; the names."""
    names = tuple(f"p{number:02}" for number in range(people))
    for name in names:
        set_user(engine, NewUser(name=name, role="annotator"))
    store.add(engine, still_items(items))
    return names


def work(engine: Engine, names: Sequence[str], seed: int) -> list[Told]:
    """All of them at work in threads of this process, until nothing is left."""
    with ThreadPoolExecutor(len(names)) as pool:
        return list(pool.map(lambda name: _career(engine, name, seed), names))


def work_in_processes(url: str, names: Sequence[str], processes: int) -> list[Told]:
    """The same in several processes, as several servers would be."""
    shares = [names[number::processes] for number in range(processes)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        done = pool.map(_process, [url] * processes, shares, range(processes))
        return [told for share in done for told in share]


def fate(engine: Engine, told: Sequence[Told]) -> Fate:
    """What the database has of what was told."""
    with reading(engine) as connection:
        rows = connection.execute(select(REVISIONS)).all()
        begun = connection.execute(select(LEASES.c.seat_id, LEASES.c.fence, LEASES.c.begun_us)).all()
        seats = {row.item_id: row.overlap for row in connection.execute(select(ITEMS.c.item_id, ITEMS.c.overlap))}
        decided = connection.execute(select(func.count()).select_from(DECISIONS)).scalar_one()
    real = {row.revision: (row.item_id, Draft.model_validate_json(row.draft).claims[0].critique) for row in rows}
    counted = [row for row in rows if row.kind == "work"]
    per_item = Counter(row.item_id for row in counted)
    per_person = Counter((row.item_id, row.user_name) for row in counted)
    later = _next_lease(begun)
    promised = [pair for one in told for pair in (*one.counted.items(), *one.kept.items())]
    return Fate(
        items=len(seats),
        decided=decided,
        lost=sum(real.get(number) != mark for number, mark in promised)
        + sum(max(0, wanted - per_item[item_id]) for item_id, wanted in seats.items()),
        double=sum(max(0, count - seats[item_id]) for item_id, count in per_item.items())
        + sum(count - 1 for count in per_person.values()),
        overtaken=sum(row.submitted_us > later.get((row.seat_id, row.fence), row.submitted_us) for row in counted),
        late=sum(row.kind == "orphan" for row in rows),
        deaths=sum(one.deaths for one in told),
        chain=audit.broken(engine),
    )


def _next_lease(begun: Sequence[object]) -> dict[tuple[int, int], int]:
    """When the lease after each began, by seat and fence."""
    ordered = sorted((row.seat_id, row.fence, row.begun_us) for row in begun)  # type: ignore[attr-defined]
    return {(seat, fence): after_us for (seat, fence, _), (other, _, after_us) in pairwise(ordered) if seat == other}


def _process(url: str, names: Sequence[str], seed: int) -> list[Told]:
    engine = open_database(url)
    try:
        return work(engine, names, seed)
    finally:
        engine.dispose()


def _career(engine: Engine, name: str, seed: int) -> Told:
    """Take what is next until nothing has been there for as long as a lease lasts."""
    desk, person, told = Desk(engine, RULES, server_clock), Person(name, "annotator"), Told(name)
    chance = random.Random(f"{seed} {name}")  # noqa: S311 - a simulation
    idle_since = time.monotonic()
    while time.monotonic() - idle_since < 2 * LEASE_S:
        if not _one(desk, person, told, chance):
            time.sleep(0.1 + chance.random() / 10)
        else:
            idle_since = time.monotonic()
    return told


def _one(desk: Desk, person: Person, told: Told, chance: random.Random) -> bool:
    found = claim(desk, person)
    if found is None:
        return False
    item_id, token, mark = found.item.item_id, found.lease.token, f"{person.name}-{chance.random()}"
    draft = _marked(mark)
    fate = chance.random()
    if fate < DEAD:  # and somebody of the same name comes back only when the lease is over, or another took it
        told.deaths += 1
        time.sleep(LEASE_S * (0.2 + chance.random()))
        return True
    if fate < DEAD + SLOW:
        time.sleep(LEASE_S * (0.9 + chance.random()))
    try:
        if chance.random() < SAVES:
            # the seq counts a clock of the person, which is wrong by years: only its order may matter
            seq = max(found.seq + 1, int(chance.uniform(0, 1e9)))
            queue.save(desk, person, item_id, Saving(token=token, seq=seq, draft=draft))
        told.counted[submit(desk, person, item_id, Submitting(token=token, draft=draft)).revision] = (item_id, mark)
    except Late as late:
        if late.kept is None:
            raise
        told.kept[late.kept] = (item_id, mark)
    return True


def _marked(mark: str) -> Draft:
    draft = work_done()
    first = draft.claims[0].model_copy(update={"critique": mark})
    return draft.model_copy(update={"claims": (first, *draft.claims[1:])})
