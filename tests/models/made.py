"""Fixtures: the Pythons of the environments, and tiny models with random weights that are made there once."""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def python_of(kind: str) -> Path:
    """The Python of a kind's environment; the test fails where that has not been made."""
    python = ROOT / f".venv-{kind}" / "bin" / "python"
    if not (python.parents[1] / "made").is_file():
        pytest.fail(f"the environment {python.parents[1].name} is missing: make {kind}")
    return python


def made(maker: str, python: Path, cache: pytest.Cache) -> Path:
    """What `python -m MAKER FOLDER` writes; kept in pytest's cache until the maker, those here or locks change.

    All processes and later runs share it: who needs it otherwise changes a copy.
    """
    digest = hashlib.sha256()
    own = ROOT / f"{maker.replace('.', '/')}.py"
    for source in sorted({own, *Path(__file__).parent.glob("*.py"), *ROOT.glob("infra/envs/*.lock")}):
        digest.update(source.read_bytes())
    folder = cache.mkdir("models") / f"{maker}-{digest.hexdigest()[:16]}"
    if not folder.exists():
        new = Path(tempfile.mkdtemp(dir=folder.parent))
        subprocess.run([python, "-W", "ignore", "-m", maker, new], cwd=ROOT, check=True)
        try:
            new.rename(folder)
        except OSError:  # another run was first
            shutil.rmtree(new)
    return folder


@pytest.fixture(scope="session")
def vllm_python() -> Path:
    """The Python of .venv-vllm."""
    return python_of("vllm")


@pytest.fixture(scope="session")
def speech_python() -> Path:
    """The Python of .venv-speech."""
    return python_of("speech")


@pytest.fixture(scope="session")
def tiny_vlm(vllm_python: Path, pytestconfig: pytest.Config) -> Path:
    """A folder: Qwen3-VL that takes text, images and video and writes noise."""
    return made("tests.models.vision", vllm_python, pytestconfig.cache)


@pytest.fixture(scope="session")
def tiny_omni(vllm_python: Path, pytestconfig: pytest.Config) -> Path:
    """A folder: Qwen2.5-Omni, the part that writes text, that takes sound as well."""
    return made("tests.models.omni", vllm_python, pytestconfig.cache)
