"""From scratch and blind: what the server withholds, and until when."""

import json

import pytest

from curate.review import queue, store
from curate.review.claim import claim
from curate.review.desk import Desk
from curate.review.listing import story
from curate.review.refusal import Barred, Incomplete, TooLate
from curate.review.wire import Releasing, Saving, Work
from schemas.caption import Mode
from tests.review.acting import ANN, BEN, CLEO, RITA, RUTH, Clock, claimed, done, sent
from tests.review.made import CLAIMS, added, answers, new_item, verdict, work_done

OWN = work_done(added("A ball rolls and knocks."), plays=2)
MERGED = work_done(added("A ball rolls and knocks."), *(verdict(claim) for claim in CLAIMS), plays=2)
SAID = [claim.text for claim in CLAIMS] + ["blend:made", "A ball rolls", "told wrong", "What colour is the ball?"]


def _leaks(work: Work) -> list[str]:
    told = work.model_dump_json()
    return [words for words in SAID if json.dumps(words)[1:-1] in told]


def test_from_scratch_nothing_is_told_until_ones_own_text_is_submitted(desk: Desk) -> None:
    store.add(desk.engine, [new_item("s", "scratch")])
    work = claimed(desk, ANN)
    assert (work.item.phase, _leaks(work)) == ("scratch", [])
    first = sent(desk, ANN, work, OWN)
    assert (first.state, first.next_phase) == ("open", "merge")
    merging = claimed(desk, ANN)
    assert (merging.item.phase, merging.draft, merging.item.content.claims) == ("merge", OWN, CLAIMS)
    assert sent(desk, ANN, merging, MERGED).state == "settled"
    (found,) = store.decided(desk.engine)
    assert (found.mode, found.claims) == ("scratch", MERGED.claims)


def test_the_lease_goes_on_with_the_merge(desk: Desk) -> None:
    store.add(desk.engine, [new_item("s", "scratch")])
    work = claimed(desk, ANN)
    token = work.lease.token
    queue.save(desk, ANN, "s", Saving(token=token, seq=5, draft=OWN))
    sent(desk, ANN, work, OWN)
    assert queue.save(desk, ANN, "s", Saving(token=token, seq=6, draft=MERGED)) == 6
    assert sent(desk, ANN, work, MERGED).state == "settled"


def test_ones_own_text_that_is_sent_again_is_answered_alike(desk: Desk) -> None:
    store.add(desk.engine, [new_item("s", "scratch")])
    work = claimed(desk, ANN)
    assert sent(desk, ANN, work, OWN) == sent(desk, ANN, work, OWN)


def test_from_scratch_the_clip_is_seen_twice_and_there_was_time_for_it(desk: Desk, clock: Clock) -> None:
    store.add(desk.engine, [new_item("s", "scratch")])
    work = claimed(desk, ANN)
    with pytest.raises(Incomplete) as once:
        sent(desk, ANN, work, work_done(added(), plays=1))
    assert "2 times" in once.value.missing[0]
    clock.now_us -= 3_000_000
    with pytest.raises(Incomplete) as fast:
        clock.now_us -= 10_000_000
        sent(desk, ANN, work, OWN)
    assert "cannot have been seen" in fast.value.missing[0]


def test_from_scratch_no_claim_of_the_machine_can_be_judged(desk: Desk) -> None:
    store.add(desk.engine, [new_item("s", "scratch")])
    with pytest.raises(Incomplete):
        done(desk, ANN, MERGED)


def test_who_takes_over_from_scratch_starts_from_scratch(desk: Desk, clock: Clock) -> None:
    store.add(desk.engine, [new_item("s", "scratch")])
    sent(desk, ANN, claimed(desk, ANN), OWN)
    clock.wait(200)
    work = claimed(desk, BEN)
    assert (work.item.phase, _leaks(work), work.draft) == ("scratch", [], None)


def test_a_blind_reader_sees_the_text_and_the_questions_alone(desk: Desk) -> None:
    store.add(desk.engine, [new_item("b", "blind")])
    content = claimed(desk, ANN).item.content
    assert (content.failed, content.title, content.captioner) == ((), None, "")
    assert content.dense
    assert len(content.questions) == 2


@pytest.mark.parametrize(
    ("given", "right", "state"),
    [(("Red", "a knock."), 2, "settled"), (("red", None), 1, "adjudication"), (("blue", "song"), 0, "adjudication")],
)
def test_a_blind_reading_is_scored(desk: Desk, given: tuple[str | None, str | None], right: int, state: str) -> None:
    store.add(desk.engine, [new_item("b", "blind")])
    told = done(desk, ANN, work_done(answers=answers(*given)).model_copy(update={"claims": ()}))
    assert (told.right, told.asked, told.state) == (right, 2, state)
    if state == "settled":
        (found,) = store.decided(desk.engine)
        assert {work.status for work in found.claims} == {"unseen"}
    else:
        work = claimed(desk, RITA, "adjudicate")
        assert (work.item.phase, work.item.content.captioner) == ("adjudicate", "blend:made")


def test_a_score_that_was_told_cannot_be_bettered(desk: Desk) -> None:
    store.add(desk.engine, [new_item("b", "blind")])
    done(desk, ANN, work_done(answers=answers("blue", None)).model_copy(update={"claims": ()}))
    with pytest.raises(TooLate):
        queue.undo(desk, ANN, "b")


def test_who_knows_the_clip_does_not_read_it_blind(desk: Desk) -> None:
    store.add(desk.engine, [new_item("t", clip_id="x"), new_item("b", "blind", severity=0.1, clip_id="x")])
    done(desk, ANN)
    assert claim(desk, ANN) is None
    assert claimed(desk, BEN).item.item_id == "b"


@pytest.mark.parametrize("mode", ["scratch", "blind"])
def test_a_reviewer_does_not_adjudicate_what_was_said_of_a_clip_that_they_must_not_know(desk: Desk, mode: Mode) -> None:
    store.add(desk.engine, [new_item("t", clip_id="x")])
    for person in (ANN, BEN, CLEO):
        queue.release(desk, person, "t", Releasing(token=claimed(desk, person).lease.token, reason="too hard"))
    store.add(desk.engine, [new_item("s", mode, clip_id="x")])
    assert claimed(desk, RITA).item.item_id == "s"
    assert claim(desk, RITA, "adjudicate") is None
    assert claimed(desk, RUTH, "adjudicate").item.item_id == "t"


def test_who_knows_the_clip_does_not_write_from_scratch(desk: Desk) -> None:
    store.add(desk.engine, [new_item("t", clip_id="x"), new_item("s", "scratch", severity=0.1, clip_id="x")])
    done(desk, ANN)
    assert claim(desk, ANN) is None
    assert claimed(desk, BEN).item.item_id == "s"


def test_a_reviewer_who_works_on_an_item_does_not_see_its_story(desk: Desk) -> None:
    store.add(desk.engine, [new_item("s", "scratch")])
    claimed(desk, RITA)
    with pytest.raises(Barred):
        story(desk, RITA, "s")


def test_nor_of_another_item_of_the_same_clip_while_that_must_not_be_known(desk: Desk) -> None:
    store.add(desk.engine, [new_item("s", "scratch", clip_id="x"), new_item("t", severity=0.1, clip_id="x")])
    assert claimed(desk, RITA).item.item_id == "s"
    with pytest.raises(Barred):
        story(desk, RITA, "t")


@pytest.mark.parametrize("mode", ["scratch", "blind"])
def test_who_looks_while_their_lease_has_run_out_does_not_take_it_up_again(
    desk: Desk, clock: Clock, mode: Mode
) -> None:
    store.add(desk.engine, [new_item("s", mode)])
    claimed(desk, RITA)
    clock.wait(desk.policy.lease_s)
    story(desk, RITA, "s")
    assert claim(desk, RITA) is None
    assert claimed(desk, ANN).item.item_id == "s"


@pytest.mark.parametrize("mode", ["scratch", "blind"])
def test_a_reviewer_who_has_looked_at_a_clip_works_on_it_neither_from_scratch_nor_blind(desk: Desk, mode: Mode) -> None:
    store.add(desk.engine, [new_item("s", mode), new_item("t", severity=0.1)])
    for _ in range(2):
        story(desk, RITA, "s")
    assert claimed(desk, RITA).item.item_id == "t"
    assert claimed(desk, ANN).item.item_id == "s"
