"""The engine in the worker, on real vLLM."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

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
def answered(answer: Answer) -> list[Answered]:
    units = [[Ask(f"{unit} {i}", (f"unit {unit} ask {i}",), sampling=DRAWN) for i in range(24)] for unit in range(2)]
    long = [Ask(f"ask-{i}", (f"number {i}",), None, SCHEMA, GREEDY) for i in range(40)]
    return answer(Part([[*KINDS, *BAD]]), Part(units), Part([long], kill_at=20))


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
    assert tokens["text"] < tokens["still"] < tokens["images"]
    assert tokens["text"] < tokens["video"]


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


def test_poison_fails_alone(answer: Answer, vllm_python: Path, tiny_vlm: Path, tmp_path: Path) -> None:
    code = "import sys, transformers as t; print(*t.AutoTokenizer.from_pretrained(sys.argv[1])(sys.argv[2]).input_ids)"
    asked = [vllm_python, "-W", "ignore", "-c", code, tiny_vlm, POISON]
    tokens = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    plugin = tmp_path / "poison-1.dist-info"
    plugin.mkdir()
    (plugin / "METADATA").write_text("Metadata-Version: 2.1\nName: poison\nVersion: 1\n")
    (plugin / "entry_points.txt").write_text(
        "[vllm.general_plugins]\npoison = tests.captioners.asking.poison:register\n"
    )
    asks = texts(6)
    asks[4] = Ask("poison", (f"it is {POISON} indeed",), sampling=DRAWN)
    environ = {"PYTHONPATH": f"{tmp_path}:{ROOT}", TOKENS: tokens.strip()}
    (part,) = answer(Part([asks]), environ=environ, settings={"max_num_seqs": 2, "ahead": 0})
    failed = {outcome.input_id: outcome.failure.kind for outcome in part.outcomes[0] if outcome.failure}
    assert failed == {"poison": "crashed"}
    assert set(replies(part.outcomes[0])) == {ask.id for ask in asks} - {"poison"}


def test_weights_that_are_not_those_are_refused_before_anything_is_loaded(tiny_vlm: Path) -> None:
    with pytest.raises(RecipeError, match=r"vllm\.sha256.*not 'wrong'"):
        Vllm(str(tiny_vlm), "wrong").open()
    with pytest.raises(RecipeError, match=r"vllm\.model"):
        Vllm().open()
    assert str(tiny_vlm) not in config(Vllm(str(tiny_vlm), "wrong"))


def test_a_model_that_hears_is_given_sound_and_pictures(answer: Answer, tiny_omni: Path) -> None:
    asks = [
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
    assert found["short"].tokens_in < found["slow rate"].tokens_in == found["long"].tokens_in < found["both"].tokens_in
