"""Listening with WhisperX on the road: workers in an environment of their own, and a file that is no media any more."""

from pathlib import Path

import polars as pl
import pytest

from curate.film.film import make_film
from curate.film.spec import FilmSpec
from curate.weights import sha256
from jobs.recipe import build
from jobs.session import open_session
from jobs.show import JsonLines
from tests.captioners.speech_models import tiny_speech as tiny_speech  # noqa: PLC0414  a fixture

SAID = "Good morning, everybody. Thank you for 3 apples."

pytestmark = [pytest.mark.integration, pytest.mark.speech, pytest.mark.timeout(1800)]


@pytest.mark.filterwarnings("default")
def test_words_come_from_there_and_a_broken_file_fails_alone(
    tmp_path: Path, speech_python: Path, tiny_speech: Path
) -> None:
    def known(name: str, key: str = "") -> dict[str, str]:
        folder = tiny_speech / name
        return {f"{key or 'model'}": str(folder), f"{key + '_' if key else ''}sha256": sha256(folder, every_file=True)}

    aligner = {"language": "en", **known("aligner")}
    whisperx = {**known("whisper"), **known("diariser", "diariser"), "aligners": [aligner], "beam_size": 1}
    recipe = build(
        {
            "listen": {"whisperx": whisperx, "speech": {"engine": "none"}},
            "resources": {"workers": 1, "environments": {"speech": str(speech_python.parents[1])}},
        }
    )
    opened = open_session(str(tmp_path / "lake"), recipe, "ray", JsonLines())
    for seed in (5, 6):
        make_film(tmp_path / f"{seed}.mp4", FilmSpec(seed=seed, seconds=20, width=96, height=64, fps=10))
    opened.add([str(tmp_path / "5.mp4"), str(tmp_path / "6.mp4")])
    try:
        opened.run(["fetch", "scan", "split"])
        media = opened.lake.scan("media").filter(pl.col("outputs") > 0).sort("size_bytes").collect()
        broken, whole = media["media_id"].to_list()
        blob = media["blob"][0]
        with (tmp_path / "lake" / blob["shard"]).open("r+b") as shard:
            shard.seek(blob["offset"])
            shard.write(bytes(blob["length"]))
        opened.run(["listen"])
    finally:
        opened.engine.close()  # type: ignore[attr-defined]  it is Ray
    sounds = opened.lake.scan("sounds").collect()
    failed = sounds.filter(pl.col("failure").is_not_null())
    assert failed.height
    assert {clip.partition("/")[0] for clip in failed["input_id"]} == {broken}
    # times by random weights: the guards do not believe all of them
    words = sounds.filter(pl.col("kind").is_in(["word", "dropped"]))
    assert "word" in set(words["kind"])
    assert {clip.partition("/")[0] for clip in words["clip_id"]} == {whole}
    assert set(words["engine"]) == {"whisperx 3.8"}
    assert set(words["speaker"]) == {"1"}
    assert "apples." in set(words["text"])
    assert set(words["text"]) <= set(SAID.split())  # less what lies between two clips
