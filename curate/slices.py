"""Work on a long frame, slice by slice, on all cores: what polars does with a single expression, it does on one."""

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import polars as pl

T = TypeVar("T")

ROWS = 125_000
"""Of a slice; as many slices as there are cores are in memory with what is made of them."""


def by_slices(frame: pl.DataFrame, work: Callable[[pl.DataFrame], T], rows: int = ROWS) -> Iterator[T]:
    """What is made of each slice, in order."""
    cores = pl.thread_pool_size()
    slices = frame.iter_slices(rows)
    with ThreadPoolExecutor(cores, "retold-slices") as threads:
        while some := list(itertools.islice(slices, cores)):
            yield from threads.map(work, some)
