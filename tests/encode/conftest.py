"""Tiny encoders, made once by the environment that has torch."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def tiny_encoders(models_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of encoders with random weights."""
    folder = tmp_path_factory.mktemp("encoders")
    subprocess.run([models_python, "-W", "ignore", "-m", "tests.encode.tiny", folder], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="session")
def tiny_texts(models_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of text encoders with random weights."""
    folder = tmp_path_factory.mktemp("texts")
    subprocess.run([models_python, "-W", "ignore", "-m", "tests.encode.tiny_text", folder], cwd=ROOT, check=True)
    return folder
