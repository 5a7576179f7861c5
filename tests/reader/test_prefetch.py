import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.reader.prefetch import MOST, Late, Prefetch, Read


@given(st.lists(st.integers(1, 10), max_size=30), st.integers(10, 25), st.integers(1, 4))
def test_results_come_in_order_and_never_exceed_the_budget(sizes: list[int], budget: int, threads: int) -> None:
    lock = threading.Lock()
    held = peak = 0

    def read(index: int) -> int:
        nonlocal held, peak
        with lock:
            held += sizes[index]
            peak = max(peak, held)
        return index

    reads = (Read(size, lambda i=i: read(i)) for i, size in enumerate(sizes))  # type: ignore[misc]
    with Prefetch(reads, budget, threads, 10) as ahead:
        for index in range(len(sizes)):
            with lock:
                held -= sizes[index]  # given up as it is taken
            assert ahead.take() == index
    assert peak <= budget


def test_a_read_that_hangs_ends_in_time_and_does_not_hold_up_the_end() -> None:
    let_go = threading.Event()
    began = time.monotonic()
    hanging = Prefetch([Read(1, lambda: let_go.wait(5))], 10, 1, 0.05)
    with pytest.raises(Late, match=r"not read within 0\.05 s"), hanging as ahead:
        ahead.take()
    assert time.monotonic() - began < 2
    let_go.set()


def test_what_a_read_raises_is_raised_where_it_is_taken() -> None:
    def broken() -> int:
        raise TimeoutError("the store says so")

    with Prefetch([Read(1, lambda: 1), Read(1, broken)], 10, 1, 10) as ahead:
        assert ahead.take() == 1
        with pytest.raises(TimeoutError, match="the store says so"):
            ahead.take()


def test_what_comes_after_reads_that_hang_is_read_by_others() -> None:
    let_go = threading.Event()
    hanging = [Read(1, lambda: let_go.wait(9)) for _ in range(2)]
    with Prefetch([*hanging, *(Read(1, lambda i=i: i) for i in range(20))], 8, 2, 0.05) as ahead:  # type: ignore[misc]
        for _ in hanging:
            with pytest.raises(Late):
                ahead.take()
        assert [ahead.take() for _ in range(20)] == list(range(20))
    let_go.set()


def test_a_few_reads_are_ahead_however_small_they_are() -> None:
    asked = 0

    def endless() -> Iterator[Read[int]]:
        nonlocal asked
        while True:
            asked += 1
            yield Read(0, lambda: 1)

    with Prefetch(endless(), 1, 2, 10) as ahead:
        assert [ahead.take() for _ in range(5)] == [1] * 5
    assert asked <= MOST + 10
