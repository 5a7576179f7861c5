"""How far a queue has been emptied is never forgotten."""

from curate.review.collected import collected, set_collected
from curate.review.desk import Desk


def test_a_collector_that_is_slower_does_not_take_it_back(desk: Desk) -> None:
    assert collected(desk.engine) == 0
    for number in (5, 3):
        set_collected(desk.engine, number)
    assert collected(desk.engine) == 5
