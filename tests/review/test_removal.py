"""What was taken down is in the queue no more: not to be worked on, not in exports, not in words."""

from pathlib import Path

import pytest

from curate.review import queue, store
from curate.review.desk import Desk
from curate.review.held import decisions, held
from curate.review.listing import Filter, page, story
from curate.review.refusal import Late
from curate.review.removal import remove
from curate.review.triples import triples
from curate.review.wire import Releasing, Saving
from tests.review.acting import ANN, BEN, RITA, claimed, sent
from tests.review.made import added, new_item, work_done

TOLD = "A bell of bronze."


def _written(desk: Desk) -> bytes:
    """Every byte that the database holds now."""
    with desk.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("VACUUM")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    name = desk.engine.url.database
    assert name is not None
    return Path(name).read_bytes()


def test_nothing_of_it_is_left_and_all_else_is_as_it_was(desk: Desk) -> None:
    ids = {"open": "m1/0-4", "decided": "m1/4-8", "collected": "m1/8-12", "other": "m2/0-4"}
    store.add(desk.engine, [new_item("collected", clip_id=ids["collected"])])
    sent(desk, ANN, claimed(desk, ANN), work_done(added(TOLD)).model_copy(update={"accepted_rest": True}))
    assert [one.number for one in store.decided(desk.engine)] == [1]
    store.add(desk.engine, [new_item("decided", clip_id=ids["decided"])])
    sent(desk, ANN, claimed(desk, ANN), work_done(added(TOLD)).model_copy(update={"accepted_rest": True}))
    store.add(desk.engine, [new_item("open", clip_id=ids["open"])])
    held_by_ben = claimed(desk, BEN)
    draft = work_done(added(TOLD))
    queue.save(desk, BEN, "open", Saving(token=held_by_ben.lease.token, seq=1, draft=draft))
    queue.release(desk, BEN, "open", Releasing(token=held_by_ben.lease.token, reason=TOLD))
    store.add(desk.engine, [new_item("other", clip_id=ids["other"])])
    assert TOLD.encode() in _written(desk)

    assert remove(desk.engine, {"m1"}) == 3
    assert TOLD.encode() not in _written(desk)
    assert b"caption-open" in _written(desk)
    assert [one.item_id for one in held(desk.engine)] == ["other"]
    assert list(decisions(desk.engine)) == []
    assert list(triples(desk.engine)) == []
    assert list(store.decided(desk.engine)) == []
    assert claimed(desk, ANN).item.item_id == "other"
    assert {row.item_id for row in page(desk, Filter("withdrawn"), None, 10).items} == {"open", "decided", "collected"}
    assert story(desk, RITA, "collected").content.claims == ()
    assert remove(desk.engine, {"m1"}) == 0


def test_what_came_too_late_goes_the_next_time(desk: Desk) -> None:
    store.add(desk.engine, [new_item("open", clip_id="m1/0-4")])
    work = claimed(desk, ANN)
    assert remove(desk.engine, {"m1"}) == 1
    with pytest.raises(Late):
        queue.save(desk, ANN, "open", Saving(token=work.lease.token, seq=1, draft=work_done(added(TOLD))))
    assert TOLD.encode() in _written(desk)
    remove(desk.engine, {"m1"})
    assert TOLD.encode() not in _written(desk)


def test_numbers_of_decisions_go_on_where_they_were(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a", clip_id="m1/0-4"), new_item("b", severity=0.1, clip_id="m2/0-4")])
    sent(desk, ANN, claimed(desk, ANN))
    assert [one.number for one in store.decided(desk.engine)] == [1]
    remove(desk.engine, {"m1"})
    sent(desk, ANN, claimed(desk, ANN))
    assert [one.number for one in store.decided(desk.engine, after=1)] == [2]
