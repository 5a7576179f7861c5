"""The engine in the worker, on real vLLM."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from captioners.asking import Ask, Pictures, Reply, Sampling
from captioners.asking.vllm import Vllm
from curate.errors import RecipeError
from curate.stage import Outcome, config
from curate.weights import sha256
from schemas.trace import Failure
from tests.captioners.asking.asks import SCHEMA, pictures, replies, texts, tone
from tests.captioners.asking.conftest import ROOT, Answer, Answered, Part
from tests.captioners.asking.poison import POISON, TOKENS

pytestmark = [pytest.mark.vllm, pytest.mark.integration, pytest.mark.timeout(2400)]  # it is slow to start

GREEDY = Sampling(max_tokens=200)
DRAWN = Sampling(max_tokens=24, temperature=1.0, seed=3)


def seen(name: str, *parts: str | Pictures, system: str | None = None) -> Ask:
    return Ask(name, parts, system, SCHEMA, GREEDY)


KINDS = [
    seen("text", "Describe."),
    seen("images", pictures(3), "Describe.", system="You see."),
    seen("video", pictures(6, "video"), "Describe."),
    seen("uneven", replace(pictures(6, "video"), at_s=(0.0, 0.1, 0.2, 3.0, 3.5, 9.0)), "Describe."),
    seen("still", pictures(1), "Describe."),
    seen("again", pictures(3), "Describe.", system="You see."),
    Ask("cut", ("Describe.",), sampling=Sampling(max_tokens=5)),
    Ask("drawn", ("Describe.",), sampling=DRAWN),
    Ask("drawn again", ("Describe.",), sampling=DRAWN),
    Ask("drawn otherwise", ("Describe.",), sampling=replace(DRAWN, seed=4)),
]
BAD = [
    seen("too long", "word " * 4000),
    seen("too many", pictures(9), "Describe."),
    seen("too thin", Pictures((0.0,), 1, 900, bytes(2700)), "Describe."),
    Ask("sound", (tone(), "What?")),
    Ask("no schema", ("Describe.",), None, '{"type": "nonsense"}'),
]


@pytest.fixture(scope="module")
def poisonous(tiny_vlm: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the engine kills itself over poison."""
    tokens = Tokenizer.from_file(str(tiny_vlm / "tokenizer.json")).encode(POISON).ids
    folder = tmp_path_factory.mktemp("plugin")
    plugin = folder / "poison-1.dist-info"
    plugin.mkdir()
    (plugin / "METADATA").write_text("Metadata-Version: 2.1\nName: poison\nVersion: 1\n")
    (plugin / "entry_points.txt").write_text(
        "[vllm.general_plugins]\npoison = tests.captioners.asking.poison:register\n"
    )
    return {"PYTHONPATH": f"{folder}:{ROOT}", TOKENS: " ".join(map(str, tokens))}


@pytest.fixture(scope="module")
def answered(answer: Answer, poisonous: dict[str, str]) -> list[Answered]:
    """All that one engine is asked, one part after another: it takes longer to start than to answer."""
    units = [[Ask(f"{unit} {i}", (f"unit {unit} ask {i}",), sampling=DRAWN) for i in range(24)] for unit in range(2)]
    long = [Ask(f"ask-{i}", (f"number {i}",), None, SCHEMA, GREEDY) for i in range(40)]
    harmless, poison = texts(3), Ask("poison", (f"it is {POISON} indeed",), sampling=DRAWN)
    poisoned = [harmless[0], poison, harmless[2]]
    parts = Part([[*KINDS, *BAD]]), Part(units), Part([long], kill_at=20), Part([poisoned])
    return answer(*parts, environ=poisonous)


@pytest.fixture(scope="module")
def first(answered: list[Answered]) -> dict[str, Outcome[Reply]]:
    return {outcome.input_id: outcome for outcome in answered[0].outcomes[0]}


def test_each_kind_of_input_gives_an_answer_of_the_schema(first: dict[str, Outcome[Reply]]) -> None:
    for name in ("text", "images", "video", "uneven", "still"):
        reply = first[name].rows[0]
        told = json.loads(reply.text)
        assert set(told) == {"caption", "shot", "subjects", "count"}, name
        assert told["shot"] in ("wide", "close")
        assert reply.whole
        assert reply.tokens_out > 10
    tokens = {name: first[name].rows[0].tokens_in for name in ("text", "still", "images", "video")}
    assert tokens["still"] >= tokens["text"] + 6  # 64 x 96 pixels are 2 x 3 tokens
    assert tokens["images"] >= tokens["still"] + 2 * 6
    assert tokens["video"] >= tokens["text"] + 3 * 6  # of two frames each
    assert len({first[name].rows[0].text for name in ("text", "images", "video")}) == 3


def test_the_times_of_a_video_reach_the_model(first: dict[str, Outcome[Reply]]) -> None:
    assert first["video"].rows[0].tokens_in != first["uneven"].rows[0].tokens_in or (
        first["video"].rows[0].text != first["uneven"].rows[0].text
    )


def test_the_same_ask_has_the_same_answer(first: dict[str, Outcome[Reply]]) -> None:
    text = {name: outcome.rows[0].text for name, outcome in first.items() if outcome.rows}
    assert text["images"] == text["again"]
    assert text["drawn"] == text["drawn again"]
    assert text["drawn"] != text["drawn otherwise"]


def test_an_answer_that_was_cut_off_says_so(first: dict[str, Outcome[Reply]]) -> None:
    reply = first["cut"].rows[0]
    assert (reply.whole, reply.tokens_out) == (False, 5)


def test_what_the_model_cannot_take_is_a_failure_of_that_ask(first: dict[str, Outcome[Reply]]) -> None:
    failures: dict[str, Failure] = {name: out.failure for name, out in first.items() if out.failure}
    assert {name: failure.kind for name, failure in failures.items()} == {ask.id: "refused" for ask in BAD}
    assert "2048" in failures["too long"].detail


def test_threads_share_the_engine_and_each_gets_its_own(answered: list[Answered]) -> None:
    found = [replies(outcomes) for outcomes in answered[1].outcomes]
    assert [set(one) for one in found] == [{f"{unit} {i}" for i in range(24)} for unit in range(2)]
    assert answered[1].begun == 0


def test_an_engine_that_is_killed_mid_work_costs_no_ask(answered: list[Answered]) -> None:
    part = answered[2]
    assert len(part.killed) == 1
    assert part.begun == 1
    found = replies(part.outcomes[0])
    assert set(found) == {f"ask-{i}" for i in range(40)}
    assert all(json.loads(reply.text)["shot"] in ("wide", "close") for reply in found.values())


def test_poison_fails_alone(answered: list[Answered]) -> None:
    (outcomes,) = answered[3].outcomes
    failed = {outcome.input_id: outcome.failure.kind for outcome in outcomes if outcome.failure}
    assert failed == {"poison": "crashed"}
    assert set(replies(outcomes)) == {"ask-0", "ask-2"}


def test_weights_that_are_not_those_are_refused_before_anything_is_loaded(tiny_vlm: Path) -> None:
    with pytest.raises(RecipeError, match=r"vllm\.sha256.*not 'wrong'"):
        Vllm(str(tiny_vlm), "wrong").open()
    with pytest.raises(RecipeError, match=r"vllm\.model"):
        Vllm().open()
    assert str(tiny_vlm) not in config(Vllm(str(tiny_vlm), "wrong"))


def test_a_model_that_hears_is_given_sound_and_pictures(answer: Answer, tiny_omni: Path) -> None:
    asks = [
        Ask("text", ("What is seen and heard?",), None, SCHEMA, GREEDY),
        Ask("still", (pictures(1), "What is seen and heard?"), None, SCHEMA, GREEDY),
        Ask("video", (pictures(4, "video"), "What is seen and heard?"), None, SCHEMA, GREEDY),
        Ask("short", (tone(0.5), "What is heard?"), None, SCHEMA, GREEDY),
        Ask("long", (tone(3.0), "What is heard?"), None, SCHEMA, GREEDY),
        Ask("slow rate", (tone(3.0, 8000), "What is heard?"), None, SCHEMA, GREEDY),
        Ask("both", (pictures(4, "video"), tone(2.0), "What is seen and heard?"), None, SCHEMA, GREEDY),
    ]
    settings = {"model": str(tiny_omni), "sha256": sha256(tiny_omni), "images": 1}
    (part,) = answer(Part([asks]), settings=settings)
    found = replies(part.outcomes[0])
    assert set(found) == {ask.id for ask in asks}
    assert all(json.loads(reply.text)["shot"] in ("wide", "close") for reply in found.values())
    tokens = {name: reply.tokens_in for name, reply in found.items()}
    assert tokens["short"] < tokens["slow rate"] == tokens["long"] < tokens["both"]
    assert tokens["long"] >= tokens["short"] + 60  # 25 a second
    assert tokens["both"] >= tokens["video"] + 50
    assert len({found[name].text for name in ("text", "still", "video", "long")}) == 4
