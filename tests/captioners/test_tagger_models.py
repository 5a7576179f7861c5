"""Taggers through their real loading code: an ONNX detector that is right, and an AST with random weights."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from captioners.listener import Context
from captioners.sound import EventRules, events
from captioners.tagger import Mel, Tagger, TagRules
from captioners.tagger_onnx import listener
from curate.errors import RecipeError
from curate.weights import sha256
from tests.captioners.synth import RATE_HZ, hiss, laid, quiet, tone
from tests.models.made import ROOT

pytestmark = [pytest.mark.models, pytest.mark.integration, pytest.mark.timeout(1800)]  # torch is slow to import


def made(python: Path, folder: Path, *only: str) -> Path:
    subprocess.run([python, "-W", "ignore", "-m", "tests.captioners.tiny_tagger", folder, *only], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="module")
def bands(models_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Tagger:
    folder = made(models_python, tmp_path_factory.mktemp("onnx"), "onnx")
    model, labels = folder / "bands.onnx", folder / "bands.txt"
    rules = TagRules(begin=0.5, stay=0.5, least_s=0.05, gap_s=0.05)
    return Tagger(
        sha256(model), str(model), str(labels), sha256(labels), hop_s=0.01, rules=rules
    )  # fmt: skip


def test_an_onnx_detector_hears_when_what_it_knows_begins_and_ends(bands: Tagger) -> None:
    wave = laid(
        8, (0, hiss(8, 0.001)), (1.2, tone(1000, 0.7)), (2.5, tone(4000, 0.3)), (2.6, tone(250, 1.0)), (6, hiss(0.5)),
    )  # fmt: skip
    hear = listener(bands)
    found, nothing = hear([Context(wave, tuple(events(wave, RATE_HZ, EventRules(), []))), Context(quiet(0), ())])
    assert [one.label for one in found] == ["Whistle", "Squeak", "Low hum"]
    for one, (start_s, end_s) in zip(found, [(1.2, 1.9), (2.5, 2.8), (2.6, 3.6)], strict=True):
        assert (one.start_s, one.end_s) == (pytest.approx(start_s, abs=0.02), pytest.approx(end_s, abs=0.02))
        assert one.score is not None
        assert one.score >= 0.9
        assert one.engine == f"onnx {bands.sha256[:8]}"
    assert nothing == []


def test_sound_is_resampled_to_the_rate_of_the_model(bands: Tagger) -> None:
    wave = laid(4, (0, hiss(4, 0.001)), (1.0, tone(500, 1.0)))
    twice = replace(bands, rate_hz=32_000, hop_s=0.005)  # made for 16 kHz: at 32 kHz it takes 500 Hz for 250
    (found,) = listener(twice)([Context(wave, ())])
    assert [(one.label, round(one.start_s, 1), round(one.end_s, 1)) for one in found] == [("Low hum", 1.0, 2.0)]


def test_what_does_not_fit_is_named(bands: Tagger, tmp_path: Path) -> None:
    wave = Context(tone(1000, 1.0), ())
    with pytest.raises(RecipeError, match=r"hop_s: the model gives 100 frames for 1\.00 s"):
        listener(replace(bands, hop_s=0.02))([wave])
    few = tmp_path / "few.txt"
    few.write_text("One\nTwo")
    with pytest.raises(RecipeError, match="has 3 classes, its labels are 2"):
        listener(replace(bands, labels=str(few), labels_sha256=sha256(few)))([wave])
    with pytest.raises(RecipeError, match="sha256"):
        listener(replace(bands, sha256="0" * 64))
    with pytest.raises(RecipeError, match="does not name its classes"):
        listener(replace(bands, labels=None))
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")
    with pytest.raises(RecipeError, match="no ONNX model"):
        listener(replace(bands, model=str(broken), sha256=sha256(broken)))
    with pytest.raises(RecipeError, match="takes a wave"):
        listener(replace(bands, mel=Mel()))


@pytest.fixture(scope="module")
def answer(models_python: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = made(models_python, tmp_path_factory.mktemp("ast")) / "ast"
    run = subprocess.run(
        [models_python, "-W", "ignore", "-m", "tests.captioners.tagging", folder, sha256(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_an_ast_says_of_a_window_what_the_library_says(answer: dict[str, Any]) -> None:
    assert answer["labels"] == ["Speech", "Dog", "Bark", "Rain"]
    assert len(answer["frames"]) == 25  # 5 s, a window each 0.2 s
    assert answer["frames"][13] == pytest.approx(answer["direct"], abs=1e-4)
    assert answer["frames"][13] != pytest.approx(answer["frames"][2], abs=1e-4)


def test_what_an_ast_hears_are_events_of_its_classes_without_speech(answer: dict[str, Any]) -> None:
    heard, nothing = answer["heard"]
    assert nothing == []
    assert {one["label"] for one in heard} <= {"Dog", "Bark", "Rain"}
    assert heard, "random weights answer near one half, and events begin at 0.3"
    assert all(0 <= one["start_s"] < one["end_s"] <= 5.1 and one["kind"] == "event" for one in heard)
