"""A model reads captions: what it guesses without one does not count, and what it is asked of each is the clip's."""

import dataclasses
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from captioners.asking import Ask
from captioners.check import Check, Rules
from captioners.check.bank import questions
from captioners.check.question import Question
from captioners.check.reader.model import ModelReader
from captioners.check.sheet import sheet
from captioners.evidence import CaptionedEvidence, Evidence
from captioners.seeing.answer import Wrong
from curate.errors import RowError, Unreachable
from curate.stage import Outcome
from schemas.caption import Axis, Verdict
from schemas.question import QuizQuestion, Sitting
from tests.captioners.check.seers import PEOPLE, SIDES, World, always_first, asked_in, oracle, said, words_of
from tests.captioners.evidences import caption_of, clip, known_evidence, media
from tests.captioners.seeing.scripted import Scripted

WORLD = World(
    things=(("red square", "left"), ("white diamond", "up")),
    lines=(("the tall man", "Mind the gap."), ("the girl", "Where does it go?")),
    texts=(("EXIT", 1.0), ("Gate 12", 4.0)),
)
TRUE = WORLD.prose
WRONG = {
    "speaker": TRUE.replace("the tall man says", "the girl says"),
    "direction": TRUE.replace("red square moves left", "red square moves right"),
    "subject": TRUE.replace("There is a white diamond. The white diamond moves up.", ""),
}
"""One error each: a wrong speaker, a wrong direction, a missing object."""


def asked_of(index: int = 0) -> tuple[Evidence, tuple[QuizQuestion, ...]]:
    """A clip of which nothing is measured, and the stable questions of one who knows what is in it."""
    evidence = Evidence(clip(index * 10_000_000), media(), (), None, None)
    rows = [
        *(row(evidence, "direction", "choice", f"To which side does the {name} move?", side, SIDES)
          for name, side in WORLD.things),
        *(row(evidence, "subject", "yes_no", f"Is there a {name}?", "yes", ("yes", "no")) for name, _ in WORLD.things),
        row(evidence, "subject", "yes_no", "Is there a pink cross?", "no", ("yes", "no")),
        *(row(evidence, "speaker", "choice", f"Who says “{words}”?", who, PEOPLE) for who, words in WORLD.lines),
        *(row(evidence, "text", "time", f"At which second is “{text}” first written?", f"{at:.2f}", (), 0.5)
          for text, at in WORLD.texts),
    ]  # fmt: skip
    return evidence, tuple(rows)


def row(
    of: Evidence, axis: str, kind: str, text: str, truth: str, options: Iterable[str], tolerance: float | None = None
) -> QuizQuestion:
    span = (of.clip.start_us, of.clip.end_us)
    offered = tuple(options)
    return QuizQuestion(
        f"{of.id}?{text}", of.id, "model", axis, kind, "free", text, truth, *span, ("frames",), (), offered, tolerance,
        None, True, (Sitting(truth, offered, ()),), "seer", "1", "test", "p", "quiz.v1", "0", "{}", 1, 1,
    )  # fmt: skip


def captioned(prose: str, index: int = 0, **changes: Any) -> CaptionedEvidence:
    evidence, rows = asked_of(index)
    caption = dataclasses.replace(
        caption_of(evidence), caption_id=f"{index}-{hash(prose)}", dense=prose, claims=(), **changes
    )
    return CaptionedEvidence(caption, evidence, rows)


READ = oracle({}, {})
Answer = Callable[[Ask], str | RowError]


def check(answers: Answer, seed: int = 0, whole: bool = True, **settings: Any) -> Check:
    model: Any = Scripted(answers, 5, seed, whole)
    return Check(reader=ModelReader(model, **settings))


def outcomes(rows: Iterable[CaptionedEvidence], stage: Check) -> dict[str, Outcome[Verdict]]:
    return {outcome.input_id: outcome for outcome in stage.open()(rows)}


def verdict(prose: str, answers: Answer = READ, **settings: Any) -> Verdict:
    (outcome,) = check(answers, **settings).open()([captioned(prose)])
    (found,) = outcome.rows
    return found


def axis(found: Verdict, name: str) -> Axis:
    return next(one for one in found.axes if one.axis == name)


def test_a_true_caption_passes_and_all_that_one_who_sees_was_asked_is_told() -> None:
    found = verdict(TRUE)
    assert (found.status, found.coverage, found.accuracy, found.contradiction) == ("pass", 0.8, 1.0, 0.0)
    assert all(one.seen_told == one.right for one in found.axes if one.axis != "shot")
    assert all(one.seen == one.seen_right == one.asked for one in found.axes if one.axis != "shot")
    (left_open,) = (one for one in found.failed if one.axis != "shot")
    assert (left_open.question, left_open.answer) == ("Is there a pink cross?", None)  # the text denies nothing


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_planted_error_is_caught_on_its_axis(name: str) -> None:
    good, bad = verdict(TRUE), verdict(WRONG[name])
    assert WRONG[name] != TRUE
    assert axis(bad, name).right < axis(good, name).right
    others = {one.axis for one in good.axes} - {name, "direction" if name == "subject" else name}
    assert all(axis(bad, one) == axis(good, one) for one in others)
    caught = [one for one in bad.failed if one not in good.failed]
    assert caught and {one.axis for one in caught} <= {name, "direction"}
    if name != "subject":
        assert bad.status == "flagged" and bad.contradiction is not None and bad.contradiction > 0
        assert [(one.truth, one.answer) for one in caught] == [
            {"speaker": ("the tall man", "the girl"), "direction": ("left", "right")}[name]
        ]


def test_what_is_guessed_right_without_a_caption_does_not_count() -> None:
    """One who always says "A" is right now and then; of what is left, it has nothing right."""
    found = verdict(TRUE, always_first({}, {}))
    all_asked = len(asked_of()[1])
    asked = sum(one.asked for one in found.axes if one.axis != "shot")
    assert 0 < asked < all_asked
    assert sum(one.right for one in found.axes) == 0


def test_a_reader_is_asked_of_no_caption_once_a_clip_and_of_each_caption_all() -> None:
    asked: list[Ask] = []

    def read(ask: Ask) -> str:
        asked.append(ask)
        return str(READ(ask))

    rows = [captioned(TRUE), captioned(WRONG["speaker"]), captioned(TRUE, 1)]
    found = outcomes(rows, check(read, asked_together=4))
    assert all(outcome.rows for outcome in found.values())
    guesses = [ask for ask in asked if "<<<" not in words_of(ask)]
    assert (len(guesses), len(asked)) == (2 * 3, 5 * 3)  # ten questions in three parts, of two clips and three captions
    assert not any(TRUE[:20] in words_of(ask) for ask in guesses)
    assert max(len(asked_in(ask)) for ask in asked) == 4


@pytest.mark.parametrize("seed", range(4))
def test_what_is_answered_of_a_caption_lands_on_it_in_whatever_order(seed: int) -> None:
    rows = [captioned(prose, index) for index in range(2) for prose in (TRUE, *WRONG.values())]
    alone = {row.id: outcomes([row], check(READ))[row.id] for row in rows}
    assert outcomes(rows, check(READ, seed=seed, asked_together=3)) == alone


@pytest.mark.parametrize(
    ("answer", "whole", "kind"),
    [
        (lambda ask: "No.", True, "bad_answer"),
        (lambda ask: json.dumps({"q1": "Z"}), True, "bad_answer"),
        (lambda ask: "{", False, "cut_short"),
        (lambda ask: Unreachable("no replica answers"), True, "unreachable"),
    ],
)
@pytest.mark.parametrize("guess", [True, False])
def test_a_caption_that_could_not_be_read_has_no_verdict(answer: Answer, whole: bool, kind: str, guess: bool) -> None:
    rows = [captioned(TRUE), captioned(TRUE, 1)]

    def fails(ask: Ask) -> str | RowError:
        mine = ask.id.startswith(f"{rows[0].caption.clip_id}?" if guess else rows[0].id)
        return answer(ask) if mine or not whole else READ(ask)

    found = outcomes(rows, check(fails, whole=whole))
    first, second = (found[one.id] for one in rows)
    assert first.rows == () and first.failure is not None and first.failure.kind == kind
    assert bool(second.rows) == whole


def test_the_embedded_reader_is_not_asked_what_it_does_not_read() -> None:
    (outcome,) = Check().open()([captioned(TRUE)])
    assert {one.axis for one in outcome.rows[0].axes} <= {"shot"}


def test_a_question_that_is_not_stable_is_not_asked() -> None:
    whole = captioned(TRUE)
    rows = tuple(dataclasses.replace(one, stable=one.axis != "speaker") for one in whole.questions)
    (outcome,) = check(READ).open()([dataclasses.replace(whole, questions=rows)])
    assert "speaker" not in {one.axis for one in outcome.rows[0].axes}


def test_options_turn_and_answers_are_read_in_their_words() -> None:
    choice = Question("direction", "choice", "free", "Where?", "left", 0, 1, (), options=SIDES)
    open_ones = [
        Question("text", kind, "free", "What?", "1", 0, 1, ())  # type: ignore[arg-type]
        for kind in ("time", "count", "verbatim")
    ]
    sheets = [sheet((choice, *open_ones), turn) for turn in range(4)]
    assert len({one.offered[0].index("left") for one in sheets}) == 4
    answers = sheets[0].read(json.dumps({"q1": "B", "q2": "3.5", "q3": 4, "q4": "Mind the gap."}))
    assert answers == (sheets[0].offered[0][1], "3.50", "4", "Mind the gap.")
    assert sheets[0].read(json.dumps(dict.fromkeys(("q1", "q2", "q3", "q4")))) == (None,) * 4
    with pytest.raises(Wrong, match="q1: it must be one of A, B, C, D or null, not 'left'"):
        sheets[0].read(json.dumps({"q1": "left", "q2": None, "q3": None, "q4": None}))
    with pytest.raises(Wrong, match="q2: it must be a number or null"):
        sheets[0].read(json.dumps({"q1": None, "q2": "soon", "q3": None, "q4": None}))
    assert said(asked_in(Ask("x", ("\n".join(f"q{at}. {line}" for at, line in enumerate(sheets[0].lines, 1)),))),
                lambda text, options: "left" if options else None)  # fmt: skip


def test_an_open_question_says_in_what_it_is_answered() -> None:
    lines = dict(
        zip(questions(known_evidence(), Rules()), sheet(questions(known_evidence(), Rules())).lines, strict=True)
    )
    ends = {one.topic: line.rpartition("(")[2] for one, line in lines.items() if not one.options}
    assert (ends["bars"], ends["tempo"]) == ("a share from 0 to 1, such as 0.25)", "a number)")
    assert (ends["event_time"], ends["event_count"]) == ("seconds)", "a whole number)")
    assert ends["transcript"] == "word for word)"
