"""One who sees asks about a clip: what it answers alike each time is kept, and nothing else is asked of captions."""

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from captioners.asking import Ask, Pictures
from captioners.check.bank import Rules, questions
from captioners.check.quiz import Quiz
from captioners.check.quiz.rows import asking
from captioners.check.quiz.written import Terms, read, schema
from captioners.evidence import SeenEvidence
from captioners.prompt import prompt
from captioners.seeing.answer import Senses, Wrong
from captioners.seeing.profile import Sight
from curate.errors import RecipeError, RowError, Unreachable
from curate.stage import Outcome
from schemas.question import QuizQuestion
from tests.captioners.check.seers import (
    LINES,
    Screening,
    World,
    always_first,
    asked_in,
    by_chance,
    oracle,
    said,
    screened,
    words_of,
)
from tests.captioners.seeing.scripted import Scripted

Answer = Callable[[Ask], str | RowError]


@pytest.fixture(scope="module")
def screening(tmp_path_factory: pytest.TempPathFactory) -> Screening:
    return screened(tmp_path_factory.mktemp("quiz"))


def quiz(answers: Answer, **settings: Any) -> Quiz:
    script = {key: settings.pop(key) for key in ("at_once", "seed", "whole") if key in settings}
    settings.setdefault("children", 1)
    settings.setdefault("sight", Sight(max_pixels=64 * 64, min_pixels=32 * 32))
    return Quiz(Scripted(answers, **script), "qwen3-vl-8b", **settings)  # type: ignore[arg-type]


def outcomes(stage: Quiz, rows: tuple[SeenEvidence, ...]) -> dict[str, Outcome[QuizQuestion]]:
    return {outcome.input_id: outcome for outcome in stage.open()(rows)}


def written(stage: Quiz, screening: Screening) -> list[QuizQuestion]:
    found = outcomes(stage, screening.rows)
    assert [outcome.failure for outcome in found.values()] == [None] * len(screening.rows)
    return [row for outcome in found.values() for row in outcome.rows if row.asker == "model"]


def test_what_one_knows_is_answered_alike_each_time_by_other_frames_and_in_other_order(screening: Screening) -> None:
    rows = written(quiz(oracle(screening.worlds, screening.length_s)), screening)
    assert {row.axis for row in rows} == {"direction", "subject", "speaker", "text", "order"} & {r.axis for r in rows}
    assert {"direction", "subject", "speaker", "text"} <= {row.axis for row in rows}
    assert all(row.stable and len(row.sittings) == 3 for row in rows)
    choice = next(row for row in rows if row.kind == "choice")
    frames = [sitting.frames_us for sitting in choice.sittings]
    assert len(set(frames)) == 3
    assert all(clip_start <= at for at in frames[0] for clip_start in [choice.start_us])
    places = [sitting.options.index(choice.truth) for sitting in choice.sittings]
    assert len(set(places)) == 3


def test_rows_say_all_that_an_answer_depends_on(screening: Screening) -> None:
    asked: list[Ask] = []
    knows = oracle(screening.worlds, screening.length_s)
    stage = quiz(lambda ask: asked.append(ask) or knows(ask))  # type: ignore[func-returns-value]
    row = screening.rows[0]
    found = outcomes(stage, (row,))[row.id].rows
    assert {(one.clip_id, one.model, one.engine, one.profile, one.prompt) for one in found} == {
        (row.id, "scripted", "test", "qwen3-vl-8b", "quiz.v1")
    }
    assert len({one.question_id for one in found}) == len(found)
    assert all(one.question_id.startswith(f"{row.id}?") for one in found)
    assert sum(one.tokens_in for one in found) == 100 * len(asked)
    assert json.loads(found[0].sampling)["temperature"] == 0.0


def test_one_who_answers_is_told_no_facts_and_no_truth(screening: Screening) -> None:
    asked: list[Ask] = []
    knows = oracle(screening.worlds, screening.length_s)
    outcomes(quiz(lambda ask: asked.append(ask) or knows(ask)), screening.rows)  # type: ignore[func-returns-value]
    writing = [words_of(ask) for ask in asked if "Write questions" in words_of(ask)]
    sitting = [words_of(ask) for ask in asked if "Write questions" not in words_of(ask)]
    assert len(writing) == len(screening.rows) and all("Facts that were measured" in words for words in writing)
    assert not any("Facts" in words or "right:" in words for words in sitting)
    assert all(isinstance(ask.parts[0], Pictures) for ask in asked)


def test_one_who_answers_by_chance_has_no_stable_questions(screening: Screening) -> None:
    busy = World(tuple((f"thing number {index}", "left") for index in range(20)), LINES)
    worlds = dict.fromkeys(screening.worlds, busy)
    rows = written(quiz(by_chance(worlds, screening.length_s), most_tool_questions=0), screening)
    assert len(rows) > 200
    assert sum(row.stable for row in rows) / len(rows) < 0.04
    assert any(sitting.answer == row.truth for row in rows for sitting in row.sittings)  # some are guessed, once


def test_one_who_always_answers_the_first_has_none(screening: Screening) -> None:
    rows = written(quiz(always_first(screening.worlds, screening.length_s)), screening)
    assert rows and not any(row.stable for row in rows)


def test_one_who_goes_by_places_has_none(screening: Screening) -> None:
    """What comes first is the one that is named first, and of two questions in a row the first is to be affirmed."""

    def by_place(ask: Ask) -> str:
        if "Write questions" in words_of(ask):
            return json.dumps({**_EMPTY, **_many(screening.length_s[ask.id.split("#")[0]])})
        word = {"yes": True}

        def answer(text: str, options: dict[str, str]) -> str | None:
            if set(options.values()) == {"yes", "no"}:
                word["yes"] = not word["yes"]
                return "no" if word["yes"] else "yes"
            found = re.search(r"Which comes (first|later): (.*), or (.*)\?", text)
            return found and found[2 if found[1] == "first" else 3]

        return said(asked_in(ask), answer)

    rows = written(quiz(by_place, most=12, most_tool_questions=0), screening)
    orders, pairs = ([row for row in rows if row.kind == kind] for kind in ("order", "yes_no"))
    assert len(orders) == len(pairs) == 2 * 12 * len(screening.rows)
    assert 0.2 < sum(row.stable for row in orders) / len(orders) < 0.8  # by place alone, as by a coin
    assert sum(row.stable for row in pairs) / len(pairs) < 0.5


def _many(length_s: float) -> dict[str, Any]:
    part = {"axis": "text", "start_s": "0.00", "end_s": f"{length_s:.2f}"}
    return {
        "orders": [{**part, "first": f"“a{at}”", "second": f"“b{at}”"} for at in range(12)],
        "pairs": [{**part, "so": f"Is there a sign {at}?", "not_so": f"Is there a bell {at}?"} for at in range(12)],
    }


def test_a_question_that_is_once_answered_otherwise_is_kept_with_its_answers_and_not_asked(
    screening: Screening,
) -> None:
    knows = oracle(screening.worlds, screening.length_s)

    def wavers(ask: Ask) -> str:
        """It takes the third time one thing for another."""
        text = knows(ask)
        return text.replace('"0.', '"3.') if "#s2." in ask.id else text

    row = next(row for row in screening.rows if screening.worlds[row.id].texts)
    found = outcomes(quiz(wavers), (row,))[row.id].rows
    times = [one for one in found if one.asker == "model" and one.kind == "time"]
    assert times and all(not one.stable for one in times if float(one.truth) < 1)
    kept = asking(row.evidence, Rules(), found)
    free = [one for one in kept.questions if one.topic == "free"]
    assert {one.text for one in free} == {one.text for one in found if one.asker == "model" and one.stable}
    assert all(kept.seen[one] for one in free)


def test_of_a_contrastive_pair_both_are_kept_or_none(screening: Screening) -> None:
    knows = oracle(screening.worlds, screening.length_s)

    def yes_sayer(ask: Ask) -> str:
        return knows(ask) if "Write questions" in words_of(ask) else json.dumps(
            {name: next((letter for letter, word in options.items() if word == "yes"), None)
             for name, _, options in asked_in(ask)}
        )  # fmt: skip

    pairs = [row for row in written(quiz(yes_sayer), screening) if row.kind == "yes_no"]
    assert {row.truth for row in pairs} == {"yes", "no"}
    assert not any(row.stable for row in pairs)
    assert {row.pair for row in pairs} == {row.question_id for row in pairs}


def test_questions_of_the_tools_are_put_to_it_once_and_no_more_than_so_many(screening: Screening) -> None:
    knows = oracle(screening.worlds, screening.length_s)
    row = screening.rows[0]
    tools = [one for one in outcomes(quiz(knows, most_tool_questions=5), (row,))[row.id].rows if one.asker == "tools"]
    assert len(tools) == 5
    assert all(len(one.sittings) == 1 for one in tools)
    bank = {one.text for one in questions(row.evidence, Rules())}
    assert {one.text for one in tools} <= bank
    assert not any(one.axis in {"speech", "event", "music"} for one in tools)  # it does not hear
    seen = asking(row.evidence, Rules(), tools).seen
    assert len(seen) == 5 and not any(seen.values())  # the oracle does not know such questions


@pytest.mark.parametrize("seed", range(3))
def test_what_is_answered_about_a_clip_lands_on_it_in_whatever_order(screening: Screening, seed: int) -> None:
    knows = oracle(screening.worlds, screening.length_s)
    some = screening.rows[:3]
    alone = outcomes(quiz(knows, at_once=1, clips_together=1), some)
    assert outcomes(quiz(knows, at_once=7, seed=seed, children=2, clips_together=2), some) == alone


def test_a_bad_answer_is_asked_for_once_more_with_what_is_wrong(screening: Screening) -> None:
    knows, asked = oracle(screening.worlds, screening.length_s), list[str]()

    def stumbles(ask: Ask) -> str:
        asked.append(words_of(ask))
        return knows(ask) if "could not be used" in words_of(ask) else "No."

    row = screening.rows[0]
    found = outcomes(quiz(stumbles), (row,))[row.id]
    assert found.failure is None and all(one.stable for one in found.rows if one.asker == "model")
    assert sum(one.tokens_in for one in found.rows) == 100 * len(asked)
    assert "it is not JSON" in next(words for words in asked if "could not be used" in words)


@pytest.mark.parametrize(
    ("answer", "settings", "kind"),
    [
        (lambda ask: "No.", {}, "bad_answer"),
        (lambda ask: "{", {"whole": False}, "cut_short"),
        (lambda ask: Unreachable("no replica answers"), {}, "unreachable"),
    ],
)
@pytest.mark.parametrize("when", ["#w0", "#s1."])
def test_a_clip_that_cannot_be_asked_about_has_no_questions_and_the_others_have_theirs(
    screening: Screening, when: str, answer: Answer, settings: dict[str, Any], kind: str
) -> None:
    knows, bad = oracle(screening.worlds, screening.length_s), screening.rows[1].id
    whole = settings.get("whole", True)

    def fails(ask: Ask) -> str | RowError:
        return answer(ask) if ask.id.startswith(f"{bad}{when}") or not whole else knows(ask)

    found = outcomes(quiz(fails, **settings), screening.rows)
    assert (found[bad].rows, found[bad].failure and found[bad].failure.kind) == ((), kind)
    if whole:
        assert all(outcome.rows for name, outcome in found.items() if name != bad)


def test_a_clip_that_cannot_be_decoded_fails_alone(screening: Screening, tmp_path: Path) -> None:
    (tmp_path / "bad.mp4").write_bytes(bytes(2000))
    good, other = screening.rows[0], screening.rows[1]
    bad = dataclasses.replace(
        other, file=dataclasses.replace(other.file, path=str(tmp_path / "bad.mp4"), offset=0, size=2000)
    )
    found = outcomes(quiz(oracle(screening.worlds, screening.length_s)), (good, bad))
    assert found[good.id].rows and found[bad.id].rows == ()
    assert found[bad.id].failure is not None


def test_a_long_clip_is_asked_about_window_by_window(screening: Screening) -> None:
    row = screening.rows[2]
    knows, asked = oracle(screening.worlds, screening.length_s), list[Ask]()

    def within(ask: Ask) -> str:
        asked.append(ask)
        if "Write questions" not in words_of(ask):
            return knows(ask)
        at = float(words_of(ask).split("This part goes from ")[1].split(" ")[0])
        part = {"axis": "text", "start_s": f"{at:.2f}", "end_s": f"{at + 0.5:.2f}"}
        return json.dumps({**_EMPTY, "times": [{**part, "question": "When?", "at_s": f"{at:.2f}"}]})

    narrow = Sight(max_pixels=64 * 64, min_pixels=32 * 32, max_frames=3)
    found = outcomes(quiz(within, sight=narrow, times=2), (row,))[row.id].rows
    mine = [one for one in found if one.asker == "model"]
    assert len(mine) == 3 and [one.text.startswith("Between ") for one in mine] == [True] * 3
    whole = {one.sittings[0].frames_us for one in found if one.asker == "tools" and one.axis == "shot"}
    ((first, *_, last),) = whole
    assert last - first > 1_000_000  # what is about all of it is shown all of it


_EMPTY: dict[str, Any] = {"choices": [], "pairs": [], "counts": [], "words": [], "orders": [], "times": []}
_TERMS = Terms(
    still=False, window_s=(0.0, 4.0), clip_start_us=1_000_000, span_us=(1_000_000, 5_000_000), alone=True, time_s=0.5
)
_PART = {"axis": "text", "start_s": "1", "end_s": "2.5"}


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (
            {"choices": [{**_PART, "question": "Q?", "right": "Red", "wrong": ["blue", "red ", "green"]}]},
            "are the same",
        ),
        ({"choices": [{**_PART, "question": "Q?", "right": "Red", "wrong": ["blue"]}]}, "choices.0.wrong"),
        ({"pairs": [{**_PART, "so": "Is it?", "not_so": "is it?"}]}, "both questions are the same"),
        ({"orders": [{**_PART, "first": "a bell", "second": "A bell"}]}, "both things are the same"),
        ({"times": [{**_PART, "question": "When?", "at_s": "9.00"}]}, "not within 0.00 s to 4.00 s"),
        ({"words": [{**_PART, "end_s": "0.50", "question": "What?", "words": "EXIT"}]}, "before it starts"),
        ({"words": [{"axis": "text", "question": "What?", "words": "EXIT"}]}, "start_s and end_s are missing"),
        ({"words": [{**_PART, "axis": "mood", "question": "What?", "words": "EXIT"}]}, "words.0.axis"),
    ],
)
def test_what_is_no_question_is_said_to_be_none(said: dict[str, Any], wrong: str) -> None:
    with pytest.raises(Wrong, match=wrong):
        read(json.dumps(said), _TERMS)


def test_signs_without_a_word_are_not_asked_for() -> None:
    words = [{**_PART, "question": "What is written?", "words": said} for said in ("→ !", "  ", "EXIT →")]
    assert [one.truth for group in read(json.dumps({"words": words}), _TERMS) for one in group] == ["EXIT →"]


def test_an_order_is_asked_both_ways_and_a_pair_has_both_truths() -> None:
    said = {"orders": [{**_PART, "first": "a bell", "second": "a shout"}],
            "pairs": [{**_PART, "so": "Is it red?", "not_so": "Is it blue?"}]}  # fmt: skip
    pair, order = read(json.dumps(said), _TERMS)
    assert [one.truth for one in order] == ["a bell", "a shout"] and order[0].options == ("a bell", "a shout")
    assert [(one.text, one.truth) for one in pair] == [("Is it red?", "yes"), ("Is it blue?", "no")]
    assert {(one.start_us, one.end_us) for one in (*pair, *order)} == {(2_000_000, 3_500_000)}


def test_a_still_has_no_times_and_a_deaf_model_no_sounds() -> None:
    moving, still = (json.loads(schema(one, Senses(), 3)) for one in (False, True))
    assert {"orders", "times"} == set(moving["properties"]) - set(still["properties"])
    assert "start_s" not in still["$defs"]["Choice"]["properties"]
    assert "event" not in moving["$defs"]["Choice"]["properties"]["axis"]["enum"]
    hearing = json.loads(schema(False, Senses(hears=True), 3))
    assert "event" in hearing["$defs"]["Choice"]["properties"]["axis"]["enum"]
    assert {node["maxItems"] for node in moving["properties"].values()} == {3}
    assert all(set(body["required"]) == set(body["properties"]) for body in moving["$defs"].values())


def test_once_is_not_stable() -> None:
    with pytest.raises(RecipeError, match="less than 2"):
        quiz(lambda ask: "", times=1)
    with pytest.raises(RecipeError, match=r"quiz\.most: from 1 to 24"):
        quiz(lambda ask: "", most=25)
    with pytest.raises(RecipeError, match="from 1 to 12"):
        quiz(lambda ask: "", clips_together=99)


def test_shipped_prompts_of_the_check_never_change() -> None:
    """A changed prompt is another prompt: give it another name, and its hash here."""
    assert {name: prompt(name).sha256[:16] for name in ("quiz.v1", "sitting.v1", "reader.v1", "witness.v1")} == {
        "quiz.v1": "4fcc72ad2f5a75fb",
        "sitting.v1": "74893f01c6b27b49",
        "reader.v1": "300a9c727a26992b",
        "witness.v1": "8383373e669eb2c8",
    }
