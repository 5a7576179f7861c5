"""WhisperX itself, in its environment, with tiny models whose answers are known."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from captioners.listen import Listen
from captioners.transcriber import Aligner, WhisperX
from curate.errors import RecipeError
from curate.film.film import make_film
from curate.film.spec import FilmSpec
from curate.stage import config
from tests.captioners.speech_models import tiny_speech as tiny_speech  # noqa: PLC0414  a fixture

ROOT = Path(__file__).resolve().parents[2]
SAID = "Good morning, everybody. Thank you for 3 apples."

pytestmark = [pytest.mark.speech, pytest.mark.integration, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def heard(speech_python: Path, tiny_speech: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    film = tmp_path_factory.mktemp("film") / "film.mp4"
    make_film(film, FilmSpec(seed=5, seconds=40, width=96, height=64, fps=10))
    program = [speech_python, "-W", "ignore", "-m", "tests.captioners.transcribing", tiny_speech, film]
    done = subprocess.run(program, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    answer: dict[str, Any] = json.loads(done.stdout)  # nothing else is on stdout
    return answer


def of(kind: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in found if one["kind"] == kind]


def test_words_stand_in_order_inside_the_speech_that_our_detector_found(heard: dict[str, Any]) -> None:
    spans = heard["spans"]
    assert len(spans) >= 2
    for found, (start_s, end_s) in (
        (heard["together"][0], spans[0]),
        (heard["together"][2], (spans[1][0], spans[-1][1])),
    ):
        words = of("word", found)
        assert len(words) >= len(SAID.split())
        assert " ".join(word["text"] for word in words[: len(SAID.split())]) == SAID
        times = [at for word in words for at in (word["start_s"], word["end_s"])]
        assert times == sorted(times)
        assert all(word["start_s"] < word["end_s"] for word in words)
        assert start_s - 0.2 <= times[0]
        assert times[-1] <= end_s + 0.2
        assert all(0 <= word["score"] <= 1 and word["language"] == "en" for word in words)
        assert {word["engine"] for word in words} == {"whisperx 3.8"}


def test_speakers_are_told(heard: dict[str, Any]) -> None:
    assert {word["speaker"] for word in of("word", heard["together"][0])} == {"1"}


def test_what_stands_in_brackets_is_an_event_between_the_words_around_it(heard: dict[str, Any]) -> None:
    found = heard["together"][0]
    event = of("event", found)[0]
    words = of("word", found)
    assert event["label"] == "door slams"
    assert [word["text"] for word in words if word["end_s"] <= event["start_s"]][-1] == "everybody."
    assert next(word["text"] for word in words if word["start_s"] >= event["end_s"]) == "Thank"


def test_a_context_without_speech_has_no_words(heard: dict[str, Any]) -> None:
    assert heard["together"][1] == []


def test_a_context_is_heard_the_same_whatever_is_heard_beside_it(heard: dict[str, Any]) -> None:
    assert heard["together"] == heard["alone"]


def test_in_a_language_without_aligner_there_are_sentences_and_no_words(heard: dict[str, Any]) -> None:
    for found in heard["german"]:
        assert of("word", found) == []
        sentences = of("sentence", found)
        assert sentences
        assert {(one["text"], one["language"], one["speaker"]) for one in sentences} == {(SAID, "de", None)}


def test_weights_that_are_not_those_of_the_recipe_are_refused(heard: dict[str, Any]) -> None:
    assert heard["wrong hash"].startswith("listen.whisperx.model: the sha256 of ")
    assert "it has no model.bin or config.json or tokenizer.json" in heard["no model"]
    assert heard["nowhere"].startswith("listen.whisperx.diariser: /nowhere is not here")


def test_where_a_model_listens_workers_are_those_of_its_environment_and_its_place_is_no_part_of_what_it_heard() -> None:
    model = WhisperX("a" * 64, "/here")
    assert Listen().environment is None
    assert Listen(whisperx=model).environment == "speech"
    assert config(Listen(whisperx=model)) == config(Listen(whisperx=WhisperX("a" * 64, "/there", batch=3)))
    assert config(Listen(whisperx=model)) != config(Listen(whisperx=WhisperX("b" * 64, "/here")))
    with pytest.raises(RecipeError, match="one for each language"):
        WhisperX("a" * 64, "/here", aligners=(Aligner("en", "b" * 64, "/x"), Aligner("en", "c" * 64, "/y")))
    with pytest.raises(RecipeError, match="from 1 to 30"):
        WhisperX("a" * 64, "/here", stretch_s=60)
