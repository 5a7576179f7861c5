"""Claims put right: whatever is edited, the record says what was asked for, and nothing else changes."""

from collections import Counter
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from captioners.claims import claims, lines
from captioners.record import (
    Absence,
    Absences,
    Action,
    Basis,
    Camera,
    Event,
    Record,
    ScreenText,
    Span,
    Statement,
    Utterance,
    Word,
)
from captioners.render import dense
from captioners.retelling import record_json
from captioners.revision import ABOUT, DENIES, Add, Change, Drop, Edit, Keep, revised
from schemas.caption import Claim, Facet
from tests.captioners.records import LENGTH_US, records

PERSON = Basis(evidence=(), origin="human")
edges = st.tuples(st.integers(0, LENGTH_US), st.integers(0, LENGTH_US)).map(sorted)
bases = edges.map(lambda pair: PERSON.model_copy(update={"span": Span(start_us=pair[0], end_us=pair[1])}))


@st.composite
def edited(draw: st.DrawFn) -> tuple[Record, list[Edit]]:
    """A record, and edits of some of its claims; new words are nobody else's."""
    record = draw(records)
    edits: list[Edit] = []
    for index in range(len(lines(record))):
        kind = draw(st.sampled_from(["leave", "keep", "drop", "move", "reword"]))
        if kind == "keep":
            edits.append(Keep(index))
        if kind == "drop":
            edits.append(Drop(index))
        if kind in {"move", "reword"}:
            edits.append(Change(index, f"Said anew {index}" if kind == "reword" else None, draw(bases)))
    for number in range(draw(st.integers(0, 3))):
        edits.append(Add(draw(st.sampled_from(get_args(Facet))), f"Added {number}", draw(bases)))
    return record, edits


def _same(claim: Claim) -> tuple[object, ...]:
    return claim.facet, claim.text, claim.start_us, claim.end_us, claim.origin, claim.uncertain


def _dependent(record: Record, edits: list[Edit]) -> set[int]:
    """Claims that another edit may take with it: words of an utterance, absences."""
    at = {line.place: index for index, line in enumerate(lines(record))}
    changed = {edit.claim for edit in edits if not isinstance(edit, Add | Keep)}
    spoken = {index for place, index in at.items() if len(place) == 4 and at[place[:2]] in changed}
    facets: set[Facet] = {edit.facet for edit in edits if isinstance(edit, Add)}
    facets |= {lines(record)[edit.claim].facet for edit in edits if isinstance(edit, Change) and edit.text}
    facets |= {"ambience", "speech", "music", "event", "text", "camera", "action"} if "absence" in facets else set()
    denied = {name for facet in facets for name in DENIES.get(facet, ())}
    return spoken | {index for place, index in at.items() if place[0] == "absences" and place[1] in denied}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(made=edited())
def test_any_edits_give_a_record_that_says_what_was_asked(made: tuple[Record, list[Edit]]) -> None:
    record, edits = made
    before, after = claims(record, "a"), claims(revised(record, edits), "b")
    by_claim = {edit.claim: edit for edit in edits if not isinstance(edit, Add)}
    dependent = _dependent(record, edits)
    untouched = [one for index, one in enumerate(before) if index not in by_claim and index not in dependent]
    assert not Counter(map(_same, untouched)) - Counter(map(_same, after))
    for index, edit in by_claim.items():
        if isinstance(edit, Change) and edit.text:
            (told,) = [one for one in after if one.text.startswith((f"Said anew {index} ", f"Said anew {index}."))]
            assert told.origin == "human" and not told.uncertain
            assert record.still or (told.start_us, told.end_us) == _edge(edit)
    moved = Counter(
        _edge(edit) for index, edit in by_claim.items()
        if isinstance(edit, Change) and edit.text is None and index not in dependent
    )  # fmt: skip
    if not record.still:
        assert not moved - Counter((one.start_us, one.end_us) for one in after if one.origin == "human")
    for number in range(sum(isinstance(edit, Add) for edit in edits)):
        assert sum(one.text.startswith(f"Added {number}") for one in after) == 1
    dropped = sum(isinstance(edit, Drop) for edit in by_claim.values())
    most = len(before) - dropped + sum(isinstance(edit, Add) for edit in edits)
    assert most - len(dependent) <= len(after) <= most
    times = Counter(one.text for one in before), Counter(one.text for one in after)
    once = [one.text for one in untouched if times[0][one.text] == times[1][one.text] == 1]
    assert [one.text for one in after if one.text in once] == once
    _each_after_the_items_of_its_facet(revised(record, edits))


def _each_after_the_items_of_its_facet(record: Record) -> None:
    last: dict[str, bool] = {}
    for line in lines(record):
        worded = line.place[0] == "remarks"
        if line.place[0] not in {"holds", "movement"}:  # facets of which something is told later on
            assert worded or not last.get(line.facet), line
            last[line.facet] = worded


def _edge(edit: Change | Add) -> tuple[int, int]:
    assert edit.basis.span is not None
    return edit.basis.span.start_us, edit.basis.span.end_us


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(record=records)
def test_no_edits_change_nothing_and_what_is_kept_is_in_doubt_no_more(record: Record) -> None:
    assert revised(record, ()) == record
    kept = claims(revised(record, [Keep(index) for index in range(len(lines(record)))]), "c")
    assert [(one.facet, one.start_us, one.origin) for one in kept] == [
        (one.facet, one.start_us, one.origin) for one in claims(record, "c")
    ]
    assert not any(one.uncertain for one in kept)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(record=records)
def test_a_record_of_which_all_is_dropped_says_nothing(record: Record) -> None:
    gone = revised(record, [Drop(index) for index in range(len(lines(record)))])
    assert lines(gone) == [] and dense(gone) == ""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(record=records, other=records, data=st.data())
def test_any_sentence_of_the_house_can_take_the_place_of_any_other(
    record: Record, other: Record, data: st.DataObject
) -> None:
    said = [line for line in lines(other) if not line.basis.uncertain]
    if not lines(record) or not said or record.still or other.still:
        return
    claim = data.draw(st.integers(0, len(lines(record)) - 1))
    line = data.draw(st.sampled_from(said))
    edit = Change(claim, line.text, PERSON.model_copy(update={"span": line.basis.span}), line.facet)
    after = claims(revised(record, [edit]), "a")
    told = [one for one in after if one.origin == "human"]
    assert [" ".join(one.text.split()).rstrip(".") for one in told] == [" ".join(line.text.split()).rstrip(".")]
    assert told[0].facet in {line.facet, *ABOUT.values()}
    assert Record.model_validate_json(record_json(revised(record, [edit]))) == revised(record, [edit])


def basis(start_s: float, end_s: float, *, uncertain: bool = False) -> Basis:
    span = Span(start_us=round(start_s * 1e6), end_us=round(end_s * 1e6))
    return Basis(span=span, evidence=("row",), origin="sound", uncertain=uncertain)


def by_person(start_s: float, end_s: float) -> Basis:
    return basis(start_s, end_s).model_copy(update={"origin": "human", "evidence": ()})


def of(**items: object) -> Record:
    return Record(start_us=0, end_us=10_000_000, still=False, **items)  # type: ignore[arg-type]


KNOCK = Event(label="knock", basis=basis(1, 2, uncertain=True))
LINE = Utterance(
    text="Mind the gap.",
    words=(Word(text="mind", basis=basis(1, 1.2)), Word(text="gap", basis=basis(1.5, 1.8))),
    basis=basis(1, 2),
)


def test_a_moved_event_is_still_an_event() -> None:
    record = revised(of(events=(KNOCK,)), [Change(0, None, by_person(3, 4))])
    assert record.events[0].label == "knock" and record.events[0].basis.evidence == ("row",)
    assert dense(record) == "A knock is heard from 3.00 s to 4.00 s."


@pytest.mark.parametrize(
    ("items", "words", "field"),
    [
        ({"events": (KNOCK,)}, "A thud is possibly heard from 1.00 s to 2.00 s.", ("events", "label", "thud")),
        ({"camera": (Camera(move="pan left", basis=basis(1, 2)),)}, "The camera pans right from 1.00 s to 2.00 s.",
         ("camera", "move", "pan right")),
        ({"texts": (ScreenText(text="EXIT", place="top left", basis=basis(1, 2)),)},
         'The text "EXIST" is written at the top left from 1.00 s to 2.00 s.', ("texts", "text", "EXIST")),
        ({"actions": (Action(actor="the man", verb="lifts", target="a cup", basis=basis(1, 2)),)},
         "The woman lifts a cup from 1.00 s to 2.00 s.", ("actions", "actor", "The woman")),
        ({"speech": (LINE,)}, 'A voice says from 1.00 s to 2.00 s: "Mind the step."',
         ("speech", "text", "Mind the step.")),
    ],
)  # fmt: skip
def test_words_that_the_structure_can_say_stay_in_it(
    items: dict[str, object], words: str, field: tuple[str, str, str]
) -> None:
    record = revised(of(**items), [Change(0, words, by_person(1, 2))])
    (item,) = getattr(record, field[0])
    assert getattr(item, field[1]) == field[2] and item.basis.origin == "human" and not record.remarks


def test_other_words_become_a_statement_with_their_time() -> None:
    record = revised(of(events=(KNOCK,)), [Change(0, "An old door slams at 1.50 s.", by_person(1, 2))])
    assert record.events == ()
    assert record.remarks == (Statement(facet="event", text="An old door slams at 1.50 s.", basis=by_person(1, 2)),)
    moved = revised(of(events=(KNOCK,)), [Change(0, "An owl hoots from 1.00 s to 2.00 s.", by_person(3, 4))])
    assert dense(moved) == "An owl hoots from 3.00 s to 4.00 s."


def test_words_of_an_utterance_stay_where_they_still_occur() -> None:
    held = revised(
        of(speech=(LINE,)), [Change(0, 'A voice says from 1.00 s to 2.00 s: "Find the gap."', by_person(1, 2))]
    )
    assert [word.text for word in held.speech[0].words] == ["gap"]
    told = revised(of(speech=(LINE,)), [Change(0, "A boy whispers about the gap.", by_person(1, 2))])
    assert told.speech == ()
    assert [one.text for one in told.remarks] == ["A boy whispers about the gap.", 'The word "gap" is said at 1.50 s.']
    assert told.remarks[1].basis.origin == "sound"
    assert lines(revised(of(speech=(LINE,)), [Drop(0)])) == []


NOTHING = Absence(absent=True, basis=Basis(evidence=(), origin="measured"))


def test_an_absence_goes_where_something_new_denies_it() -> None:
    silent = of(absences=Absences(text=NOTHING, other_text=NOTHING, music=NOTHING))
    added = [Add("text", 'The text "EXIT" is written on a door.', by_person(1, 2))]
    assert [line.text for line in lines(revised(silent, added))] == [
        'The text "EXIT" is written on a door from 1.00 s to 2.00 s.', "There is no music.",
    ]  # fmt: skip
    judged = revised(silent, [*added, Keep(2)])  # a person who added it says that there is no other
    assert judged.absences.other_text is not None and judged.absences.text is None


def test_that_nothing_is_there_denies_no_absence() -> None:
    silent = of(absences=Absences(text=NOTHING))
    texts = ("Nothing is written on the door.", "There is no sign.")
    told = revised(silent, [Add("text", text, by_person(0, 10)) for text in texts])
    assert [line.text for line in lines(told)] == [*texts, "There is no text on screen."]


def test_an_absence_that_became_a_presence_is_of_its_facet() -> None:
    silent = of(absences=Absences(music=NOTHING, sound=NOTHING))
    turned = revised(silent, [Change(1, "A piano plays softly.", by_person(0, 10))])
    assert [(line.facet, line.text) for line in lines(turned)] == [("music", "A piano plays softly.")]
    still = revised(silent, [Change(1, "There is no loud music.", by_person(0, 10))])
    assert [line.facet for line in lines(still)] == ["absence", "absence"]
