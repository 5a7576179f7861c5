"""Outcomes taken ahead of need, so that what decodes and what encodes both work all the time."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from typing import Generic, TypeVar

from curate.stage import Outcome

O = TypeVar("O")  # noqa: E741


class Ahead(Generic[O]):
    """A thread that takes outcomes from an iterator until as many bytes as allowed wait, one outcome at least.

    The iterator is used, and closed, in that thread alone. What it raises is raised where the outcomes are taken.
    """

    def __init__(self, outcomes: Iterator[Outcome[O]], most_bytes: int) -> None:
        self._outcomes, self._most_bytes = outcomes, most_bytes
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Outcome[O], int]] = deque()
        self._held_bytes = 0
        self._ended = self._unwanted = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._take, name="encode-ahead")

    def __iter__(self) -> Iterator[Outcome[O]]:
        self._thread.start()
        try:
            while (outcome := self._next()) is not None:
                yield outcome
        finally:
            with self._changed:
                self._unwanted = True
                self._changed.notify_all()
            self._thread.join()

    def _next(self) -> Outcome[O] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            if self._waiting:
                outcome, size_bytes = self._waiting.popleft()
                self._held_bytes -= size_bytes
                self._changed.notify_all()
                return outcome
            if self._error is not None:
                raise self._error
            return None

    def _take(self) -> None:
        try:
            with closing(self._outcomes):  # type: ignore[type-var]  # generators, all of them
                for outcome in self._outcomes:
                    if not self._put(outcome):
                        return
        except BaseException as error:  # noqa: BLE001  raised again where the outcomes are taken
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _put(self, outcome: Outcome[O]) -> bool:
        size_bytes = sum(getattr(row, "size_bytes", 0) for row in outcome.rows)
        with self._changed:
            self._changed.wait_for(
                lambda: self._unwanted or not self._waiting or self._held_bytes + size_bytes <= self._most_bytes
            )
            if self._unwanted:
                return False
            self._waiting.append((outcome, size_bytes))
            self._held_bytes += size_bytes
            self._changed.notify_all()
        return True
