"""Raters on real loading code: what they say is what the library says when it is called by hand."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from curate.weights import sha256
from tests.models.made import ROOT
from tests.rate.clips import made

pytestmark = [pytest.mark.models, pytest.mark.integration, pytest.mark.timeout(1800)]  # torch is slow to import


def raters(models: Path) -> list[dict[str, Any]]:
    def rater(kind: str, folder: str, **more: Any) -> dict[str, Any]:
        return {"kind": kind, "model": str(models / folder), "sha256": sha256(models / folder), **more}

    head = models / "head.safetensors"
    return [
        rater("clip", "clip", prompts=["a red picture", "a photo of a cat"]),
        rater("aesthetic", "clip", head=str(head), head_sha256=sha256(head)),
        rater("nsfw", "classifier", labels=["bare", "worse"]),
        rater("quality", "number", name="sharp"),
        rater("quality", "video", name="film"),
    ]


@pytest.fixture(scope="module")
def answer(models_python: Path, tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("media")
    files = [made(folder / "red.avi", (200, 30, 30)), made(folder / "blue.avi", (20, 40, 190))]
    asked = {"raters": raters(tiny_models), "models": str(tiny_models), "files": [str(file) for file in files]}
    run = subprocess.run(
        [models_python, "-W", "ignore", "-m", "tests.rate.rating"],
        cwd=ROOT, input=json.dumps(asked), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_each_metric_is_rated_for_each_clip(answer: dict[str, Any]) -> None:
    metrics = {clip: {score["metric"] for score in scores} for clip, scores in answer["rated"].items()}
    expected = {"clip/a red picture", "clip/a photo of a cat", "aesthetic", "nsfw", "sharp", "film"}
    assert list(metrics.values()) == [expected, expected]


def test_values_are_those_of_the_library(answer: dict[str, Any]) -> None:
    first = {score["metric"]: score for score in next(iter(answer["rated"].values()))}
    for metric, value in answer["direct"].items():
        assert first[metric]["value"] == pytest.approx(value, abs=1e-5), metric
        detail = json.loads(first[metric]["detail"])
        assert detail["frames"] == 4
        assert detail["least"] <= first[metric]["value"] <= detail["most"]


def test_other_pictures_have_other_values(answer: dict[str, Any]) -> None:
    red, blue = answer["rated"].values()
    assert all(a["value"] != b["value"] for a, b in zip(red, blue, strict=True))
