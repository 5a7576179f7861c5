"""Whatever people do, in whatever order: the queue does what a much simpler one would."""

from dataclasses import dataclass, field
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from curate.review import audit, queue, store
from curate.review.claim import claim
from curate.review.database import open_database, reading
from curate.review.desk import Desk, Person
from curate.review.policy import Policy
from curate.review.refusal import Late, TooLate
from curate.review.submit import submit
from curate.review.tables import REVISIONS
from curate.review.wire import Releasing, Saving, Submitting
from tests.review.acting import ANN, BEN, CLEO, RITA, Clock
from tests.review.conftest import open_accounts
from tests.review.made import CLAIMS, added, verdict, work_done
from tests.review.simulated import still_items

PEOPLE = st.sampled_from([ANN, BEN, CLEO, RITA])
ITEMS = st.integers(0, 2)
BACK = st.integers(0, 3)
LEASE_S, RELEASES = 120, 3


@dataclass(slots=True)
class Place:
    """A seat, as simple as can be."""

    holder: str | None = None
    token: str | None = None
    ends_us: int = 0
    by: str | None = None  # who submitted
    words: str | None = None


@dataclass(slots=True)
class Simple:
    """An item, as simple as can be."""

    seats: list[Place]
    state: str = "open"
    judge: Place | None = None
    releases: int = 0
    gave_back: set[str] = field(default_factory=set)
    collected: bool = False

    def places(self) -> list[Place]:
        return [*self.seats, *([self.judge] if self.judge else [])]


class Queue(RuleBasedStateMachine):
    """Three items, the first for two people; four people, one of them a reviewer."""

    @initialize()
    def start(self) -> None:
        self.clock = Clock()
        self.folder = TemporaryDirectory(prefix="queue-")
        engine = open_database(f"sqlite:///{self.folder.name}/queue.db")
        open_accounts(engine)
        self.desk = Desk(engine, Policy(second_look=0.0, second_look_accepted=0.0, releases=RELEASES), self.clock)
        store.add(engine, still_items(3))
        overlap = {0: 2}
        self.items = {f"i{n:05}": Simple([Place() for _ in range(overlap.get(n, 1))]) for n in range(3)}
        self.leases: list[tuple[Person, str, str]] = []  # person, item, token; the last is newest
        self.kept: dict[int, str] = {}
        self.marks = 0

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.desk.engine.dispose()
            self.folder.cleanup()

    @rule(seconds=st.sampled_from([1, 30, 119, 120, 121, 500]))
    def wait(self, seconds: int) -> None:
        self.clock.wait(seconds)

    @rule(person=PEOPLE, judges=st.booleans())
    def take(self, person: Person, judges: bool) -> None:
        judges = judges and person.reviews
        work = claim(self.desk, person, "adjudicate" if judges else "work")
        wanted = self._wanted(person.name, judges)
        assert (work is None) == (not wanted), (work, wanted)
        if work is None:
            return
        place = self._place(work.item.item_id, person.name, judges)
        assert work.item.item_id in wanted
        place.holder, place.token = person.name, work.lease.token
        place.ends_us = self.clock() + LEASE_S * 1_000_000
        self.leases.append((person, work.item.item_id, work.lease.token))

    @precondition(lambda self: self.leases)
    @rule(back=BACK)
    def beat(self, back: int) -> None:
        person, item_id, token = self._lease(back)
        place = self._held(item_id, token)
        try:
            queue.beat(self.desk, person, item_id, token)
        except Late:
            assert place is None
        else:
            assert place is not None
            place.ends_us = self.clock() + LEASE_S * 1_000_000

    @precondition(lambda self: self.leases)
    @rule(back=BACK, seq=st.integers(0, 5))
    def write(self, back: int, seq: int) -> None:
        person, item_id, token = self._lease(back)
        place = self._held(item_id, token)
        draft = work_done(added(self._mark()))
        try:
            queue.save(self.desk, person, item_id, Saving(token=token, seq=seq, draft=draft))
        except Late:
            assert place is None
        else:
            assert place is not None
            place.ends_us = self.clock() + LEASE_S * 1_000_000

    @precondition(lambda self: self.leases)
    @rule(back=BACK, agrees=st.booleans())
    def hand_in(self, back: int, agrees: bool) -> None:
        person, item_id, token = self._lease(back)
        place, words = self._held(item_id, token), "A bell rings." if agrees else self._mark()
        draft = work_done(*(verdict(one) for one in CLAIMS), added(words)).model_copy(
            update={"active_ms": self._next()}
        )
        try:
            told = submit(self.desk, person, item_id, Submitting(token=token, draft=draft))
        except Late as late:
            assert place is None
            if late.kept is not None:
                self.kept[late.kept] = draft.model_dump_json()
        else:
            assert place is not None
            place.by, place.words, place.holder = person.name, words, None
            assert told.state == self._settle(self.items[item_id], place)

    @precondition(lambda self: self.leases)
    @rule(back=BACK)
    def give_back(self, back: int) -> None:
        person, item_id, token = self._lease(back)
        place, item = self._held(item_id, token), self.items[item_id]
        try:
            queue.release(self.desk, person, item_id, Releasing(token=token, reason="no"))
        except Late:
            assert place is None
            return
        assert place is not None
        place.holder, place.ends_us = None, 0
        item.gave_back.add(person.name)
        item.releases += 1
        if item.state == "open" and item.releases >= RELEASES:
            item.state, item.judge = "adjudication", Place()

    @rule(person=PEOPLE, number=ITEMS)
    def take_back(self, person: Person, number: int) -> None:
        item_id = f"i{number:05}"
        item = self.items[item_id]
        mine = next((place for place in item.places() if place.by == person.name), None)
        judging = item.judge is not None and item.judge is not mine and (
            item.judge.by is not None or (item.judge.holder is not None and self.clock() < item.judge.ends_us)
        )  # fmt: skip
        try:
            work = queue.undo(self.desk, person, item_id)
        except TooLate:
            assert mine is None or item.collected or judging
            return
        assert mine is not None and not item.collected and not judging
        mine.by, mine.words, mine.holder, mine.token = None, None, person.name, work.lease.token
        mine.ends_us = self.clock() + LEASE_S * 1_000_000
        item.state = "adjudication" if mine is item.judge else "open"
        item.judge = mine if mine is item.judge else None
        self.leases.append((person, item_id, work.lease.token))

    @rule()
    def collect(self) -> None:
        got = {one.item_id for one in store.decided(self.desk.engine)}
        for item_id, item in self.items.items():
            assert (item_id in got) == (item.state == "settled")
            item.collected = item.state == "settled"

    @invariant()
    def nothing_kept_is_lost(self) -> None:
        if not getattr(self, "kept", None):
            return
        with reading(self.desk.engine) as connection:
            rows = connection.execute(select(REVISIONS.c.revision, REVISIONS.c.draft, REVISIONS.c.kind)).all()
        stored = {row.revision: row.draft for row in rows if row.kind == "orphan"}
        assert all(stored[number] == draft for number, draft in self.kept.items())

    @invariant()
    def the_chain_is_whole(self) -> None:
        if hasattr(self, "desk"):
            assert audit.broken(self.desk.engine) is None

    def _next(self) -> int:
        self.marks += 1
        return self.marks

    def _mark(self) -> str:
        return f"mark {self._next()}"

    def _lease(self, back: int) -> tuple[Person, str, str]:
        """One of the last leases, in force or not."""
        return self.leases[-1 - back % len(self.leases)]

    def _held(self, item_id: str, token: str) -> Place | None:
        item = self.items[item_id]
        if item.state == "settled":
            return None
        return next(
            (
                place for place in item.places()
                if place.token == token and place.by is None and place.holder and self.clock() < place.ends_us
            ),
            None,
        )  # fmt: skip

    def _open(self, item: Simple, judges: bool) -> list[Place]:
        """Places that are still to be filled; whoever is at one of an item under adjudication may end."""
        if judges:
            return [item.judge] if item.state == "adjudication" and item.judge and item.judge.by is None else []
        return [place for place in item.seats if place.by is None] if item.state != "settled" else []

    def _wanted(self, name: str, judges: bool) -> set[str]:
        """The items of which this person may get one."""
        own = {
            item_id for item_id, item in self.items.items()
            for place in self._open(item, judges)
            if place.holder == name and (item.state == "open" or judges or self.clock() < place.ends_us)
        }  # fmt: skip
        return own or {
            item_id for item_id, item in self.items.items()
            if (judges or item.state == "open") and name not in item.gave_back
            and not any(
                place.by == name or (place.holder == name and self.clock() < place.ends_us) for place in item.places()
            )
            and any(place.holder is None or self.clock() >= place.ends_us for place in self._open(item, judges))
        }  # fmt: skip

    def _place(self, item_id: str, name: str, judges: bool) -> Place:
        places = self._open(self.items[item_id], judges)
        own = next((place for place in places if place.holder == name), None)
        return own or next(place for place in places if place.holder is None or self.clock() >= place.ends_us)

    def _settle(self, item: Simple, place: Place) -> str:
        if place is item.judge:
            item.state = "settled"
        elif item.state == "open" and all(seat.by for seat in item.seats):
            agreed = len({seat.words for seat in item.seats}) == 1
            item.state = "settled" if agreed else "adjudication"
            item.judge = None if agreed else Place()
        return item.state


Queue.TestCase.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)
TestQueue = Queue.TestCase
