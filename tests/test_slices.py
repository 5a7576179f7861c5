"""Work on a frame slice by slice."""

import threading

import polars as pl

from curate.slices import by_slices


def test_what_is_made_of_slices_comes_in_order_whichever_is_ready_first() -> None:
    frame = pl.DataFrame({"n": range(1000)})
    first = threading.Event()

    def work(part: pl.DataFrame) -> int:
        number: int = part["n"][0]
        if number == 0 and pl.thread_pool_size() > 1:
            first.wait(10)  # until a later one is done
        first.set()
        return number

    assert list(by_slices(frame, work, 100)) == list(range(0, 1000, 100))


def test_no_more_slices_are_under_way_than_there_are_cores() -> None:
    made: list[pl.DataFrame] = []
    next(by_slices(pl.DataFrame({"n": range(1000)}), made.append, 10))
    assert len(made) <= pl.thread_pool_size()
