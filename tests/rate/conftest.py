"""Tiny models, made once by the environment that has torch."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def tiny_models(models_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models with random weights."""
    folder = tmp_path_factory.mktemp("models")
    subprocess.run([models_python, "-W", "ignore", "-m", "tests.rate.tiny", folder], cwd=ROOT, check=True)
    return folder
