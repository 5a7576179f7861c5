"""Where workers run: in this process, or as a pool of Ray actors."""

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

U = TypeVar("U")  # a unit of work: pickled
R = TypeVar("R")  # what comes of it: pickled too


class Engine(Protocol):
    """Runs units through workers, in any order; each worker is made once by `make` and used for many units."""

    def workers(self, asked: int | None) -> int:
        """How many workers a job gets that asks for so many (None: all that fit); UsageError where that cannot be."""
        ...

    def map(self, make: Callable[[], Callable[[U], R]], units: list[U], workers: int) -> Iterator[R]: ...


class Inline:
    """One worker, in this process: for debugging, and for tests without Ray."""

    def workers(self, asked: int | None) -> int:
        return 1

    def map(self, make: Callable[[], Callable[[U], R]], units: list[U], workers: int) -> Iterator[R]:
        work = make()
        for unit in units:
            yield work(unit)
