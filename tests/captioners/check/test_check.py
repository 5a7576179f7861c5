"""The verdict: what passes, what is flagged, and what an annotator is shown."""

import dataclasses
import pickle

from hypothesis import given, settings
from hypothesis import strategies as st

from captioners.check import Check
from captioners.evidence import CaptionedEvidence, Evidence
from captioners.record import Basis, Conflict, Record, Span
from curate.stage import config
from schemas.caption import Verdict
from tests.captioners.check.other_voice import retold
from tests.captioners.evidences import captioned, clip, known_evidence, media, random_evidence, sound


def _verdict(row: CaptionedEvidence, check: Check | None = None) -> Verdict:
    (outcome,) = (check or Check()).open()([row])
    assert outcome.input_id == row.caption.caption_id
    (verdict,) = outcome.rows
    return verdict


def _with(row: CaptionedEvidence, old: str, new: str) -> CaptionedEvidence:
    assert old in row.caption.dense
    return dataclasses.replace(row, caption=dataclasses.replace(row.caption, dense=row.caption.dense.replace(old, new)))


def test_the_measured_caption_passes_whole() -> None:
    verdict = _verdict(captioned(known_evidence()))
    assert verdict.status == "pass"
    assert (verdict.coverage, verdict.accuracy, verdict.contradiction) == (1.0, 1.0, 0.0)
    assert verdict.failed == ()
    assert verdict.claims_contradicted == verdict.claims_unverifiable == 0
    assert all(axis.right == axis.asked for axis in verdict.axes)


def test_a_wrong_colour_is_flagged_with_question_span_and_both_answers() -> None:
    row = _with(captioned(known_evidence()), "red (50 %)", "green (50 %)")
    verdict = _verdict(row)
    assert verdict.status == "flagged"
    colour = next(axis for axis in verdict.axes if axis.axis == "colour")
    assert colour.contradicted >= 2
    shown = next(item for item in verdict.failed if item.question == "Which colour covers most of the picture?")
    assert (shown.truth, shown.answer, shown.evidence) == ("red", "green", ("scores:palette",))
    assert (shown.start_us, shown.end_us) == (3_000_000, 11_000_000)
    assert verdict.claims_contradicted == 1
    assert verdict.failed[-1].question.startswith("Is this so: The main colours are green")


def test_what_its_sources_could_not_agree_on_flags_a_caption() -> None:
    basis = Basis(span=Span(start_us=4_000_000, end_us=5_000_000), evidence=("frames",), origin="blend", uncertain=True)
    conflict = Conflict(facet="camera", held="The camera pans left.", disputed="The camera pans right.", basis=basis)
    row = captioned(known_evidence())
    record = Record.model_validate_json(row.caption.record).model_copy(update={"conflicts": (conflict,)})
    row = dataclasses.replace(row, caption=dataclasses.replace(row.caption, record=record.model_dump_json()))
    verdict = _verdict(row)
    assert verdict.status == "flagged"
    shown = verdict.failed[-1]
    assert (shown.axis, shown.truth, shown.answer) == ("camera", conflict.held, conflict.disputed)
    assert (shown.start_us, shown.end_us) == (4_000_000, 5_000_000)
    assert _verdict(row, Check(max_conflicts=1)).status == "pass"


def test_a_caption_that_says_little_is_flagged_for_its_coverage() -> None:
    row = captioned(known_evidence())
    brief = dataclasses.replace(row, caption=dataclasses.replace(row.caption, dense="The picture is dark.", claims=()))
    verdict = _verdict(brief)
    assert verdict.coverage is not None
    assert 0 < verdict.coverage < 0.1
    assert (verdict.accuracy, verdict.contradiction, verdict.status) == (1.0, 0.0, "flagged")
    assert _verdict(brief, Check(min_coverage=0.0)).status == "pass"
    assert all(item.answer is None for item in verdict.failed)


def test_policy_decides_how_much_may_be_wrong() -> None:
    row = _with(captioned(known_evidence()), "pans right", "pans left")
    assert _verdict(row).status == "flagged"
    assert _verdict(row, Check(max_contradiction=0.1, max_claims_contradicted=1)).status == "pass"


def test_a_claim_that_the_prose_does_not_repeat_is_judged_too() -> None:
    row = captioned(known_evidence())
    claims = (dataclasses.replace(row.caption.claims[0], text="The camera zooms out."), *row.caption.claims[1:])
    verdict = _verdict(dataclasses.replace(row, caption=dataclasses.replace(row.caption, claims=claims)))
    assert (verdict.status, verdict.claims_contradicted) == ("flagged", 1)


def test_an_untestable_caption_is_not_passed() -> None:
    still = Evidence(clip(0, 0, still=True), media(audio=False, still=True), (), None, None)
    verdict = _verdict(captioned(still))
    assert (verdict.coverage, verdict.accuracy, verdict.contradiction) == (None, None, None)
    assert (verdict.status, verdict.axes) == ("flagged", ())


def test_a_crowded_clip_passes_too() -> None:
    of = clip(length_us=60_000_000)
    knocks = tuple(sound(of, "event", i, 0.1 + i * 0.4, 0.15 + i * 0.4, label="knock") for i in range(140))
    words = tuple(sound(of, "word", i, i * 0.3, i * 0.3 + 0.25, text=f"word{i % 90}", score=0.9) for i in range(190))
    verdict = _verdict(captioned(Evidence(of, media(), (), (*knocks, *words), ())))
    assert (verdict.status, verdict.coverage, verdict.failed) == ("pass", 1.0, ())


def test_the_stage_is_plain_data() -> None:
    assert pickle.loads(pickle.dumps(Check())) == Check()  # noqa: S301  our own bytes
    assert '"sure"' in config(Check())


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_true_captions_are_not_contradicted_whatever_their_words(seed: int) -> None:
    evidence = random_evidence(seed)
    own, other = _verdict(captioned(evidence)), _verdict(retold(evidence, seed))
    assert own.failed == ()
    assert own.claims_contradicted == 0
    assert [item for item in other.failed if item.answer is not None] == []
