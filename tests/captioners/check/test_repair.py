"""A flagged caption goes back once, with what is open at its span; the truth is not told, and no guess is taken."""

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from captioners.asking import Ask, Pictures
from captioners.check import Check, Rules
from captioners.check.bank import questions
from captioners.check.complaint import complaints, facet_of
from captioners.check.examine import WHICH
from captioners.check.quiz.written import Axis
from captioners.check.repair import Repair
from captioners.evidence import CaptionedEvidence, Evidence, FlawedCaption
from captioners.measured import record_of
from captioners.prompt import prompt
from captioners.record import Absence, Absences, Basis, Conflict, Event, Overlay, Record, Span
from captioners.retelling import Making, caption
from captioners.revision import Add, Drop, revised
from captioners.seeing.profile import Sight
from curate.errors import RecipeError, RowError, Unreachable
from curate.stage import Outcome
from schemas.caption import Caption, Facet, FailedQuestion, Phrased, Phrasing, Verdict
from tests.captioners.check.seers import words_of
from tests.captioners.evidences import caption_of, known_evidence, score, sound, text
from tests.captioners.real import clip_of
from tests.captioners.seeing.scripted import Scripted
from tests.captioners.seeing.test_see import plain

Answer = Callable[[Ask], str | RowError]
MEASURED = Basis(evidence=(), origin="measured")
NOTHING: dict[str, Any] = {"can_tell": False, "sentence": None, "start_s": None, "end_s": None, "sure": None}


def evidence_of(folder: Path) -> Evidence:
    """Four seconds of one colour, with a knock and a sign as somebody measured them."""
    file = clip_of(plain(folder / "film.avi", (60, 90, 120), 4), 0, 4_000_000)
    clip = file.clip
    scores = (score(clip, "brightness", 90.0), score(clip, "border_share", 0.0), score(clip, "loudness", -20.0))
    heard = (sound(clip, "event", 0, 1.0, 1.1, label="knock", score=0.95),)
    return Evidence(clip, file.media, scores, heard, (text(clip, 0, 2.0, 3.5, "EXIT"),))


def flawed(folder: Path, change: Callable[[Record], Record]) -> FlawedCaption:
    """The measured caption, changed, and what the check says of it."""
    evidence = evidence_of(folder)
    file = clip_of(folder / "film.avi", 0, 4_000_000)
    record = change(Record.model_validate_json(caption_of(evidence).record))
    told = caption(evidence.id, record, Making(captioner="blend", model="seer", tokens_in=5, tokens_out=6))
    return FlawedCaption(told, verdict_of(told, evidence), evidence, file.file)


def verdict_of(told: Caption, evidence: Evidence) -> Verdict:
    (outcome,) = Check().open()([CaptionedEvidence(told, evidence)])
    return outcome.rows[0]


def with_bars(record: Record) -> Record:
    overlay = Overlay(description="black bars on both sides", basis=MEASURED)
    return record.model_copy(update={"overlays": (overlay,)})


def without_sign(record: Record) -> Record:
    """One that says nothing of what is written."""
    return record.model_copy(update={"texts": (), "absences": record.absences.model_copy(update={"other_text": None})})


def repair(answers: Answer, whole: bool = True, **settings: Any) -> Repair:
    model: Any = Scripted(answers, 5, 0, whole)
    return Repair(model, "qwen3-vl-8b", Sight(max_pixels=64 * 64, min_pixels=32 * 32), **{"children": 1, **settings})


def outcomes(stage: Repair, *rows: FlawedCaption) -> dict[str, Outcome[Caption]]:
    return {outcome.input_id: outcome for outcome in stage.open()(rows)}


def open_things(ask: Ask) -> dict[str, str]:
    return dict(re.findall(r"^(q\d+)\. (.*)$", words_of(ask), re.MULTILINE))


def by(answer: Callable[[str], dict[str, Any]], asked: list[Ask] | None = None) -> Answer:
    """A model that answers each thing by its words."""

    def answers(ask: Ask) -> str:
        if asked is not None:
            asked.append(ask)
        return json.dumps({name: answer(said) for name, said in open_things(ask).items()})

    return answers


def told(sentence: str | None, start_s: float = 0.0, end_s: float = 4.0, **more: Any) -> dict[str, Any]:
    return {**NOTHING, "can_tell": True, "sentence": sentence, "start_s": start_s, "end_s": end_s, "sure": True, **more}


def test_a_claim_that_is_not_so_is_struck_out_and_the_caption_passes(tmp_path: Path) -> None:
    row = flawed(tmp_path, with_bars)
    assert row.verdict.status == "flagged"
    (after,) = outcomes(repair(by(lambda _: told(None, so=False))), row)[row.id].rows
    assert "black bars" in row.caption.dense and "black bars" not in after.dense
    assert (after.parent, after.captioner, after.model) == (row.id, "blend+repair", "scripted")
    assert after.tokens_in == 100 and after.tokens_out and after.prompt_hash and after.caption_id != row.id
    assert verdict_of(after, row.evidence).status == "repaired"


def test_a_claim_becomes_what_is_so_instead_at_its_span(tmp_path: Path) -> None:
    row = flawed(tmp_path, with_bars)
    answer = told("A sign reads “EXIT”.", 2.0, 3.5, so=False)
    (after,) = outcomes(repair(by(lambda _: answer)), row)[row.id].rows
    (claim,) = (one for one in after.claims if one.origin == "vlm")
    assert (claim.facet, claim.text) == ("overlay", "A sign reads “EXIT” from 2.00 s to 3.50 s.")
    assert (claim.start_us, claim.end_us, claim.evidence) == (2_000_000, 3_500_000, ("frames",))


def test_who_speaks_and_what_comes_first_is_told_where_it_denies_nothing_else() -> None:
    """Who speaks is of the speech, not of what moves; what comes first may be two texts of a silent clip."""
    assert {axis: facet_of(axis) for axis in ("speaker", "order", "direction", "motion", "frame", "loudness")} == {
        "speaker": "speech", "order": "shot", "direction": "action", "motion": "action", "frame": "shot",
        "loudness": "ambience",
    }  # fmt: skip
    asked = {one.axis for one in questions(known_evidence(), Rules())} | set(get_args(Axis))
    assert {facet_of(axis) for axis in asked} <= set(get_args(Facet))
    silent = record_of(known_evidence(), 0.5, 5).model_copy(
        update={"absences": Absences(sound=Absence(absent=True, basis=MEASURED))}
    )
    after = revised(silent, [Add(facet_of("order"), "“A” is written before “B”.", MEASURED)])
    assert after.absences.sound is not None


def test_a_sentence_of_blanks_is_none(tmp_path: Path) -> None:
    row = flawed(tmp_path, without_sign)
    failure = outcomes(repair(by(lambda _: told("  "))), row)[row.id].failure
    assert failure is not None and failure.kind == "bad_answer"


def test_what_could_not_be_told_is_asked_at_its_span_and_added(tmp_path: Path) -> None:
    row = flawed(tmp_path, without_sign)
    asked: list[Ask] = []

    def answer(said: str) -> dict[str, Any]:
        return told('The text "EXIT" is written in the centre.', 2.0, 3.5) if "written" in said else NOTHING

    (after,) = outcomes(repair(by(answer, asked)), row)[row.id].rows
    assert 'The text "EXIT" is written in the centre from 2.00 s to 3.50 s.' in after.dense
    before, now = row.verdict, verdict_of(after, row.evidence)
    assert before.coverage is not None and now.coverage is not None and now.coverage > before.coverage
    spans = {ask.id: words_of(ask) for ask in asked}
    assert any("1.50 to 4.00" in words for words in spans.values())  # half a second more on both sides
    assert all(isinstance(ask.parts[0], Pictures) for ask in asked) and len(asked) < len(before.failed)


def test_the_truth_is_in_no_question(tmp_path: Path) -> None:
    """What was measured is told as such; of the answers that the check wants, and of those that it got, nothing is."""
    row = flawed(tmp_path, without_sign)
    secret = FailedQuestion("setting", "Where is this?", 0, 4_000_000, "Grottmund", "Blamfeld", ())
    row = dataclasses.replace(row, verdict=dataclasses.replace(row.verdict, failed=(*row.verdict.failed, secret)))
    asked: list[Ask] = []
    outcomes(repair(by(lambda _: NOTHING, asked)), row)
    words = "\n".join(map(words_of, asked))
    assert "Where is this?" in words and "Grottmund" not in words and "Blamfeld" not in words


CONFLICT = Conflict(facet="camera", held="The camera stands still.", disputed="The camera pans left.", basis=MEASURED)


@pytest.mark.parametrize(("chosen", "left"), [(CONFLICT.held, 0), (CONFLICT.disputed, 1), (None, 1)])
def test_of_two_sources_that_disagree_only_the_surer_one_can_be_upheld(
    tmp_path: Path, chosen: str | None, left: int
) -> None:
    row = flawed(tmp_path, lambda record: record.model_copy(update={"conflicts": (CONFLICT,)}))
    assert any(one.question == WHICH for one in row.verdict.failed)

    def answers(ask: Ask) -> str:
        (name,) = open_things(ask)
        pair = re.findall(r"^ +(\d): (.*)$", words_of(ask), re.MULTILINE)
        which = next((int(number) for number, said in pair if said == chosen), None)
        return json.dumps({name: {"can_tell": True, "which": which}})

    rows = outcomes(repair(answers), row)[row.id].rows
    assert len(rows) == 1 - left
    for after in rows:
        assert Record.model_validate_json(after.record).conflicts == ()
        assert verdict_of(after, row.evidence).status == "repaired"


def test_one_who_can_tell_nothing_or_insists_changes_nothing(tmp_path: Path) -> None:
    row = flawed(tmp_path, with_bars)
    for answer in ({**NOTHING, "so": None}, told(None, so=True), told(row.caption.claims[0].text, so=True)):
        assert outcomes(repair(by(lambda _, said=answer: said)), row)[row.id] == Outcome(row.id, ())  # type: ignore[misc]
    passed = dataclasses.replace(row, file=None)
    assert outcomes(repair(by(lambda _: told(None, so=False))), passed)[row.id] == Outcome(row.id, ())


def test_a_sentence_that_is_there_already_or_twice_is_not_added(tmp_path: Path) -> None:
    row = flawed(tmp_path, without_sign)

    def saying(sentence: str) -> Repair:
        return repair(by(lambda said: told(sentence, 2.0, 3.5) if "written" in said else NOTHING))

    assert outcomes(saying(row.caption.claims[0].text), row)[row.id] == Outcome(row.id, ())
    (after,) = outcomes(saying("A sign hangs there."), row)[row.id].rows
    assert after.dense.count("A sign hangs there from 2.00 s to 3.50 s.") == 1


@pytest.mark.parametrize(
    "wrong",
    [
        "so they say", json.dumps({"q1": told(None, so=False), "q9": NOTHING}), json.dumps({"q1": told(None)}),
        json.dumps({"q1": told("It is dark.", 3.0, 9.0, so=False)}), json.dumps({"q1": {"can_tell": "perhaps"}}),
        json.dumps({"q1": told("It is dark.", 3.0, 1.0, so=False)}),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_used_is_asked_for_once_more(tmp_path: Path, wrong: str) -> None:
    row = flawed(tmp_path, with_bars)
    times: list[Ask] = []

    def answers(ask: Ask, good: bool) -> str:
        times.append(ask)
        return json.dumps({"q1": told(None, so=False)}) if good and len(times) > 1 else wrong

    assert outcomes(repair(lambda ask: answers(ask, True)), row)[row.id].rows[0].tokens_in == 200
    assert "could not be used" in str(times[1].parts[-1])
    failure = outcomes(repair(lambda ask: answers(ask, False)), row)[row.id].failure
    assert failure is not None and failure.kind == "bad_answer"


def test_a_model_that_is_away_or_cut_off_is_a_failure_of_the_row(tmp_path: Path) -> None:
    row = flawed(tmp_path, with_bars)
    away = outcomes(repair(lambda _: Unreachable("nobody answers")), row)[row.id].failure
    cut = outcomes(repair(lambda _: "{", whole=False), row)[row.id].failure
    assert away is not None and away.kind == "unreachable" and cut is not None and cut.kind == "cut_short"


def test_most_questions_are_claims_then_what_was_wrong_then_what_was_not_told(tmp_path: Path) -> None:
    row = flawed(tmp_path, lambda record: without_sign(with_bars(record)))
    found = complaints(row.caption, row.verdict, 100)
    assert found[0].kind == "claim" and {one.kind for one in found[1:]} == {"question"}
    assert complaints(row.caption, row.verdict, 2) == found[:2]


def test_two_claims_of_one_text_are_told_apart_by_their_spans(tmp_path: Path) -> None:
    def twice(record: Record) -> Record:
        spans = (Span(start_us=at, end_us=at + 50_000) for at in (2_300_000, 3_300_000))
        knocks = (Event(label="knock", basis=MEASURED.model_copy(update={"span": span})) for span in spans)
        bare = revised(record, [Drop(at) for at, one in enumerate(caption_claims(record)) if one == "event"])
        return bare.model_copy(update={"events": tuple(knocks)})

    row = flawed(tmp_path, twice)
    numbers = [one.number for one in complaints(row.caption, row.verdict, 100) if one.kind == "claim"]
    assert len(numbers) == len(set(numbers)) == 2


def caption_claims(record: Record) -> list[str]:
    return [claim.facet for claim in caption("x", record, Making("blend")).claims]


def test_prose_of_a_model_that_is_not_so_is_told_in_ours_and_nobody_is_asked(tmp_path: Path) -> None:
    row = flawed(tmp_path, lambda record: record)
    lasts = next(claim.text for claim in row.caption.claims if "lasts" in claim.text)
    false = "The clip lasts 9.00 s, all in all."
    phrasing = Phrasing("writer", None, "hash", "{}", (Phrased(false, (lasts,)),), (), 1, 2)
    record = Record.model_validate_json(row.caption.record)
    phrased = caption(row.evidence.id, record, Making("blend"), (row.caption.dense.replace(lasts, false), phrasing))
    row = dataclasses.replace(row, caption=phrased, verdict=verdict_of(phrased, row.evidence))
    verdict = dataclasses.replace(row.verdict, failed=tuple(one for one in row.verdict.failed if one.axis == "prose"))
    assert row.verdict.status == "flagged" and len(verdict.failed) == 1
    row = dataclasses.replace(row, verdict=verdict)
    asked: list[Ask] = []
    (after,) = outcomes(repair(by(lambda _: NOTHING, asked)), row)[row.id].rows
    assert lasts in after.dense and false not in after.dense and after.phrasing is None
    assert (asked, after.tokens_in, verdict_of(after, row.evidence).status) == ([], 0, "repaired")


def test_a_recipe_that_cannot_be_is_refused() -> None:
    with pytest.raises(RecipeError, match="margin_s"):
        repair(by(lambda _: NOTHING), margin_s=0.0)
    with pytest.raises(RecipeError, match="from 1 to 12"):
        repair(by(lambda _: NOTHING), children=50)


def test_the_shipped_prompt_never_changes() -> None:
    """A changed prompt is another prompt: give it another name, and its hash here."""
    assert prompt("repair.v1").sha256[:16] == "97fa111a09ab1e97"
