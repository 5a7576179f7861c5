"""Several disposable children that work on the rows of one stage at once."""

import queue
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from curate.media.limits import Limits
from curate.media.sandbox import Isolated
from curate.stage import Identified, Outcome, Stage

I = TypeVar("I", bound=Identified)  # noqa: E741
O = TypeVar("O")  # noqa: E741


class Pool(Generic[I, O]):
    """A stage opened in `children` processes; calling it is calling what `stage.open()` returns.

    Outcomes come in the order of the rows. At most `children` rows are taken and not given back, so what a row refers
    to must last for so many rows more. For several threads at once.
    """

    def __init__(self, stage: Stage[I, O], limits: Limits, children: int) -> None:
        self._children = children
        self._idle: queue.SimpleQueue[Isolated[I, O]] = queue.SimpleQueue()
        for _ in range(children):
            self._idle.put(Isolated(stage, limits))

    def __call__(self, rows: Iterable[I]) -> Iterator[Outcome[O]]:
        waiting: deque[Future[Outcome[O]]] = deque()
        with ThreadPoolExecutor(self._children) as threads:
            try:
                for row in rows:
                    waiting.append(threads.submit(self._one, row))
                    if len(waiting) >= self._children:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def _one(self, row: I) -> Outcome[O]:
        child = self._idle.get()
        try:
            (outcome,) = child([row])
        finally:
            self._idle.put(child)
        return outcome
