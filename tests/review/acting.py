"""People at a queue whose clock is set by hand."""

from dataclasses import dataclass

from curate.review.claim import claim
from curate.review.desk import Desk, Person
from curate.review.submit import submit
from curate.review.wire import Draft, Submitted, Submitting, Work
from tests.review.made import SECOND, work_done

NAMES = ("ann", "ben", "cleo", "rita", "ruth")
REVIEWERS = ("rita", "ruth")
ANN, BEN, CLEO = (Person(name, "annotator") for name in NAMES[:3])
RITA, RUTH = (Person(name, "reviewer") for name in REVIEWERS)


@dataclass(slots=True)
class Clock:
    """The server's clock."""

    now_us: int = 1_800_000_000 * SECOND

    def __call__(self) -> int:
        return self.now_us

    def wait(self, seconds: float) -> None:
        self.now_us += int(seconds * SECOND)


def claimed(desk: Desk, person: Person, duty: str = "work") -> Work:
    """What somebody gets, where they have to get something."""
    work = claim(desk, person, duty)
    assert work is not None, f"{person.name} got nothing"
    return work


def sent(desk: Desk, person: Person, work: Work, draft: Draft | None = None, reject: str | None = None) -> Submitted:
    """Submit the work, after as long as it takes to see the clip twice."""
    clock = desk.clock
    assert isinstance(clock, Clock)
    clock.wait(10)
    body = Submitting(
        token=work.lease.token,
        draft=draft or work_done(),
        decision="caption" if reject is None else "reject",
        reason=reject,
    )
    return submit(desk, person, work.item.item_id, body)


def done(desk: Desk, person: Person, draft: Draft | None = None) -> Submitted:
    """Take what is next, and submit it."""
    return sent(desk, person, claimed(desk, person), draft)
