"""Where workers run: in this process, or as a pool of Ray actors."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from curate.errors import UsageError
from jobs.interpreter import environment, missing

U = TypeVar("U")  # a unit of work: pickled
R = TypeVar("R")  # what comes of it: pickled too


@dataclass(frozen=True, slots=True)
class Share:
    """What one worker has: units that it works on at the same time, each in a thread; GPUs."""

    concurrent_units: int = 1
    gpus: float = 0.0


ONE = Share()


def never() -> bool:
    """Of `Engine.map`: all units are begun."""
    return False


def pool_size(units: int, workers: int, share: Share = ONE) -> int:
    """How many of `workers` are started for so many units: none that would have nothing to do."""
    return min(workers, -(-units // share.concurrent_units))


class Engine(Protocol):
    """Runs units through workers, in any order; each worker is made once by `make` and used for many units."""

    def workers(self, asked: int | None, gpus: float = 0.0) -> int:
        """How many workers a job gets that asks for so many (None: all that fit), each with so many GPUs.

        UsageError where that cannot be.
        """
        ...

    def map(
        self,
        make: Callable[[], Callable[[U], R]],
        units: list[U],
        workers: int,
        share: Share = ONE,
        stop: Callable[[], bool] = never,
    ) -> Iterator[R]:
        """What becomes of the units. Once `stop` says so, asked after each of them, no other is begun."""
        ...

    def at(self, kind: str | None, folders: Mapping[str, str]) -> "Engine":
        """This engine with workers in an environment (`interpreter.py`); UsageError where it cannot be had."""
        ...


class Inline:
    """One worker, in this process, one unit at a time: for debugging, and for tests without Ray."""

    def workers(self, asked: int | None, gpus: float = 0.0) -> int:
        return 1

    def map(
        self,
        make: Callable[[], Callable[[U], R]],
        units: list[U],
        workers: int,
        share: Share = ONE,
        stop: Callable[[], bool] = never,
    ) -> Iterator[R]:
        work = make()
        for unit in units:
            yield work(unit)
            if stop():
                return

    def at(self, kind: str | None, folders: Mapping[str, str]) -> "Inline":
        if lacking := missing(kind):
            python = environment(str(kind), folders) / "bin" / "python"
            raise UsageError(
                f"the engine inline runs in this Python, which has no {' and '.join(lacking)}: "
                f"use the engine ray, or run `{python} -m jobs`"
            )
        return self
