"""The engine in the worker, on a tiny model with random weights."""

import base64
import json
import os
import pickle
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from captioners.asking import Ask, Reply
from curate.stage import Outcome
from curate.weights import sha256

ROOT = Path(__file__).resolve().parents[3]

SETTINGS: dict[str, Any] = {
    "max_model_len": 2048, "dtype": "bfloat16", "images": 4, "max_num_seqs": 8, "ahead": 4, "enforce_eager": True,
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """Some asks, each list by a thread of its own; the engine is killed before ask number `kill_at` is drawn."""

    units: Sequence[Sequence[Ask]]
    kill_at: int | None = None


@dataclass(frozen=True)
class Answered:
    outcomes: list[list[Outcome[Reply]]]  # of each unit
    killed: list[int]  # processes
    begun: int  # engines that are there and were not before


Answer = Callable[..., list[Answered]]


@pytest.fixture(scope="session")
def answer(vllm_python: Path, tiny_vlm: Path, tmp_path_factory: pytest.TempPathFactory) -> Answer:
    """Puts parts to the engine in a process of .venv-vllm, with `settings` and `environ` beside the usual."""

    def answered(
        *parts: Part, settings: dict[str, Any] | None = None, environ: dict[str, str] | None = None
    ) -> list[Answered]:
        told = {
            "settings": {**SETTINGS, "model": str(tiny_vlm), "sha256": sha256(tiny_vlm), **(settings or {})},
            "parts": [
                {"units": base64.b64encode(pickle.dumps(part.units)).decode(), "kill_at": part.kill_at}
                for part in parts
            ],
        }
        log = tmp_path_factory.mktemp("vllm") / "log"
        with log.open("wb") as said:
            run = subprocess.run(
                [vllm_python, "-W", "ignore", "-m", "tests.captioners.asking.answering"],
                cwd=ROOT, input=json.dumps(told).encode(), stdout=subprocess.PIPE, stderr=said, check=False,
                env={**os.environ, "VLLM_CPU_KVCACHE_SPACE": "1", "OMP_NUM_THREADS": "1", **(environ or {})},
            )  # fmt: skip
        assert run.returncode == 0, log.read_text(errors="replace")[-4000:]
        lines = [json.loads(line) for line in run.stdout.splitlines()]
        assert len(lines) == len(parts), log.read_text(errors="replace")[-4000:]
        return [
            Answered(pickle.loads(base64.b64decode(line["outcomes"])), line["killed"], line["begun"])  # noqa: S301
            for line in lines
        ]

    return answered
