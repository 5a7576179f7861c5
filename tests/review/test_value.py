"""What is worth a person's time comes first, and says why."""

from hypothesis import given
from hypothesis import strategies as st

from curate.review.value import AUDIT, value
from schemas.caption import Axis, Verdict


def _verdict(*axes: Axis, untrue: int = 0) -> Verdict:
    return Verdict("c", "m/0-9", "flagged", None, None, None, 5, untrue, 0, axes, ())


def test_what_is_told_wrong_weighs_twice_what_is_not_told() -> None:
    wrong, missing = Axis("event", 4, 4, 3, 1), Axis("event", 4, 3, 3, 0)
    assert value(_verdict(wrong), 0, {}).severity == 2 * value(_verdict(missing), 0, {}).severity


def test_an_untrue_statement_raises_it() -> None:
    axis = Axis("event", 4, 4, 4, 0)
    assert value(_verdict(axis, untrue=1), 0, {}).severity > value(_verdict(axis), 0, {}).severity == AUDIT


def test_an_axis_that_matters_more_raises_its_faults() -> None:
    axes = Axis("speech", 4, 4, 3, 1), Axis("colour", 4, 4, 4, 0)
    plain, weighted = value(_verdict(*axes), 0, {}), value(_verdict(*axes), 0, {"speech": 3.0})
    assert weighted.severity > plain.severity


def test_it_says_why_in_words() -> None:
    found = value(_verdict(Axis("event", 4, 3, 2, 1, seen=4, seen_right=2), untrue=2), 1, {}, 2.0)
    assert [why.words for why in found.why] == [
        "of 4 questions 1 told wrong and 1 not told; 2 statements untrue",
        "1 conflict between its sources; one who sees answers 2 of 4 questions otherwise",
        "weight 2",
    ]


@given(asked=st.integers(0, 50), data=st.data(), conflicts=st.integers(0, 20), untrue=st.integers(0, 9))
def test_every_value_can_be_ordered(asked: int, data: st.DataObject, conflicts: int, untrue: int) -> None:
    answered = data.draw(st.integers(0, asked))
    right = data.draw(st.integers(0, answered))
    found = value(_verdict(Axis("event", asked, answered, right, answered - right), untrue=untrue), conflicts, {})
    assert AUDIT <= found.severity <= 3
    assert 1 <= found.disagreement <= 3
