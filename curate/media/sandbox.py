"""Run a stage on hostile rows inside a child process that may crash, hang or swell without harm."""

import contextlib
import threading
from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

from curate.errors import (
    Compromised,
    Crashed,
    LakeError,
    RecipeError,
    RowError,
    TooLarge,
    TooLong,
    UsageError,
)
from curate.media.answer import Broken, Misused, Ready, Strange, Swelled, answers, checked
from curate.media.confine import Confinement
from curate.media.limits import MIB, Limits, deadline_s, load
from curate.media.process import MOST_THREADS, Child, Crowded, Died, Garbled, Late, Swollen, Verbose
from curate.media.reach import Reach, machine_reach, row_reach
from curate.stage import Identified, Outcome, Stage

I = TypeVar("I", bound=Identified)  # noqa: E741
O = TypeVar("O")  # noqa: E741
A = TypeVar("A")
_USAGE = {kind.__name__: kind for kind in (UsageError, RecipeError, LakeError)}


class BrokenStage(Exception):
    """A stage has a bug or could not be opened; carries the child's traceback."""


class Isolated(Generic[I, O]):
    """A stage opened in a child process; calling it is calling what `stage.open()` returns.

    The child starts with the first row, lives from call to call, and ends with `close()`, with a generator that is
    closed or raises, with this object, or with this process. A row that kills its child, or of which the child says
    something else than its outcome, is tried once more in a fresh one. Not for several threads at once, but for
    `abandon()`. `confinement` says what holds the last child; None before there was one. A child opens no file but what
    `reach.py` says of its stage and its rows: for a row elsewhere it is replaced.
    """

    def __init__(self, stage: Stage[I, O], limits: Limits, network: bool = False) -> None:
        self._stage = stage
        self._limits, self._network = limits, network
        self._given_up = threading.Event()
        self._answers = answers(stage.gives)
        self._child: Child | None = None
        self._reach: Reach | None = None
        self._rows = 0
        self.confinement: Confinement | None = None

    def __call__(self, rows: Iterable[I]) -> Iterator[Outcome[O]]:
        try:
            for row in rows:
                try:
                    outcome = self._outcome(row)
                except RowError as error:
                    outcome = Outcome(row.id, (), error.failure)
                yield outcome
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the child; the next row starts another."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def abandon(self) -> None:
        """From another thread: end the child and have its row raise `Abandoned`, now and for ever."""
        self._given_up.set()

    def _outcome(self, row: I) -> Outcome[O]:
        try:
            return self._ask(row)
        except (Died, Garbled, Strange):  # perhaps by what an earlier row has left in the child
            self.close()
        try:
            return self._ask(row, last=True)
        except Died as how:
            raise Crashed(f"{self._stage.name} crashed twice: its process {how}, on {load(row)}") from None
        except (Garbled, Strange) as what:
            self.close()
            raise Compromised(f"{self._stage.name} gave twice what is no answer to its row: {what}") from None

    def _ask(self, row: I, last: bool = False) -> Outcome[O]:
        child, work, limits = self._opened(row_reach(row)), load(row), self._limits
        allowed_s = deadline_s(limits, work)
        self._rows += 1
        try:
            answer = child.ask(row, allowed_s, self._answers)
        except Late:
            detail = f"{self._stage.name} took longer than {allowed_s:g} s for {work}"
            raise TooLong(f"{detail}; raise its deadline if such media are wanted") from None
        except Swollen:
            raise self._too_large(f"more than {limits.memory_bytes / MIB:.0f} MiB of memory", work) from None
        except Crowded:
            raise self._too_large(f"more than {MOST_THREADS} threads", work) from None
        except Verbose:
            raise self._too_large(f"an output of more than {limits.output_bytes / MIB:.0f} MiB", work) from None
        finally:
            self._retire(child)
        if isinstance(answer, Swelled):
            self.close()
            raise self._too_large(f"more than {limits.memory_bytes / MIB:.0f} MiB of memory", work)
        if not (last or isinstance(answer, Outcome)):
            raise Strange(type(answer).__name__)
        return checked(self._said(answer, Outcome, f" on {row.id}"), row)

    def _too_large(self, what: str, work: object) -> TooLarge:
        return TooLarge(f"{self._stage.name} would take {what} for {work}; raise its limit if such media are wanted")

    def _retire(self, child: Child) -> None:
        """Let go of a child that is lost, has served its time, or rests at more than half of its memory."""
        rests_at = child.rss_bytes() if child.looked else 0
        if not child.end.alive or self._rows >= self._limits.rows_per_child or rests_at > self._limits.memory_bytes / 2:
            self.close()

    def _opened(self, wanted: Reach) -> Child:
        if self._reach is None or not self._reach.covers(wanted):
            self.close()
            self._reach = (self._reach or machine_reach(self._stage)).and_row(wanted)
        if self._child is None:
            with contextlib.suppress(Died):  # killed while it opened, not by a row: once more
                return self._open(self._reach)
            try:
                return self._open(self._reach)
            except Died as how:
                raise BrokenStage(f"{self._stage.name} could not be opened: its process {how}") from None
        return self._child

    def _open(self, reach: Reach) -> Child:
        child, self._rows = Child(self._limits, reach, self._network, self._given_up), 0
        try:
            answer = child.ask(self._stage, self._limits.start_s, self._answers)
        except Late:
            raise BrokenStage(f"{self._stage.name} did not open within {self._limits.start_s:g} s") from None
        except (Swollen, Crowded):
            raise BrokenStage(f"{self._stage.name} could not be opened: its process took too much memory") from None
        self.confinement = self._said(answer, Ready).confinement
        self._child = child
        return child

    def _said(self, answer: Any, expected: type[A], where: str = "") -> A:
        """An expected answer; a bug or a usage error of the child is raised here."""
        if isinstance(answer, expected):
            return answer
        self.close()
        match answer:
            case Misused(kind=kind, message=message):
                raise _USAGE.get(kind, UsageError)(message)
            case Broken(traceback=told):
                raise BrokenStage(f"{self._stage.name} failed in its process{where}:\n{told}")
        raise Strange(type(answer).__name__)


def isolated(stage: Stage[I, O], limits: Limits, network: bool = False) -> Isolated[I, O]:
    """The run of a stage, each row worked on in a disposable child under `limits`."""
    return Isolated(stage, limits, network)
