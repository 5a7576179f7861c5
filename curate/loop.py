"""Coroutines on a thread of their own, for a caller that takes what they give one by one."""

import asyncio
import concurrent.futures
import queue
import threading
import weakref
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import AsyncExitStack
from typing import Any, Generic, TypeVar

I = TypeVar("I")  # noqa: E741
O = TypeVar("O")  # noqa: E741


class Loop(Generic[I, O]):
    """Runs what `open_one` gives on each row, at most `at_once` begun and not yet taken; `lost` gets what nobody took.

    What `open_one` puts on its stack is closed on the loop, when this object is gone.
    """

    def __init__(
        self,
        open_one: Callable[[AsyncExitStack], Callable[[I], Coroutine[Any, Any, O]]],
        at_once: int,
        lost: Callable[[O], None],
    ) -> None:
        self._at_once, self._lost = at_once, lost
        opened: concurrent.futures.Future[tuple[asyncio.AbstractEventLoop, Any]] = concurrent.futures.Future()
        end = asyncio.Event()
        threading.Thread(target=_serve, args=(open_one, opened, end), daemon=True, name="retold-loop").start()
        self._loop, self._one = opened.result()
        weakref.finalize(self, self._loop.call_soon_threadsafe, end.set)

    def __call__(self, rows: Iterable[I]) -> Iterator[O]:
        """What `one` gives for each row, as it comes; what it raises, and the others are given up."""
        batch = _Batch(self._one)
        begun = 0
        try:
            for row in rows:
                self._loop.call_soon_threadsafe(batch.begin, row)
                begun += 1
                while begun >= self._at_once:
                    task = batch.ended.get()
                    begun -= 1
                    yield task.result()
            while begun:
                task = batch.ended.get()
                begun -= 1
                yield task.result()
        finally:
            if begun:
                asyncio.run_coroutine_threadsafe(batch.cancel(), self._loop).result()
            for _ in range(begun):
                task = batch.ended.get()
                if not task.cancelled() and task.exception() is None:
                    self._lost(task.result())


class _Batch(Generic[I, O]):
    """The tasks of one call: begun on the loop, and handed over when they end, however they do."""

    def __init__(self, one: Callable[[I], Coroutine[Any, Any, O]]) -> None:
        self.ended: queue.SimpleQueue[asyncio.Task[O]] = queue.SimpleQueue()
        self._one = one
        self._running: set[asyncio.Task[O]] = set()

    def begin(self, row: I) -> None:
        task = asyncio.get_running_loop().create_task(self._one(row))
        self._running.add(task)
        task.add_done_callback(self._end)

    async def cancel(self) -> None:
        while self._running:
            for task in self._running:
                task.cancel()
            await asyncio.wait(self._running)

    def _end(self, task: asyncio.Task[O]) -> None:
        self._running.discard(task)
        self.ended.put(task)


async def waited_for(work: asyncio.Future[O], give_up: Callable[[], None]) -> O:
    """What a thread gives. Whoever gives up asks the thread to end, and goes when it has: it may hold a file."""
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        give_up()
        await asyncio.gather(work, return_exceptions=True)
        raise


def _serve(
    open_one: Callable[[AsyncExitStack], Any],
    opened: "concurrent.futures.Future[tuple[asyncio.AbstractEventLoop, Any]]",
    end: asyncio.Event,
) -> None:
    async def serve() -> None:
        async with AsyncExitStack() as stack:
            try:
                opened.set_result((asyncio.get_running_loop(), open_one(stack)))
            except Exception as error:  # noqa: BLE001  raised where the loop is opened
                opened.set_exception(error)
                return
            await end.wait()

    asyncio.run(serve())
