"""The engine that asks servers, on a real `vllm serve`; and both engines beside each other."""

import json

import pytest

from captioners.asking import Ask, Reply, Sampling
from captioners.asking.completion import Shown
from captioners.asking.server import Server
from curate.errors import RecipeError
from curate.stage import Outcome
from tests.captioners.asking.asks import SCHEMA, pictures, replies, tone
from tests.captioners.asking.conftest import Answer, Part
from tests.servers.vllm import VllmServer

pytestmark = [pytest.mark.vllm, pytest.mark.integration, pytest.mark.timeout(2400)]  # it is slow to start

GREEDY = Sampling(max_tokens=200)
ASKS = [
    Ask("text", ("Describe.",), "You see.", SCHEMA, GREEDY),
    Ask("images", (pictures(3), "Describe."), None, SCHEMA, GREEDY),
    Ask("video", (pictures(6, "video"), "Describe."), None, SCHEMA, GREEDY),
    Ask("cut", ("Describe.",), sampling=Sampling(max_tokens=5)),
    Ask("drawn", ("Describe.",), sampling=Sampling(max_tokens=24, temperature=1.0, seed=3)),
    Ask("drawn again", ("Describe.",), sampling=Sampling(max_tokens=24, temperature=1.0, seed=3)),
]
BAD = [
    Ask("too long", ("word " * 6000,), None, SCHEMA, GREEDY),
    Ask("too many", (pictures(20), "Describe."), None, SCHEMA, GREEDY),
    Ask("sound", (tone(), "What?"), None, SCHEMA, GREEDY),
]


def server(real: VllmServer, model: str | None = None) -> Server:
    return Server(model or real.model, "noise", shown=Shown("png"), urls=(real.url,), at_once=4)


@pytest.fixture(scope="module")
def answered(vllm_server: VllmServer) -> dict[str, Outcome[Reply]]:
    many = [Ask(f"{i}", (f"number {i}",), None, SCHEMA, GREEDY) for i in range(40)]
    outcomes = list(server(vllm_server).open()([*ASKS, *BAD, *many]))
    assert len(outcomes) == len(ASKS) + len(BAD) + 40
    return {outcome.input_id: outcome for outcome in outcomes}


def test_a_real_server_answers_each_kind_of_ask(answered: dict[str, Outcome[Reply]]) -> None:
    for name in ("text", "images", "video", *map(str, range(40))):
        reply = answered[name].rows[0]
        assert set(json.loads(reply.text)) == {"caption", "shot", "subjects", "count"}
        assert reply.whole
    assert (answered["cut"].rows[0].whole, answered["cut"].rows[0].tokens_out) == (False, 5)
    assert answered["drawn"].rows[0].text == answered["drawn again"].rows[0].text


def test_what_a_real_server_does_not_take_is_refused(answered: dict[str, Outcome[Reply]]) -> None:
    failures = {name: outcome.failure for name, outcome in answered.items() if outcome.failure}
    assert {name: failure.kind for name, failure in failures.items()} == {ask.id: "refused" for ask in BAD}
    assert "4096" in failures["too long"].detail


def test_a_model_that_a_real_server_has_not_stops_the_job(vllm_server: VllmServer) -> None:
    with pytest.raises(RecipeError, match=r"404: .*other.*server\.model"):
        list(server(vllm_server, "other").open()(ASKS))


def test_both_engines_read_the_same_prompt_and_answer_alike(
    answered: dict[str, Outcome[Reply]], answer: Answer
) -> None:
    (part,) = answer(Part([ASKS]), settings={"max_model_len": 4096, "images": 16})
    own = replies(part.outcomes[0])
    for ask in ASKS:
        there = answered[ask.id].rows[0]
        assert own[ask.id].tokens_in == there.tokens_in, ask.id
        if ask.id != "video":  # JPEG there, pixels here
            assert own[ask.id].text == there.text, ask.id
