"""From a clip to a verdict by models alone: what one asks who sees a film catches what is wrong in a text about it."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from captioners.asking import Ask
from captioners.check import Check
from captioners.check.quiz import Quiz
from captioners.check.reader.model import ModelReader
from captioners.evidence import CaptionedEvidence, Evidence
from captioners.seeing.profile import Sight
from schemas.caption import Axis, Verdict
from schemas.question import QuizQuestion
from tests.captioners.check.seers import PEOPLE, Screening, World, by_chance, oracle, screened
from tests.captioners.evidences import caption_of
from tests.captioners.seeing.scripted import Scripted

Plant = Callable[[World], World]


@pytest.fixture(scope="module")
def screening(tmp_path_factory: pytest.TempPathFactory) -> Screening:
    return screened(tmp_path_factory.mktemp("quizzed"))


def asked(screening: Screening, answers: Callable[[Ask], str]) -> dict[str, tuple[QuizQuestion, ...]]:
    """What one who sees asks of each clip; of the tools' questions nothing is known here."""
    model: Any = Scripted(answers)
    sight = Sight(max_pixels=64 * 64, min_pixels=32 * 32)
    stage = Quiz(model, "qwen3-vl-8b", sight, children=1, most_tool_questions=0)
    return {outcome.input_id: outcome.rows for outcome in stage.open()(screening.rows)}


@pytest.fixture(scope="module")
def questions(screening: Screening) -> dict[str, tuple[QuizQuestion, ...]]:
    return asked(screening, oracle(screening.worlds, screening.length_s))


def verdicts(screening: Screening, questions: Mapping[str, tuple[QuizQuestion, ...]], say: Plant) -> dict[str, Verdict]:
    """The verdicts on what a text says of each clip, by a reader that knows its sentences."""
    model: Any = Scripted(oracle({}, {}))
    rows = []
    for row in screening.rows:
        bare = Evidence(row.evidence.clip, row.evidence.media, (), None, None)
        told = replace(caption_of(bare), dense=say(screening.worlds[row.id]).prose, claims=())
        rows.append(CaptionedEvidence(told, bare, questions[row.id]))
    found = {outcome.input_id: outcome.rows[0] for outcome in Check(reader=ModelReader(model)).open()(rows)}
    return {row.evidence.id: found[row.id] for row in rows}


def other_speaker(world: World) -> World:
    (who, words), *rest = world.lines
    return replace(world, lines=((next(one for one in PEOPLE if one != who), words), *rest))


def other_way(world: World) -> World:
    (name, side), *rest = world.things or (("", ""),)
    back = {"left": "right", "right": "left", "up": "down", "down": "up"}.get(side, "left")
    return replace(world, things=((name, back), *rest)) if name else world


def no_object(world: World) -> World:
    return replace(world, things=world.things[1:])


def later(world: World) -> World:
    return replace(world, texts=tuple((text, at + 2.0) for text, at in world.texts))


PLANTS: dict[str, tuple[Plant, str]] = {
    "wrong speaker": (other_speaker, "speaker"),
    "wrong direction": (other_way, "direction"),
    "missing object": (no_object, "subject"),
    "time shift": (later, "text"),
}


def test_true_captions_raise_no_alarm(screening: Screening, questions: dict[str, tuple[QuizQuestion, ...]]) -> None:
    found = verdicts(screening, questions, lambda world: world)
    assert [verdict.contradiction for verdict in found.values()] == [0.0] * len(screening.rows)
    assert all(verdict.accuracy == 1.0 for verdict in found.values())
    denied = [one for verdict in found.values() for one in verdict.failed if one.axis != "shot"]
    assert {(one.truth, one.answer) for one in denied} == {("no", None)}  # the texts say nothing of what is not there


@pytest.mark.parametrize("kind", PLANTS)
def test_every_planted_error_is_caught_on_its_axis(
    screening: Screening, questions: dict[str, tuple[QuizQuestion, ...]], kind: str
) -> None:
    plant, axis = PLANTS[kind]
    good = verdicts(screening, questions, lambda world: world)
    bad = verdicts(screening, questions, plant)
    broken = [name for name, world in screening.worlds.items() if plant(world) != world]
    assert broken
    for name in broken:
        before, after = _axis(good[name], axis), _axis(bad[name], axis)
        assert before is not None and after is not None, (kind, name)
        assert after.right < before.right, (kind, name)
        if kind != "missing object":  # what is not told is not contradicted
            assert bad[name].status == "flagged" and after.contradicted > 0
    for name in screening.worlds.keys() - set(broken):
        assert bad[name] == dataclasses.replace(good[name], caption_id=bad[name].caption_id)


def test_one_who_guesses_asks_next_to_nothing_of_captions(screening: Screening) -> None:
    found = verdicts(screening, asked(screening, by_chance(screening.worlds, screening.length_s)), lambda world: world)
    assert sum(axis.asked for verdict in found.values() for axis in verdict.axes if axis.axis != "shot") <= 2


def _axis(verdict: Verdict, name: str) -> Axis | None:
    return next((axis for axis in verdict.axes if axis.axis == name), None)
