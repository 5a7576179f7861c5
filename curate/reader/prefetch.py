"""Reading ahead, in order, within a budget of bytes."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 1024
"""Reads ahead, however small: a plan of stills would be begun to its end before its first batch."""


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """Something to read: how many bytes it is and how."""

    size: int
    read: Callable[[], T]


class Late(Exception):
    """A read took longer than it may."""


class Prefetch(Generic[T]):
    """A context in which `take` gives the results of reads in order.

    Results that were not taken, read or under way, never have more bytes than the budget, which is at least the size of
    the largest read. Threads end with the context; one that hangs in a read past its time is left to end by itself.
    """

    def __init__(self, reads: Iterable[Read[T]], budget_bytes: int, threads: int, timeout_s: float) -> None:
        self._reads = iter(reads)
        self._next: Read[T] | None = None
        self._free = budget_bytes
        self._threads, self._timeout_s = threads, timeout_s
        self._pool = self._workers()
        self._ahead: deque[tuple[Read[T], Future[T]]] = deque()
        self._late = False

    def __enter__(self) -> "Prefetch[T]":
        self.fill()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown(wait=not self._late, cancel_futures=True)

    def take(self) -> T:
        """The next result; what the read raised, or Late. After either, the one after it can be taken."""
        read, future = self._ahead.popleft()
        try:
            return future.result(self._timeout_s)
        except TimeoutError as error:
            if future.done():  # the read itself says so
                raise
            self._renew()
            raise Late(f"not read within {self._timeout_s:g} s") from error
        finally:
            self._free += read.size
            self.fill()

    def fill(self) -> None:
        """Begin as many reads as the budget allows, and no more than MOST."""
        while len(self._ahead) < MOST:
            if self._next is None:
                self._next = next(self._reads, None)
            if self._next is None or self._next.size > self._free:
                return
            self._free -= self._next.size
            self._ahead.append((self._next, self._pool.submit(self._next.read)))
            self._next = None

    def _workers(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, "retold-reader")

    def _renew(self) -> None:
        """Other threads, in the place of those that may hang, for what was not begun."""
        self._late = True
        old, self._pool = self._pool, self._workers()
        old.shutdown(wait=False)
        self._ahead = deque(
            (read, self._pool.submit(read.read) if future.cancel() else future) for read, future in self._ahead
        )
