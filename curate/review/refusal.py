"""Why the queue does not do what it was asked to.

Refusal
├── Absent       404: there is no such item
├── Barred       403: not for this person, or not now
├── Late         409: the lease has ended; what came is kept
├── TooLate      409: somebody has gone on from it
└── Incomplete   422: what a submit lacks, in words
"""

from typing import ClassVar

from curate.errors import RetoldError
from curate.review.wire import Problem


class Refusal(RetoldError):
    """A request that is not done; `problem` says why."""

    status: ClassVar[int]

    @property
    def problem(self) -> Problem:
        return Problem(error=str(self))


class Absent(Refusal):
    status = 404


class Barred(Refusal):
    status = 403


class Late(Refusal):
    """The lease has ended. `kept`: the number of the orphan revision, where there was something to keep."""

    status = 409

    def __init__(self, kept: int | None) -> None:
        super().__init__("your lease of this item has ended" + ("; your work is kept" if kept else ""))
        self.kept = kept

    @property
    def problem(self) -> Problem:
        return Problem(error=str(self), kept=self.kept)


class TooLate(Refusal):
    status = 409


class Incomplete(Refusal):
    status = 422

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__("something is missing")
        self.missing = missing

    @property
    def problem(self) -> Problem:
        return Problem(error=str(self), missing=self.missing)
