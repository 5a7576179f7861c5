import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from curate.encode.ahead import Ahead
from curate.stage import Outcome


@dataclass(frozen=True)
class Sized:
    size_bytes: int


class Source:
    """Outcomes of ten bytes each; knows how many were asked for, and whether it was closed."""

    def __init__(self, count: int, error: Exception | None = None) -> None:
        self.count, self.error = count, error
        self.given, self.closed = 0, threading.Event()

    def outcomes(self) -> Iterator[Outcome[Sized]]:
        try:
            for index in range(self.count):
                self.given += 1
                yield Outcome(str(index), (Sized(10),))
            if self.error:
                raise self.error
        finally:
            self.closed.set()


def settled(source: Source) -> int:
    """How many were asked for, once no more are."""
    before = -1
    while before != source.given:
        before = source.given
        time.sleep(0.05)
    return before


def test_outcomes_come_in_order_and_the_source_is_closed() -> None:
    source = Source(20)
    assert [outcome.input_id for outcome in Ahead(source.outcomes(), 30)] == [str(n) for n in range(20)]
    assert source.closed.is_set()


@pytest.mark.parametrize(("most_bytes", "ahead"), [(30, 4), (1, 2), (10**6, 50)])
def test_no_more_wait_than_their_bytes_allow_and_one_at_least(most_bytes: int, ahead: int) -> None:
    source = Source(50)
    outcomes = iter(Ahead(source.outcomes(), most_bytes))
    first = next(outcomes)
    assert first.input_id == "0"
    assert settled(source) in (ahead, ahead + 1)  # one more is held by the thread itself
    assert len(list(outcomes)) == 49


def test_what_the_source_raises_is_raised_after_what_it_gave() -> None:
    outcomes = iter(Ahead(Source(3, OSError("gone")).outcomes(), 100))
    assert [next(outcomes).input_id for _ in range(3)] == ["0", "1", "2"]
    with pytest.raises(OSError, match="gone"):
        next(outcomes)


def test_whoever_stops_early_closes_the_source_and_ends_the_thread() -> None:
    source = Source(1000)
    outcomes = iter(Ahead(source.outcomes(), 30))
    next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]
    assert source.closed.wait(5)
    assert not [thread for thread in threading.enumerate() if thread.name == "encode-ahead"]
