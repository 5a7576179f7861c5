"""Statistics say what people did, and nothing that they did not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.review import queue, store
from curate.review.desk import Desk
from curate.review.figures import figures
from curate.review.measures import alpha, kappa, wilson, word_edits
from curate.review.triples import triples
from curate.review.wire import Planted
from tests.review.acting import ANN, BEN, RITA, Clock, claimed, done, sent
from tests.review.made import CLAIMS, SECOND, added, answers, new_item, verdict, work_done

WRONG = verdict(CLAIMS[0], status="wrong", error_kind="colour", critique="it is blue")
EDITED = verdict(CLAIMS[1], status="edited", text="It rolls from right to left.", error_kind="direction")
REST = tuple(verdict(claim) for claim in CLAIMS[1:])
FEW = st.lists(st.sampled_from("abc"), max_size=8)


def test_alpha_of_krippendorffs_own_example() -> None:
    """Reliability data of four observers and twelve units with missing values, nominal: 0.743 (2011, C)."""
    observers = (
        (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None), (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
        (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None), (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
    )  # fmt: skip
    units = [[value for value in unit if value is not None] for unit in zip(*observers, strict=True)]
    assert alpha(unit for unit in units if len(unit) > 1) == pytest.approx(0.743, abs=5e-4)


def test_kappa_of_a_table_with_known_value() -> None:
    """Wikipedia, Cohen's kappa: 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: 0.4."""
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert kappa(pairs) == pytest.approx(0.4)
    assert kappa([("y", "y")]) is None


def test_an_interval_of_nine_in_ten() -> None:
    assert wilson(9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-3)
    assert wilson(0, 0) == (0.0, 1.0)


@given(FEW, FEW, FEW)
def test_word_edits_are_a_distance(one: list[str], two: list[str], three: list[str]) -> None:
    assert (word_edits(one, two) == 0) == (one == two)
    assert word_edits(one, two) == word_edits(two, one)
    assert word_edits(one, three) <= word_edits(one, two) + word_edits(two, three)
    assert abs(len(one) - len(two)) <= word_edits(one, two) <= max(len(one), len(two))


def test_people_captioners_and_errors(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a"), new_item("b", severity=0.5)])
    done(desk, ANN, work_done(WRONG, EDITED, REST[1], added("A bell rings.")))
    done(desk, BEN)
    found = figures(desk.engine, 100)
    ann, ben = found.people
    assert (ann.items, ann.accepted, ann.words_changed) == (1, 1 / 3, 3 + 2 + 3)
    assert (ben.accepted, ben.words_changed) == (1.0, 0.0)
    assert ann.items_per_hour == 360  # it took 10 s by the server's clock, whatever the page says
    assert [(row.kind, row.count) for row in found.errors] == [("colour", 1), ("direction", 1)]
    assert (found.captioners[0].statements, found.captioners[0].added) == (6, 1)


def test_what_was_taken_back_does_not_count(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a")])
    done(desk, ANN, work_done(WRONG, *REST))
    sent(desk, ANN, queue.undo(desk, ANN, "a"), work_done())
    assert (figures(desk.engine, 100).submits, figures(desk.engine, 100).errors) == (1, ())


def test_gold_is_scored_by_person_and_kind_and_is_no_figure_of_a_captioner(desk: Desk) -> None:
    swapped = Planted(kind="colour", claim_id="c#0", facet="subject", start_us=2 * SECOND, end_us=6 * SECOND)
    gone = Planted(kind="missing", claim_id=None, facet="event", start_us=3 * SECOND, end_us=4 * SECOND)
    store.add(desk.engine, [new_item("g", planted=(swapped, gone), overlap=2)])
    done(desk, ANN, work_done(WRONG, *REST, added()))
    done(desk, BEN, work_done(verdict(CLAIMS[0]), verdict(CLAIMS[1], status="wrong", error_kind="order"), REST[1]))
    found = figures(desk.engine, 100)
    assert {(row.kind, row.person): row.recall for row in found.gold} == {
        ("colour", None): 0.5, ("colour", "ann"): 1.0, ("colour", "ben"): 0.0,
        ("missing", None): 0.5, ("missing", "ann"): 1.0, ("missing", "ben"): 0.0,
    }  # fmt: skip
    assert [row.gold_false_alarms for row in found.people] == [0, 1]
    assert found.captioners == ()


def test_agreement_of_verdicts_and_of_boundaries(desk: Desk) -> None:
    store.add(desk.engine, [new_item("a", overlap=2)])
    near = EDITED.model_copy(update={"start_us": EDITED.start_us + 150_000})
    done(desk, ANN, work_done(WRONG, EDITED, REST[1]))
    done(desk, BEN, work_done(WRONG, near, REST[1]))
    sent(desk, RITA, claimed(desk, RITA, "adjudicate"))
    found = figures(desk.engine, 100)
    assert (found.alpha, found.pairs[0].kappa, found.pairs[0].statements) == (1.0, 1.0, 3)
    assert {row.within_ms: row.same for row in found.boundaries} == {40: 0, 100: 0, 200: 1, 500: 1, 1000: 1}


def test_blind_readings_are_figures_of_the_captioner(desk: Desk) -> None:
    store.add(desk.engine, [new_item("b", "blind")])
    done(desk, ANN, work_done(answers=answers("red", None)).model_copy(update={"claims": ()}))
    (row,) = figures(desk.engine, 100).captioners
    assert (row.blind_right, row.blind_asked, row.accepted) == (1, 2, None)


def test_an_empty_queue_has_no_figures(desk: Desk) -> None:
    assert figures(desk.engine, 100).submits == 0


def test_triples_tell_before_critique_and_after_with_their_origin(desk: Desk, clock: Clock) -> None:
    planted = Planted(kind="colour", claim_id="c#0", facet="subject", start_us=2 * SECOND, end_us=6 * SECOND)
    store.add(desk.engine, [new_item("a"), new_item("g", severity=0.5, planted=(planted,))])
    done(desk, ANN, work_done(WRONG, EDITED, REST[1], added("A bell rings.")))
    done(desk, ANN)
    assert list(triples(desk.engine)) == []  # what is not collected can still be taken back
    list(store.decided(desk.engine))
    (line,) = triples(desk.engine)
    told = json.loads(line)
    assert told["before"] == " ".join(claim.text for claim in CLAIMS)
    assert told["after"] == "It rolls from right to left. A bell rings. A knock is heard."
    assert [(one["status"], one["before"], one["after"], one["critique"]) for one in told["critique"]] == [
        ("wrong", "A red ball.", None, "it is blue"),
        ("edited", "It rolls from left to right.", "It rolls from right to left.", None),
        ("added", None, "A bell rings.", None),
    ]
    assert (told["from"]["item_id"], told["from"]["reviewers"], told["from"]["settled_by"]) == ("a", ["ann"], "one")
    assert list(triples(desk.engine, after=told["from"]["number"])) == []
