"""Whatever happens to who takes what comes, nothing that was begun is left."""

import asyncio
import gc
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from curate.loop import Loop


class Work:
    """Coroutines that are counted: rows below ten end at once, others when they are cancelled."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.lost: list[int] = []
        self.closed = threading.Event()

    def open(self, stack: AsyncExitStack) -> Callable[[int], Coroutine[Any, Any, int]]:
        stack.callback(self.closed.set)

        async def one(row: int) -> int:
            self.begun.append(row)
            try:
                if row == 5:
                    raise ValueError("five")
                if row >= 10:
                    await asyncio.sleep(60)
                return row
            finally:
                self.ended.append(row)

        return one

    def loop(self, at_once: int = 4) -> Loop[int, int]:
        return Loop(self.open, at_once, self.lost.append)


def test_each_row_gives_what_becomes_of_it() -> None:
    assert sorted(Work().loop()([1, 2, 3, 4, 6, 7, 8, 9] * 50)) == sorted([1, 2, 3, 4, 6, 7, 8, 9] * 50)


def test_no_more_is_begun_than_may_be() -> None:
    work = Work()
    for taken, _ in enumerate(work.loop(at_once=3)(iter(range(5))), 1):
        assert len(work.begun) - taken < 3


def test_a_taker_who_goes_leaves_nothing() -> None:
    work = Work()
    run = work.loop()([1, 2, 11, 12, 3])
    first = next(run)
    run.close()  # type: ignore[attr-defined]
    assert sorted(work.begun) == sorted(work.ended)
    assert sorted([first, *work.lost]) == sorted(row for row in work.begun if row < 10)


def test_an_error_gives_up_the_others() -> None:
    work = Work()
    with pytest.raises(ValueError, match="five"):
        list(work.loop()([11, 12, 5, 13]))
    assert sorted(work.begun) == sorted(work.ended)


def test_rows_that_fail_to_come_give_up_the_others() -> None:
    def rows() -> Iterator[int]:
        yield from (11, 1)
        raise OSError("no more")

    work = Work()
    with pytest.raises(OSError, match="no more"):
        list(work.loop()(rows()))
    assert sorted(work.begun) == sorted(work.ended) == [1, 11]
    assert work.lost == [1]


def test_a_loop_is_used_again_after_all_that() -> None:
    loop = Work().loop()
    with pytest.raises(ValueError, match="five"):
        list(loop([5]))
    assert list(loop([1])) == [1]


def test_what_was_opened_is_closed_when_nobody_has_the_loop() -> None:
    work = Work()
    loop = work.loop()
    assert list(loop([1])) == [1]
    del loop
    gc.collect()
    assert work.closed.wait(5)


def test_what_fails_to_open_is_raised_here() -> None:
    def refuse(_: AsyncExitStack) -> Callable[[int], Coroutine[Any, Any, int]]:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        Loop(refuse, 1, lambda _: None)
