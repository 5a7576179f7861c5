"""The tiny models run in vLLM itself: each kind of input is taken, and what is written keeps to a schema."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from tests.models.made import ROOT

pytestmark = [pytest.mark.vllm, pytest.mark.integration, pytest.mark.timeout(1800)]  # it is slow to start

SCHEMA = {
    "type": "object",
    "properties": {"caption": {"type": "string", "maxLength": 60}, "sure": {"type": "boolean"}},
    "required": ["caption", "sure"],
    "additionalProperties": False,
}


def answered(python: Path, model: Path, *kinds: str) -> dict[str, Any]:
    run = subprocess.run(
        [python, "-W", "ignore", "-m", "tests.models.answering", model, json.dumps(SCHEMA), *kinds],
        cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-4000:]
    answers = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    for answer in answers:
        assert answer["end"] == "stop"
        validate(json.loads(answer["text"]), SCHEMA)
    assert [answer["kind"] for answer in answers] == list(kinds)
    return {answer["kind"]: answer for answer in answers}


def test_one_that_sees(vllm_python: Path, tiny_vlm: Path) -> None:
    answers = answered(vllm_python, tiny_vlm, "text", "images", "video")
    tokens = {kind: answer["tokens"] for kind, answer in answers.items()}
    assert tokens["images"] >= tokens["text"] + 2 * 12  # 96 x 128 pixels are 3 x 4 tokens
    assert tokens["video"] >= tokens["text"] + 4 * 12  # of two frames each
    assert len({answer["text"] for answer in answers.values()}) == 3


def test_one_that_hears_as_well(vllm_python: Path, tiny_omni: Path) -> None:
    answers = answered(vllm_python, tiny_omni, "text", "images", "video", "sound", "video+sound")
    tokens = {kind: answer["tokens"] for kind, answer in answers.items()}
    assert tokens["sound"] >= tokens["text"] + 25  # a second
    assert tokens["video+sound"] >= tokens["video"] + 25
    assert len({answers[kind]["text"] for kind in ("text", "images", "video", "sound")}) == 4
