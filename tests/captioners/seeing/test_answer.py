"""An answer keeps to its schema and to its window, and tells of nothing that its model cannot know."""

import json
from typing import Any

import pytest

from captioners.seeing.answer import Answer, Bounds, Senses, Terms, Wrong, in_own_words, read, schema

DEAF = Senses()
TERMS = Terms(still=False, window_s=(2.0, 6.0), senses=DEAF, facts=frozenset({"t1", "s1", "w1"}))
EMPTY: dict[str, Any] = Answer().model_dump()


def said(**lists: Any) -> str:
    return json.dumps({**EMPTY, **lists})


def action(start_s: float, end_s: float) -> dict[str, Any]:
    return {"start_s": start_s, "end_s": end_s, "sure": True, "actor": "the man", "verb": "walks"}


def test_an_answer_within_its_window_is_taken_and_a_little_beyond_is_too() -> None:
    answer = read(said(actions=[action(2.0, 6.2)]), TERMS)
    assert answer.actions[0].verb == "walks"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("The man walks.", "not JSON"),
        (said(actions=[action(2.0, 6.2)])[:-20], "not JSON"),
        (said(mood="tense"), "mood: Extra inputs"),
        (said(actions=[action(5.0, 4.0)]), "ends at 4 s, before it starts at 5 s"),
        (said(actions=[action(0.5, 4.0)]), "not within 2.00 s to 6.00 s"),
        (said(actions=[{"sure": True, "actor": "a", "verb": "b"}]), "start_s and end_s are missing"),
        (said(camera=[{"start_s": 2, "end_s": 3, "sure": True, "move": "fly"}]), "camera.0.move"),
        (said(sounds=[{"start_s": 2, "end_s": 3, "sure": True, "label": "knock"}]), "you do not hear"),
        (said(sounds=[{"start_s": 2, "end_s": 3, "sure": True, "label": "knock", "fact": "s9"}]), "no fact is called"),
        (said(actions=[{**action(2.0, 3.0), "start_s": float("nan")}]), "finite"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(text: str, message: str) -> None:
    with pytest.raises(Wrong, match=message):
        read(text, TERMS)


def test_a_model_that_hears_may_tell_of_what_nobody_has_measured() -> None:
    sound = {"start_s": 2, "end_s": 3, "sure": True, "label": "knock"}
    hearing = Terms(still=False, window_s=(2.0, 6.0), senses=Senses(hears=True), facts=frozenset())
    assert read(said(sounds=[sound]), hearing).sounds[0].fact is None


def _objects(tree: Any) -> list[dict[str, Any]]:
    inner = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    found = [tree] if isinstance(tree, dict) and "properties" in tree and "type" in tree else []
    return found + [each for item in inner for each in _objects(item)]


def test_every_key_must_be_there_and_everything_is_bounded() -> None:
    for still in (False, True):
        tree = json.loads(schema(still, Senses(hears=True), Bounds(items=3, chars=20)))
        assert all(one["required"] == list(one["properties"]) for one in _objects(tree))
        text = json.dumps(tree)
        assert text.count('"type": "array"') == text.count("maxItems")
        assert all(one["maxLength"] <= 20 or one["maxLength"] > 0 for one in _objects(tree) if "maxLength" in one)


def test_a_still_has_no_time() -> None:
    text = schema(True, DEAF, Bounds())
    assert "start_s" not in text and "SeenAction" not in text and "last_frame" not in text
    assert "start_s" in schema(False, DEAF, Bounds()) and "SeenAction" in schema(False, DEAF, Bounds())
    still = Terms(still=True, window_s=(0.0, 0.0), senses=DEAF, facts=frozenset())
    subject = {"sure": True, "name": "a cup"}
    assert read(json.dumps({"subjects": [subject]}), still).subjects[0].start_s is None


def test_one_who_only_hears_is_asked_nothing_of_the_picture() -> None:
    asked = set(json.loads(schema(False, Senses(sees=False, hears=True), Bounds()))["properties"])
    assert asked == {"speech", "sounds", "music", "ambience"}
    assert not asked & {"music", "ambience"} & set(json.loads(schema(False, DEAF, Bounds()))["properties"])


def test_a_model_that_takes_no_words_is_taken_at_its_own() -> None:
    assert in_own_words("Rain falls.\n A dog  barks. ").ambience == "Rain falls. A dog barks."
    with pytest.raises(Wrong, match="ambience"):
        in_own_words("  ")
