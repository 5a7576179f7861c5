"""Claims that no measurement can judge are held against what is shown of their span; the check counts what is found."""

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from captioners.asking import Ask, Pictures
from captioners.check import Check
from captioners.check.witness import Witness
from captioners.evidence import CaptionedEvidence, Evidence, SeenCaption
from captioners.seeing.profile import Sight
from curate.errors import RecipeError, RowError, Unreachable
from curate.stage import Outcome
from schemas import testimony  # its row begins with the name by which pytest knows tests
from schemas.caption import Claim, Verdict
from tests.captioners.check.seers import words_of
from tests.captioners.evidences import caption_of
from tests.captioners.real import clip_of
from tests.captioners.seeing.scripted import Scripted
from tests.captioners.seeing.test_see import plain

Answer = Callable[[Ask], str | RowError]
SO = "A man in a hat waits."
NOT_SO = "A woman dances."
OPEN = "A dog sleeps behind the wall."
SAID = {SO: "supported", NOT_SO: "contradicted", OPEN: "unverifiable"}
MEASURED = "The clip lasts 9 s."  # which the evidence contradicts


def row_of(folder: Path, index: int, *texts: str, spans_s: tuple[tuple[float, float], ...] = ()) -> SeenCaption:
    """Four seconds of one colour, and a caption with these claims of it: of the whole, or of their spans."""
    file = clip_of(plain(folder / f"{index}.avi", (60 * index, 90, 120), 4), 0, 4_000_000)
    evidence = Evidence(file.clip, file.media, (), (), ())
    caption = caption_of(evidence)
    claims = tuple(
        Claim(f"{caption.caption_id}#{at}", "action", round(start_s * 1e6), round(end_s * 1e6), text, (), "vlm", False)
        for at, (text, (start_s, end_s)) in enumerate(zip(texts, spans_s or ((0.0, 4.0),) * len(texts), strict=True))
    )
    caption = dataclasses.replace(caption, claims=claims, dense=" ".join(texts))
    return SeenCaption(caption, evidence, file.file)


def knows(ask: Ask) -> str:
    """What is so of each statement."""
    lines = re.findall(r"^(c\d+)\. (.*)$", words_of(ask), re.MULTILINE)
    return json.dumps({name: {"why": f"I looked for: {text}", "finding": SAID[text]} for name, text in lines})


def witness(answers: Answer, seed: int = 0, whole: bool = True, **settings: Any) -> Witness:
    model: Any = Scripted(answers, 5, seed, whole)
    sight = Sight(max_pixels=64 * 64, min_pixels=32 * 32)
    return Witness(model, "qwen3-vl-8b", sight, **{"children": 1, **settings})


def outcomes(stage: Witness, *rows: SeenCaption) -> dict[str, Outcome[testimony.Testimony]]:
    return {outcome.input_id: outcome for outcome in stage.open()(rows)}


def verdict(row: SeenCaption, said: testimony.Testimony | None) -> Verdict:
    (outcome,) = Check().open()([CaptionedEvidence(row.caption, row.evidence, (), said)])
    return outcome.rows[0]


def test_what_the_tools_cannot_judge_is_judged_by_one_who_sees_and_counted(tmp_path: Path) -> None:
    row = row_of(tmp_path, 0, SO, NOT_SO, OPEN, MEASURED)
    (said,) = outcomes(witness(knows), row)[row.id].rows
    assert [(one.claim_id, one.finding) for one in said.findings] == [
        (claim.claim_id, SAID[claim.text]) for claim in row.caption.claims[:3]
    ]
    assert said.findings[1].why == f"I looked for: {NOT_SO}"
    assert (said.model, said.profile, said.prompt, said.tokens_in) == ("scripted", "qwen3-vl-8b", "witness.v1", 100)
    alone, both = verdict(row, None), verdict(row, said)
    assert (alone.claims_supported, alone.claims_contradicted, alone.claims_unverifiable) == (0, 1, 3)
    assert (both.claims_supported, both.claims_contradicted, both.claims_unverifiable) == (1, 2, 1)
    shown = {one.question: (one.truth, one.answer) for one in both.failed}
    assert shown[f"Is this so: {NOT_SO}"] == ("no", "yes")


def test_what_the_tools_contradict_stays_so_whatever_a_witness_says(tmp_path: Path) -> None:
    row = row_of(tmp_path, 0, SO, MEASURED)
    (said,) = outcomes(witness(knows), row)[row.id].rows
    claim = row.caption.claims[1]
    perjured = dataclasses.replace(
        said, findings=(dataclasses.replace(said.findings[0], claim_id=claim.claim_id, finding="supported"),)
    )
    assert verdict(row, perjured).claims_contradicted == 1


def test_claims_of_one_span_are_judged_together_from_a_little_more_than_it(tmp_path: Path) -> None:
    asked: list[Ask] = []
    row = row_of(tmp_path, 0, SO, NOT_SO, OPEN, spans_s=((1.0, 2.0), (1.0, 2.0), (3.0, 4.0)))
    stage = witness(lambda ask: asked.append(ask) or knows(ask), margin_s=0.4)  # type: ignore[func-returns-value]
    (said,) = outcomes(stage, row)[row.id].rows
    assert [(one.start_us, one.end_us) for one in said.findings] == [
        (600_000, 2_400_000), (600_000, 2_400_000), (2_600_000, 4_000_000),
    ]  # fmt: skip
    first, _ = sorted(asked, key=lambda ask: ask.id)
    assert "0.60 to 2.40" in words_of(first) and isinstance(first.parts[0], Pictures)
    assert all(600_000 - 100_000 <= at < 2_400_000 for at in said.findings[0].frames_us)
    few = list(outcomes(witness(knows, asked_together=1), row_of(tmp_path, 1, SO, NOT_SO, OPEN)).values())
    assert few[0].rows[0].tokens_in == 300


def test_a_caption_of_which_nothing_is_open_is_not_asked_about(tmp_path: Path) -> None:
    row = row_of(tmp_path, 0, MEASURED)
    (said,) = outcomes(witness(lambda ask: Unreachable("asked")), row)[row.id].rows
    assert (said.findings, said.tokens_in) == ((), 0)


@pytest.mark.parametrize("seed", range(2))
def test_what_is_said_of_a_caption_lands_on_it_in_whatever_order(tmp_path: Path, seed: int) -> None:
    texts = ((SO, NOT_SO), (NOT_SO, OPEN), (OPEN, SO))
    rows = [row_of(tmp_path, at, *said, spans_s=((0, 1), (2, 3))) for at, said in enumerate(texts)]
    found = outcomes(witness(knows, seed=seed, captions_together=2), *rows)
    assert [[one.finding for one in found[row.id].rows[0].findings] for row in rows] == [
        [SAID[text] for text in said] for said in texts
    ]


@pytest.mark.parametrize(
    ("answer", "whole", "kind"),
    [
        (lambda ask: "No.", True, "bad_answer"),
        (lambda ask: json.dumps({"c1": {"why": "so", "finding": "perhaps"}}), True, "bad_answer"),
        (lambda ask: "{", False, "cut_short"),
        (lambda ask: Unreachable("no replica answers"), True, "unreachable"),
    ],
)
def test_a_caption_that_could_not_be_asked_about_has_no_testimony(
    tmp_path: Path, answer: Answer, whole: bool, kind: str
) -> None:
    bad, good = row_of(tmp_path, 0, SO), row_of(tmp_path, 1, SO)
    found = outcomes(
        witness(lambda ask: answer(ask) if not whole or ask.id.startswith(bad.id) else knows(ask), whole=whole),
        bad, good,
    )  # fmt: skip
    assert found[bad.id].rows == ()
    assert found[bad.id].failure is not None and found[bad.id].failure.kind == kind
    assert bool(found[good.id].rows) == whole


def test_a_witness_sees_more_than_the_span() -> None:
    with pytest.raises(RecipeError, match="not more than 0"):
        witness(knows, margin_s=0.0)
