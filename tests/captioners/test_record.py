"""The record is strict, bounded, and read as claims."""

from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from captioners.claims import claims
from captioners.record import (
    Absence,
    Absences,
    Action,
    Basis,
    Event,
    Record,
    Setting,
    Shot,
    Sight,
    Span,
    Subject,
    Utterance,
)
from captioners.render import RENDERERS, dense

SEEN = Basis(span=Span(start_us=1_500_000, end_us=3_000_000), evidence=("clips",), origin="vlm")
ALL = Basis(evidence=("clips",), origin="vlm")


def full() -> Record:
    """A record as a model that sees and hears would write it."""
    return Record(
        start_us=1_000_000,
        end_us=5_000_000,
        still=False,
        shots=(Shot(framing="a wide shot", angle="from below", basis=ALL),),
        settings=(Setting(place="a station hall", basis=ALL),),
        subjects=(Subject(name="woman", count=1, clothing="a red coat", facing="left", basis=ALL),),
        actions=(Action(actor="the woman", verb="opens", target="a door", manner="slowly", basis=SEEN),),
        speech=(Utterance(text="Hallo", speaker="The woman", manner="softly", gloss="Hello", basis=SEEN),),
        events=(Event(label="creak", source="the door", on_screen=True, basis=SEEN),),
        first_frame=Sight(description="An empty hall.", basis=ALL),
        absences=Absences(music=Absence(absent=True, basis=ALL), text=Absence(absent=False, basis=ALL)),
    )


def test_each_statement_is_one_claim_with_its_span() -> None:
    rows = claims(full(), "cap")
    assert [(row.facet, row.text) for row in rows] == [
        ("shot", "The shot is a wide shot, from below."),
        ("setting", "The setting is a station hall."),
        ("subject", "There is one woman, wearing a red coat, facing left."),
        ("action", "The woman opens a door slowly from 0.50 s to 2.00 s."),
        ("speech", 'The woman says softly from 0.50 s to 2.00 s: "Hallo", which means "Hello".'),
        ("event", "A creak is heard from the door on screen from 0.50 s to 2.00 s."),
        ("first_frame", "The first frame: An empty hall."),
        ("absence", "There is no music."),
    ]
    assert (rows[3].start_us, rows[3].end_us) == (1_500_000, 3_000_000)
    assert (rows[0].start_us, rows[0].end_us) == (1_000_000, 5_000_000)
    assert rows[3].claim_id == "cap#3"
    assert {row.origin for row in rows} == {"vlm"}


def test_what_is_uncertain_says_so() -> None:
    doubtful = Basis(span=SEEN.span, evidence=("frames",), origin="vlm", uncertain=True)
    action = Action(actor="a man", verb="lifts", target="a cup", contact="his left hand holds its ear", basis=doubtful)
    record = Record(start_us=1_000_000, end_us=5_000_000, still=False, actions=(action,))
    assert dense(record) == "A man lifts a cup from 0.50 s to 2.00 s; his left hand holds its ear (uncertain)."


def test_dense_prose_holds_every_claim() -> None:
    prose = dense(full())
    assert all(row.text in prose for row in claims(full(), "cap"))


def test_every_renderer_makes_prose_of_a_full_record() -> None:
    assert all(draft(full()).text for draft in RENDERERS.values())
    assert all(isinstance(draft(Record(start_us=0, end_us=0, still=True)).text, str) for draft in RENDERERS.values())


def test_unknown_fields_and_backward_spans_are_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        Record.model_validate({"start_us": 0, "end_us": 1, "still": False, "mood": "tense"})
    with pytest.raises(ValidationError, match="ends before it starts"):
        Span(start_us=5, end_us=4)
    with pytest.raises(ValidationError, match="at most 60"):
        Event(label="x" * 61, basis=ALL)


def _parts(schema: object) -> Iterator[dict[str, object]]:
    if isinstance(schema, dict):
        yield schema
        for part in schema.values():
            yield from _parts(part)
    if isinstance(schema, list):
        for part in schema:
            yield from _parts(part)


def test_the_schema_bounds_every_string_and_array() -> None:
    for part in _parts(Record.model_json_schema()):
        if part.get("type") == "string":
            assert "maxLength" in part or "enum" in part or "const" in part, part
        if part.get("type") == "array":
            assert "maxItems" in part, part
        if part.get("type") == "object":
            assert part["additionalProperties"] is False, part
