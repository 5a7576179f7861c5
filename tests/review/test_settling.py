"""When an item is settled, by whom, and what of it reaches the lake."""

from dataclasses import replace

import pytest

from curate.review import store
from curate.review.claim import claim
from curate.review.desk import Desk, Person
from curate.review.refusal import Barred
from curate.review.wire import Decided, Planted
from tests.review.acting import ANN, BEN, RITA, RUTH, claimed, done, sent
from tests.review.made import CLAIMS, SECOND, added, new_item, verdict, work_done

WRONG = verdict(CLAIMS[0], status="wrong", error_kind="colour", critique="it is blue")
REST = tuple(verdict(claim) for claim in CLAIMS[1:])


def _only(desk: Desk) -> Decided:
    (one,) = store.decided(desk.engine)
    return one


def test_one_person_settles_an_item_of_one_seat(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a")])
    assert done(desk, ANN, work_done(WRONG, *REST)).state == "settled"
    found = _only(desk)
    assert (found.settled_by, found.reviewers, found.claims[0]) == ("one", ("ann",), WRONG)
    assert found.submitted_us - found.started_us == 10 * SECOND


def test_nobody_gets_both_seats_of_an_item(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a", overlap=2)])
    assert done(desk, ANN).state == "open"
    assert claim(desk, ANN) is None
    assert list(store.decided(desk.engine)) == []


def test_two_who_agree_settle_it(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a", overlap=2)])
    bell, late_bell = added(" a BELL rings"), added("A bell rings.", number=7, start_us=3 * SECOND + 99_000)
    done(desk, ANN, work_done(WRONG, *REST, bell))
    assert done(desk, BEN, work_done(WRONG, *REST, late_bell)).state == "settled"
    assert (_only(desk).settled_by, _only(desk).reviewers) == ("agreement", ("ann", "ben"))


@pytest.mark.parametrize(
    "other",
    [
        work_done(),
        work_done(verdict(CLAIMS[0], status="wrong", error_kind="count"), *REST),
        work_done(verdict(CLAIMS[0], status="edited", text="A blue ball."), *REST),
        work_done(WRONG, *REST, added()),
        work_done(WRONG, verdict(CLAIMS[1], status="edited", start_us=CLAIMS[1].start_us + 200_000), REST[1]),
    ],
    ids=["verdict", "kind", "words", "one more", "span"],
)
def test_two_who_differ_need_a_reviewer(desk: Desk, other: object) -> None:
    store.add(desk.engine, [new_item("a", overlap=2)])
    ours = work_done(WRONG, *REST)
    done(desk, ANN, ours)
    assert done(desk, BEN, other).state == "adjudication"  # type: ignore[arg-type]
    assert list(store.decided(desk.engine)) == []
    work = claimed(desk, RITA, "adjudicate")
    assert work.item.others == (ours, other)
    assert sent(desk, RITA, work, work_done(WRONG, *REST)).state == "settled"
    assert (_only(desk).settled_by, _only(desk).reviewers) == ("adjudication", ("ann", "ben", "rita"))


def test_who_annotated_an_item_does_not_adjudicate_it(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a", overlap=2)])
    done(desk, RITA)
    done(desk, BEN, work_done(WRONG, *REST))
    assert claim(desk, RITA, "adjudicate") is None
    assert claimed(desk, RUTH, "adjudicate").item.item_id == "a"
    with pytest.raises(Barred):
        claim(desk, ANN, "adjudicate")


def test_two_who_reject_agree(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a", overlap=2)])
    for person, reason in ((ANN, "a test card"), (BEN, "no picture")):
        sent(desk, person, claimed(desk, person), reject=reason)
    assert (_only(desk).decision, _only(desk).settled_by, _only(desk).reason) == ("reject", "agreement", "a test card")


def test_gold_items_look_the_same_and_never_reach_the_lake(desk: Desk) -> None:
    planted = Planted(kind="colour", claim_id="c#0", facet="subject", start_us=2 * SECOND, end_us=6 * SECOND)
    store.add(desk.engine, [new_item("gold", planted=(planted,)), new_item("plain", severity=0.5)])
    gold, plain = claimed(desk, ANN), claimed(desk, BEN)
    assert gold.item.model_dump().keys() == plain.item.model_dump().keys()
    assert "planted" not in gold.model_dump_json()
    assert sent(desk, ANN, gold).model_dump().keys() == sent(desk, BEN, plain).model_dump().keys()
    assert [one.item_id for one in store.decided(desk.engine)] == ["plain"]


def test_those_who_differ_about_gold_are_told_the_same_and_no_reviewer_is_asked(desk: Desk) -> None:
    store.add(desk.engine, [new_item("gold", planted=(), overlap=2)])
    done(desk, ANN)
    assert done(desk, BEN, work_done(WRONG, *REST)).state == "adjudication"
    assert claim(desk, RITA, "adjudicate") is None


def test_what_was_accepted_together_is_stamped_and_looked_at_by_a_reviewer_by_policy(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a"), new_item("b", severity=0.5)])
    strict = replace(desk, policy=desk.policy.model_copy(update={"second_look_accepted": 1.0}))
    rest = work_done(WRONG).model_copy(update={"accepted_rest": True})
    assert done(strict, ANN, rest).state == "adjudication"
    assert done(strict, BEN).state == "settled"


def test_statements_that_were_accepted_together_stand_as_they_were(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a")])
    done(desk, ANN, work_done(WRONG).model_copy(update={"accepted_rest": True}))
    found = _only(desk)
    assert found.accepted_rest
    assert [(work.claim_id, work.status) for work in found.claims] == [
        ("c#0", "wrong"), ("c#1", "unseen"), ("c#2", "unseen"),
    ]  # fmt: skip


def test_decisions_are_numbered_as_they_are_collected(desk: Desk) -> None:
    store.add(desk.engine, [new_item(name) for name in "abc"])
    people: tuple[Person, ...] = (ANN, BEN)
    for person in people:
        done(desk, person)
    assert [one.number for one in store.decided(desk.engine)] == [1, 2]
    done(desk, ANN)
    assert [one.number for one in store.decided(desk.engine, after=2)] == [3]
    assert [one.number for one in store.decided(desk.engine)] == [1, 2, 3]
