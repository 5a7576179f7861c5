"""Tiny models, made once by the environment that has torch."""

from pathlib import Path

import pytest

from tests.models.made import made


@pytest.fixture(scope="session")
def tiny_models(models_python: Path, pytestconfig: pytest.Config) -> Path:
    """A folder of models with random weights."""
    return made("tests.rate.tiny", models_python, pytestconfig.cache)
