"""One's own submit is taken back, while nobody has gone on from it."""

import pytest

from curate.review import queue, store
from curate.review.claim import claim
from curate.review.desk import Desk
from curate.review.refusal import Absent, Late, TooLate
from tests.review.acting import ANN, BEN, RITA, RUTH, Clock, claimed, done, sent
from tests.review.made import CLAIMS, added, new_item, verdict, work_done

OTHER = work_done(*(verdict(claim) for claim in CLAIMS), added())


def test_it_goes_on_where_it_was_and_counts_once(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a")])
    done(desk, ANN)
    work = queue.undo(desk, ANN, "a")
    assert work.draft == work_done()
    sent(desk, ANN, work, OTHER)
    (found,) = store.decided(desk.engine)
    assert found.claims == OTHER.claims


def test_nothing_of_it_is_decided_until_it_is_submitted_again(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a")])
    done(desk, ANN)
    queue.undo(desk, ANN, "a")
    assert list(store.decided(desk.engine)) == []


def test_what_was_next_comes_again_after_it(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a", severity=2), new_item("b")])
    done(desk, ANN)
    assert claimed(desk, ANN).item.item_id == "b"
    sent(desk, ANN, queue.undo(desk, ANN, "a"))
    assert claimed(desk, ANN).item.item_id == "b"


def test_what_was_collected_stays(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a")])
    done(desk, ANN)
    list(store.decided(desk.engine))
    with pytest.raises(TooLate, match="collected"):
        queue.undo(desk, ANN, "a")


def test_what_somebody_else_submitted_or_is_not_there_stays(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a")])
    done(desk, ANN)
    with pytest.raises(TooLate):
        queue.undo(desk, BEN, "a")
    with pytest.raises(Absent):
        queue.undo(desk, ANN, "nothing")


def test_only_the_last_ten_can_be_taken_back(desk: Desk) -> None:
    store.add(desk.engine, [new_item(f"i{number:02}", severity=100 - number) for number in range(11)])
    for _ in range(11):
        done(desk, ANN)
    with pytest.raises(TooLate):
        queue.undo(desk, ANN, "i00")
    queue.undo(desk, ANN, "i01")


def test_one_of_two_takes_back_and_the_other_stays(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a", overlap=2)])
    done(desk, ANN)
    done(desk, BEN)
    sent(desk, ANN, queue.undo(desk, ANN, "a"), OTHER)
    assert claimed(desk, RITA, "adjudicate").item.others == (work_done(), OTHER)


def test_while_a_reviewer_is_at_it_nothing_is_taken_back(desk: Desk, clock: Clock) -> None:
    store.add(desk.engine, [new_item("a", overlap=2)])
    done(desk, ANN)
    done(desk, BEN, OTHER)
    work = claimed(desk, RITA, "adjudicate")
    with pytest.raises(TooLate, match="a reviewer is at it"):
        queue.undo(desk, ANN, "a")
    clock.wait(121)
    queue.undo(desk, ANN, "a")
    with pytest.raises(Late) as late:
        sent(desk, RITA, work)
    assert late.value.kept is not None
    assert claim(desk, RUTH, "adjudicate") is None


def test_a_reviewer_takes_back_a_decision_and_the_annotators_cannot(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a", overlap=2)])
    done(desk, ANN)
    done(desk, BEN, OTHER)
    sent(desk, RITA, claimed(desk, RITA, "adjudicate"))
    with pytest.raises(TooLate, match="decided"):
        queue.undo(desk, ANN, "a")
    work = queue.undo(desk, RITA, "a")
    assert (work.item.phase, len(work.item.others)) == ("adjudicate", 2)
    sent(desk, RITA, work, OTHER)
    (found,) = store.decided(desk.engine)
    assert found.claims == OTHER.claims
