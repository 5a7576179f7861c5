"""Coroutines on a thread of their own, for a caller that takes what they give one by one."""

import asyncio
import concurrent.futures
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
        threading.Thread(target=_serve, args=(open_one, opened, end), daemon=True, name="retold-fetch").start()
        self._loop, self._one = opened.result()
        weakref.finalize(self, self._loop.call_soon_threadsafe, end.set)

    def __call__(self, rows: Iterable[I]) -> Iterator[O]:
        """What `one` gives for each row, as it comes."""
        begun: set[concurrent.futures.Future[O]] = set()
        try:
            for row in rows:
                begun.add(asyncio.run_coroutine_threadsafe(self._one(row), self._loop))
                while len(begun) >= self._at_once:
                    yield from self._taken(begun)
            while begun:
                yield from self._taken(begun)
        finally:
            self._give_up(begun)

    def _taken(self, begun: set[concurrent.futures.Future[O]]) -> Iterator[O]:
        done, _ = concurrent.futures.wait(begun, return_when=concurrent.futures.FIRST_COMPLETED)
        for future in done:
            begun.remove(future)
            yield future.result()

    def _give_up(self, begun: set[concurrent.futures.Future[O]]) -> None:
        if not begun:
            return
        given = [future for future in begun if not future.cancel()]
        asyncio.run_coroutine_threadsafe(_settled(), self._loop).result()
        for future in given:
            if future.exception() is None:
                self._lost(future.result())


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


async def _settled() -> None:
    """Wait until every other task has ended."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others, return_exceptions=True)
