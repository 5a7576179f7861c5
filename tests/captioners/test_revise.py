"""What people decided about a caption is a caption of theirs; a rejection and a blind reading are none."""

import dataclasses
from typing import Any

import pytest

from captioners.evidence import ReviewedCaption
from captioners.phrasing import carried
from captioners.record import Basis, Conflict, Record
from captioners.render.dense import draft
from captioners.retelling import Making, caption
from captioners.revise import Revise
from curate.stage import Outcome
from schemas.caption import Caption, Claim, Judgement, Phrased, Phrasing, Review
from tests.captioners.evidences import caption_of, known_evidence


def judged(claim: Claim, status: Any = "right", after: str | None = None, **more: Any) -> Judgement:
    row = Judgement(claim.claim_id, status, claim.facet, claim.start_us, claim.end_us, claim.text,
                    claim.text if status == "right" else after, None, None)  # fmt: skip
    return dataclasses.replace(row, **more)


def review(before: Caption, *judgements: Judgement, **more: Any) -> Review:
    row: dict[str, Any] = {
        "review_id": "item#1", "caption_id": before.caption_id, "clip_id": before.clip_id, "revision": 1,
        "mode": "triage", "decision": "caption", "reason": None, "settled_by": "one", "reviewers": ("ann",),
        "judgements": judgements, "before": before.dense, "started_us": 0, "submitted_us": 1, "active_ms": 1, **more,
    }  # fmt: skip
    return Review(**row)


def outcome(row: Review, before: Caption | None) -> Outcome[Caption]:
    (found,) = Revise().open()([ReviewedCaption(row, before)])
    assert found.input_id == "item#1"
    return found


BEFORE = caption_of(known_evidence())


def claim(text: str) -> Claim:
    return next(one for one in BEFORE.claims if text in one.text)


def test_each_judgement_does_what_it_says() -> None:
    knock, tone, exit_ = claim("A knock is heard at 1.20 s."), claim("440 Hz"), claim("EXIT")
    row = review(
        BEFORE,
        judged(knock, "wrong"),
        judged(tone, "right", start_us=tone.start_us + 500_000, after=tone.text),
        judged(exit_, "edited", exit_.text.replace("EXIT", "EXITS")),
        judged(claim("The picture is dark."), "right"),
        Judgement("+1", "added", "subject", 3_000_000, 11_000_000, None, "A man waits.", None, None),
    )
    (after,) = outcome(row, BEFORE).rows
    record = Record.model_validate_json(after.record)
    assert (after.captioner, after.parent, after.model) == ("human", BEFORE.caption_id, None)
    assert (after.tokens_in, after.tokens_out, after.clip_id) == (None, None, BEFORE.clip_id)
    assert len(record.events) == len(Record.model_validate_json(BEFORE.record).events) - 1
    moved = next(one for one in record.events if one.label == "tone")
    assert moved.basis.span is not None and moved.basis.span.start_us == tone.start_us + 500_000
    assert (moved.basis.origin, record.texts[0].text, record.texts[0].basis.origin) == ("human", "EXITS", "human")
    assert "A man waits." in after.dense and record.lights[0].basis.origin == "measured"
    untouched = {one.text for one in BEFORE.claims} - {knock.text, tone.text, exit_.text}
    assert untouched <= {one.text for one in after.claims}


def test_words_as_long_as_the_page_takes_become_a_caption() -> None:
    words = "Word " + "word " * 798 + "ends."
    assert len(words) == 4000
    edited = judged(claim("The picture is dark."), "edited", words)
    added = Judgement("+1", "added", "subject", 3_000_000, 11_000_000, None, words, None, None)
    (after,) = outcome(review(BEFORE, edited, added), BEFORE).rows
    assert len([one for one in after.claims if one.text == words]) == 2


def test_a_person_leaves_no_conflict_and_two_people_make_two_captions() -> None:
    basis = Basis(evidence=(), origin="blend")
    conflict = Conflict(facet="camera", held="It stands.", disputed="It pans.", basis=basis)
    record = Record.model_validate_json(BEFORE.record).model_copy(update={"conflicts": (conflict,)})
    before = caption(BEFORE.clip_id, record, Making(captioner="blend"))
    (one,) = outcome(review(before), before).rows
    assert Record.model_validate_json(one.record).conflicts == ()
    (found,) = Revise().open()([ReviewedCaption(review(before, review_id="item#2"), before)])
    assert found.rows[0].record == one.record and found.rows[0].caption_id != one.caption_id


@pytest.mark.parametrize("more", [{"decision": "reject", "reason": "a test card"}, {"mode": "blind"}])
def test_a_rejection_and_a_blind_reading_make_no_caption(more: dict[str, str]) -> None:
    assert outcome(review(BEFORE, **more), BEFORE) == Outcome("item#1", ())
    assert outcome(review(BEFORE), None) == Outcome("item#1", ())


def test_a_judgement_of_another_caption_is_a_failure_that_names_it() -> None:
    failed = outcome(review(BEFORE, judged(claim("EXIT"), claim_id="other#0")), BEFORE).failure
    assert failed is not None and failed.kind == "unsupported" and "other#0" in failed.detail


def test_the_prose_of_a_model_stays_where_all_that_it_tells_still_holds() -> None:
    text, dark = claim("EXIT").text, claim("The picture is dark.").text
    sentences = (Phrased("A sign says EXIT.", (text,)), Phrased("It is rather dark.", (dark,)))
    phrasing = Phrasing("writer", None, "hash", "{}", sentences, ("refused",), 10, 20)
    before = dataclasses.replace(BEFORE, phrasing=phrasing)
    (after,) = outcome(review(before, judged(claim("EXIT"), "wrong")), before).rows
    assert "It is rather dark." in after.dense and "A sign says EXIT." not in after.dense and dark not in after.dense
    assert after.phrasing is not None and after.phrasing.sentences == sentences[1:] and after.phrasing.tokens_in == 0
    assert carried(phrasing, draft(Record(start_us=0, end_us=1, still=False))) is None
