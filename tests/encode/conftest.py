"""Tiny encoders, made once by the environment that has torch."""

from pathlib import Path

import pytest

from tests.models.made import made


@pytest.fixture(scope="session")
def tiny_encoders(models_python: Path, pytestconfig: pytest.Config) -> Path:
    """A folder of encoders with random weights."""
    return made("tests.encode.tiny", models_python, pytestconfig.cache)


@pytest.fixture(scope="session")
def tiny_texts(models_python: Path, pytestconfig: pytest.Config) -> Path:
    """A folder of text encoders with random weights."""
    return made("tests.encode.tiny_text", models_python, pytestconfig.cache)
