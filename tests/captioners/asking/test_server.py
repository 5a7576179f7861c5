"""The engine that asks servers, on servers that shuffle, fail, refuse and fall silent."""

import base64
import io
import random
import re
import threading
import time
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from PIL import Image

from captioners.asking import Ask, Pictures, Sampling
from captioners.asking.completion import Shown
from captioners.asking.pictures import frames
from captioners.asking.server import Server
from curate.errors import RecipeError
from curate.stage import config
from tests.captioners.asking.asks import SCHEMA, pictures, replies, texts, tone
from tests.captioners.asking.scripted import Said, Script, completed, echo, serving, words


def server(*urls: str, **settings: Any) -> Server:
    return Server("tiny", "r1", urls=urls, **settings)


def test_each_reply_lands_on_its_own_ask_whatever_the_order() -> None:
    order, chance = list[str](), random.Random(0)  # noqa: S311  not secret

    def shuffled(body: dict[str, Any]) -> Said:
        time.sleep(chance.uniform(0, 0.05))
        order.append(words(body))
        return echo(body)

    asks = texts(400)
    with serving(shuffled, shuffled, shuffled) as replicas:
        outcomes = list(server(*(one.url for one in replicas), at_once=16).open()(asks))
    assert order != [ask.parts[0] for ask in asks]
    found = replies(outcomes)
    assert len(found) == 400
    assert all(found[ask.id].text == f"to {ask.parts[0]}" and found[ask.id].ask_id == ask.id for ask in asks)
    assert all(60 < len(one.asked) < 220 for one in replicas)


def test_no_replica_gets_more_than_it_may_have_and_rows_are_drawn_lazily() -> None:
    drawn = 0

    def asks() -> Iterator[Ask]:
        nonlocal drawn
        for ask in texts(60):
            drawn += 1
            yield ask

    def slow(body: dict[str, Any]) -> Said:
        time.sleep(0.1)
        return echo(body)

    with serving(slow, slow) as replicas:
        run = server(*(one.url for one in replicas), at_once=4, ahead=3).open()(asks())
        for taken, _ in enumerate(run, 1):
            assert drawn - taken <= 2 * 4 + 3
        assert all(2 <= one.most_in_flight <= 4 for one in replicas)


def test_threads_share_the_places_of_a_replica() -> None:
    def slow(body: dict[str, Any]) -> Said:
        time.sleep(0.01)
        return echo(body)

    with serving(slow) as replicas:
        run = server(replicas[0].url, at_once=5).open()
        units = [[Ask(f"{unit}-{i}", (f"{unit} {i}",)) for i in range(60)] for unit in range(3)]
        with ThreadPoolExecutor(3) as threads:
            done = list(threads.map(lambda unit: replies(list(run(unit))), units))
    assert [set(found) for found in done] == [{ask.id for ask in unit} for unit in units]
    assert all(reply.text == f"to {name.replace('-', ' ')}" for found in done for name, reply in found.items())
    assert 3 <= replicas[0].most_in_flight <= 5


def test_everything_that_is_asked_is_sent() -> None:
    with serving(echo) as replicas:
        one = server(replicas[0].url, api_key="secret", shown=Shown("png"))
        ask = Ask("a", (pictures(2), tone(), "What is it?"), "You see.", SCHEMA, Sampling(99, 0.5, 0.9, 7))
        (outcome,) = one.open()([ask])
    sent = replicas[0].asked[0]
    assert outcome.rows[0].text == "to What is it?"
    assert sent["model"] == "tiny"
    assert (sent["max_tokens"], sent["temperature"], sent["top_p"], sent["seed"]) == (99, 0.5, 0.9, 7)
    assert sent["response_format"]["json_schema"]["schema"]["required"] == ["caption", "shot", "subjects", "count"]
    assert sent["messages"][0] == {"role": "system", "content": "You see."}
    pieces = sent["messages"][1]["content"]
    assert [piece["type"] for piece in pieces] == ["text", "image_url", "text", "image_url", "input_audio", "text"]
    assert [pieces[0]["text"], pieces[2]["text"]] == ["\n0.00 s", "\n0.50 s"]
    image = decoded(pieces[3]["image_url"]["url"].removeprefix("data:image/png;base64,"))
    assert np.array_equal(image, frames(ask.parts[0])[1])  # type: ignore[arg-type]
    with wave.open(io.BytesIO(base64.b64decode(pieces[4]["input_audio"]["data"]))) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getnframes()) == (16000, 1, 16000)
    assert replicas[0].headers[0]["authorization"] == "Bearer secret"
    assert "secret" not in repr(one) + config(one)
    assert replicas[0].url not in config(one)


def test_a_video_is_sent_with_the_times_of_its_frames() -> None:
    shown = Pictures((0.0, 0.5, 2.25), 64, 96, bytes(3 * 64 * 96 * 3), "video")
    with serving(echo) as replicas:
        list(server(replicas[0].url).open()([Ask("a", (shown, "What?"))]))
    sent = replicas[0].asked[0]
    url = sent["messages"][0]["content"][0]["video_url"]["url"]
    assert [decoded(one).shape for one in url.removeprefix("data:video/jpeg;base64,").split(",")] == [(64, 96, 3)] * 3
    told = sent["media_io_kwargs"]["video"]
    assert [index / told["fps"] for index in told["frames_indices"]] == [0.0, 0.5, 2.25]
    assert len(told["frames_indices"]) / told["total_num_frames"] * told["fps"] == pytest.approx(1 / 1.125, rel=1e-3)


def decoded(image: str) -> Any:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(image))).convert("RGB"))


def test_an_answer_that_was_cut_off_says_so() -> None:
    with serving(lambda _: completed("half of", "length", (11, 5))) as replicas:
        (outcome,) = server(replicas[0].url).open()(texts(1))
    reply = outcome.rows[0]
    assert (reply.text, reply.whole, reply.tokens_in, reply.tokens_out) == ("half of", False, 11, 5)


@pytest.mark.parametrize(
    "bad",
    [
        Said(500, '{"error": {"message": "oops"}}'), Said(502), Said(503, "busy"), Said(break_off=True),
        Said(429, "slow down", {"retry-after": "1"}), Said(200, "<html>a proxy</html>"), completed("x", "error"),
    ],
)  # fmt: skip
def test_what_fails_is_asked_again_at_another_replica(bad: Said) -> None:
    with serving(lambda _: bad, echo) as replicas:
        found = replies(list(server(*(one.url for one in replicas), at_once=4).open()(texts(20))))
    assert len(found) == 20
    assert 1 <= len(replicas[0].asked) <= 20


def test_a_replica_that_is_not_there_costs_no_ask_its_tries() -> None:
    with serving(echo) as replicas:
        found = replies(list(server("http://127.0.0.1:9/v1", replicas[0].url, tries=1).open()(texts(50))))
    assert len(found) == 50


def test_a_replica_that_comes_back_is_asked_again() -> None:
    until = time.monotonic() + 1.5

    def later(body: dict[str, Any]) -> Said:
        time.sleep(0.05)
        return echo(body) if time.monotonic() > until else Said(503)

    with serving(later) as replicas:
        found = replies(list(server(replicas[0].url, at_once=8, tries=1).open()(texts(30))))
        early = len(replicas[0].asked) - 30
    assert len(found) == 30
    assert early < 8 + 8  # a burst, and then one at a time
    assert replicas[0].most_in_flight > 1


def test_a_server_that_is_always_busy_is_given_up() -> None:
    def busy(body: dict[str, Any]) -> Said:
        return Said(503, "full") if words(body) == "number 0" else echo(body)

    with serving(busy) as replicas:
        outcomes = list(server(replicas[0].url, patience_s=2.0).open()(texts(2)))
    (failed,) = [outcome.failure for outcome in outcomes if outcome.failure]
    assert failed.kind == "unreachable"
    assert "503: full" in failed.detail


def test_retry_after_is_kept() -> None:
    asked = list[float]()

    def busy(body: dict[str, Any]) -> Said:
        asked.append(time.monotonic())
        return Said(429, headers={"retry-after": "2"}) if len(asked) == 1 else echo(body)

    with serving(busy) as replicas:
        assert len(replies(list(server(replicas[0].url, tries=1).open()(texts(1))))) == 1
    assert asked[1] - asked[0] >= 2


def test_when_nobody_answers_asks_fail_for_now() -> None:
    started = time.monotonic()
    outcomes = list(server("http://127.0.0.1:9/v1", patience_s=1.0, at_once=2, ahead=0).open()(texts(6)))
    assert {outcome.failure.kind for outcome in outcomes if outcome.failure} == {"unreachable"}
    assert len(outcomes) == 6
    assert time.monotonic() - started < 20


def test_an_ask_that_always_fails_is_given_up_alone() -> None:
    def poisoned(body: dict[str, Any]) -> Said:
        return Said(500, "it hurts") if words(body) == "number 3" else echo(body)

    with serving(poisoned, poisoned) as replicas:
        outcomes = list(server(*(one.url for one in replicas), tries=3).open()(texts(12)))
    (failed,) = [outcome for outcome in outcomes if outcome.failure]
    assert failed.input_id == "ask-3"
    assert failed.failure is not None
    assert failed.failure.kind == "unreachable"
    assert "it hurts" in failed.failure.detail
    assert len(replies(outcomes)) == 11
    assert sum(words(body) == "number 3" for one in replicas for body in one.asked) == 3


def test_an_answer_in_time_or_none() -> None:
    gone = threading.Event()

    def hangs(body: dict[str, Any]) -> Said:
        gone.wait(10)
        return echo(body)

    with serving(hangs) as replicas:
        (outcome,) = server(replicas[0].url, timeout_s=0.3, tries=2).open()(texts(1))
        gone.set()
    assert outcome.failure is not None
    assert outcome.failure.kind == "unreachable"
    assert "no answer within 0.3 s" in outcome.failure.detail


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_a_server_does_not_take_is_a_failure_of_that_ask(status: int) -> None:
    def refusing(body: dict[str, Any]) -> Said:
        long = words(body) == "number 1"
        return Said(status, '{"error": {"message": "4096 tokens\\n at most"}}') if long else echo(body)

    with serving(refusing) as replicas:
        outcomes = list(server(replicas[0].url).open()(texts(3)))
        assert len(replicas[0].asked) == 3
    (failure,) = [outcome.failure for outcome in outcomes if outcome.failure]
    assert (failure.kind, failure.detail) == ("refused", f"{status}: 4096 tokens at most")


@pytest.mark.parametrize(
    ("said", "cure"),
    [
        (Said(401, "who are you"), "RETOLD_MODEL_KEY"),
        (Said(403), "RETOLD_MODEL_KEY"),
        (Said(404, '{"error": {"message": "The model `tiny` does not exist."}}'), r"server\.model"),
        (Said(302, headers={"location": "http://elsewhere/"}), r"server\.urls"),
        (Said(400, '{"error": {"message": "needs --trust-request-mm-kwargs"}}'), "as images"),
    ],
)
def test_what_no_ask_can_cure_stops_the_job_and_names_the_cure(said: Said, cure: str) -> None:
    with serving(lambda _: said) as replicas, pytest.raises(RecipeError, match=cure) as caught:
        list(server(replicas[0].url).open()(texts(5)))
    assert re.search(re.escape(replicas[0].url), str(caught.value))


def test_a_model_that_will_not_answer_is_a_failure_of_that_ask() -> None:
    scripts: list[Script] = [lambda _: completed(None), lambda _: completed("x", "content_filter")]
    for script in scripts:
        with serving(script) as replicas:
            (outcome,) = server(replicas[0].url).open()(texts(1))
        assert outcome.failure is not None
        assert outcome.failure.kind == "refused"


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(RecipeError, match="at_once=0"):
        server("http://127.0.0.1:9", at_once=0).open()
    with pytest.raises(RecipeError, match="cannot be asked"):
        list(server("nonsense://x").open()(texts(1)))
