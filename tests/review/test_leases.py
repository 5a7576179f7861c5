"""A seat is leased to one person; whoever has no lease changes nothing, and nothing of theirs is lost."""

import pytest
from sqlalchemy import func, select

from curate.review import queue, store
from curate.review.claim import claim
from curate.review.database import reading
from curate.review.desk import Desk
from curate.review.listing import story
from curate.review.refusal import Late
from curate.review.submit import submit
from curate.review.tables import REVISIONS
from curate.review.wire import Draft, Releasing, Saving, Submitting
from tests.review.acting import ANN, BEN, CLEO, RITA, Clock, claimed, done, sent
from tests.review.made import CLAIMS, added, new_item, verdict, work_done


def _draft(words: str) -> Draft:
    return Draft(claims=(added(words),))


def test_an_item_is_never_given_to_two(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a")])
    claimed(desk, ANN)
    assert claim(desk, BEN) is None


def test_what_is_worth_most_comes_first(desk: Desk) -> None:
    store.add(desk.engine, [new_item("low", severity=0.5), new_item("high", severity=2.0), new_item("mid")])
    assert [claimed(desk, person).item.item_id for person in (ANN, BEN, CLEO)] == ["high", "mid", "low"]


def test_who_asks_again_gets_the_same_with_their_draft(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a"), new_item("b", severity=3)])
    first = claimed(desk, ANN)
    queue.save(desk, ANN, "b", Saving(token=first.lease.token, seq=4, draft=_draft("a bell")))
    again = claimed(desk, ANN)
    assert (again.item.item_id, again.seq, again.draft) == ("b", 4, _draft("a bell"))
    assert again.lease.fence > first.lease.fence


def test_a_lease_that_ran_out_is_taken_up_again_while_nobody_else_has(desk: Desk, clock: Clock) -> None:
    store.add(desk.engine, [new_item("a"), new_item("b", severity=3)])
    claimed(desk, ANN)
    clock.wait(500)
    assert claimed(desk, ANN).item.item_id == "b"


def test_after_its_lease_another_gets_the_item_and_does_not_see_the_draft(desk: Desk, clock: Clock) -> None:
    store.add(desk.engine, [new_item("a")])
    work = claimed(desk, ANN)
    queue.save(desk, ANN, "a", Saving(token=work.lease.token, seq=1, draft=_draft("mine")))
    clock.wait(121)
    assert claimed(desk, BEN).draft is None


def test_a_beat_keeps_the_lease(desk: Desk, clock: Clock) -> None:
    store.add(desk.engine, [new_item("a")])
    work = claimed(desk, ANN)
    for _ in range(10):
        clock.wait(100)
        assert queue.beat(desk, ANN, "a", work.lease.token).left_ms == 120_000
    assert claim(desk, BEN) is None


@pytest.mark.parametrize("late_s", [0, 1])
def test_a_lease_ends_at_the_instant_that_was_told(desk: Desk, clock: Clock, late_s: int) -> None:
    store.add(desk.engine, [new_item("a")])
    work = claimed(desk, ANN)
    clock.wait(work.lease.left_ms / 1000 - 1 + late_s)
    if late_s:
        with pytest.raises(Late):
            queue.beat(desk, ANN, "a", work.lease.token)
    else:
        queue.beat(desk, ANN, "a", work.lease.token)


def test_a_late_draft_is_kept_once_for_each_lease(desk: Desk, clock: Clock) -> None:
    store.add(desk.engine, [new_item("a")])
    work = claimed(desk, ANN)
    clock.wait(121)
    numbers = set()
    for seq, words in ((2, "new"), (1, "old")):
        with pytest.raises(Late) as late:
            queue.save(desk, ANN, "a", Saving(token=work.lease.token, seq=seq, draft=_draft(words)))
        numbers.add(late.value.kept)
    kept = story(desk, RITA, "a").revisions
    assert [(one.kind, one.draft) for one in kept] == [("orphan", _draft("new"))]
    assert numbers == {kept[0].revision}


def test_a_late_submit_is_kept_and_does_not_count(desk: Desk, clock: Clock) -> None:
    store.add(desk.engine, [new_item("a")])
    late_work = claimed(desk, ANN)
    clock.wait(121)
    theirs = claimed(desk, BEN)
    for _ in range(2):
        with pytest.raises(Late) as late:
            sent(desk, ANN, late_work, _draft("too late"))
    sent(desk, BEN, theirs)
    revisions = story(desk, RITA, "a").revisions
    assert [(one.kind, one.user) for one in revisions] == [("orphan", "ann"), ("work", "ben")]
    assert late.value.problem.kept == revisions[0].revision
    assert [one.reviewers for one in store.decided(desk.engine)] == [("ben",)]


def test_the_other_window_of_the_same_person_is_fenced_off(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a")])
    first, second = claimed(desk, ANN), claimed(desk, ANN)
    with pytest.raises(Late):
        sent(desk, ANN, first)
    assert sent(desk, ANN, second).state == "settled"


def test_nobody_writes_with_the_token_of_another(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a"), new_item("b", severity=0.1)])
    work = claimed(desk, ANN)
    for person, item_id in ((BEN, "a"), (ANN, "b")):
        with pytest.raises(Late) as late:
            queue.save(desk, person, item_id, Saving(token=work.lease.token, seq=9, draft=_draft("not mine")))
        assert late.value.kept is None
    with reading(desk.engine) as connection:
        assert connection.execute(select(func.count()).select_from(REVISIONS)).scalar() == 0


def test_an_older_draft_does_not_replace_a_newer_one(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a")])
    token = claimed(desk, ANN).lease.token
    kept = [queue.save(desk, ANN, "a", Saving(token=token, seq=seq, draft=_draft(str(seq)))) for seq in (1, 3, 2, 3)]
    assert kept == [1, 3, 3, 3]
    assert claimed(desk, ANN).draft == _draft("3")


def test_the_same_submit_sent_again_is_answered_alike(desk: Desk, clock: Clock) -> None:
    store.add(desk.engine, [new_item("a")])
    work = claimed(desk, ANN)
    first = sent(desk, ANN, work)
    clock.wait(1000)
    assert sent(desk, ANN, work) == first
    with pytest.raises(Late):
        sent(desk, ANN, work, work_done(*(verdict(claim) for claim in CLAIMS), added()))
    assert len(list(store.decided(desk.engine))) == 1


def test_who_gives_an_item_back_does_not_get_it_again(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a")])
    work = claimed(desk, ANN)
    queue.release(desk, ANN, "a", Releasing(token=work.lease.token, reason="I do not speak Dutch"))
    assert claim(desk, ANN) is None
    assert claimed(desk, BEN).item.item_id == "a"
    assert story(desk, RITA, "a").given_back == ("I do not speak Dutch",)


def test_given_back_three_times_it_goes_to_a_reviewer(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a")])
    for person in (ANN, BEN, CLEO):
        work = claimed(desk, person)
        queue.release(desk, person, "a", Releasing(token=work.lease.token, reason="too hard"))
    assert claim(desk, RITA) is None
    assert claimed(desk, RITA, "adjudicate").item.phase == "adjudicate"


def test_a_withdrawn_item_is_given_to_nobody_and_late_work_on_it_is_kept(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a"), new_item("b", severity=0.1)])
    work = claimed(desk, ANN)
    assert store.withdraw(desk.engine, ["a", "nothing"], "taken down") == 1
    assert store.withdraw(desk.engine, ["a"], "again") == 0
    with pytest.raises(Late) as late:
        sent(desk, ANN, work)
    assert late.value.kept is not None
    assert done(desk, ANN).revision > late.value.kept
    assert [one.item_id for one in store.decided(desk.engine)] == ["b"]


def test_what_is_there_is_not_added_again(desk: Desk) -> None:
    assert store.add(desk.engine, [new_item("a"), new_item("b")]) == 2
    assert store.add(desk.engine, [new_item("b", severity=9), new_item("c"), new_item("c")]) == 1


def test_a_submit_without_a_lease_of_ones_own_leaves_nothing(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a")])
    with pytest.raises(Late) as late:
        submit(desk, ANN, "a", Submitting(token="x" * 32, draft=work_done()))
    assert late.value.kept is None
