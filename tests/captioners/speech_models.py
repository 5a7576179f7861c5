"""Fixture: the tiny speech models."""

from pathlib import Path

import pytest

from tests.models.made import made


@pytest.fixture(scope="session")
def tiny_speech(speech_python: Path, pytestconfig: pytest.Config) -> Path:
    """A folder with `whisper`, `aligner` and `diariser`."""
    return made("tests.models.speech", speech_python, pytestconfig.cache)
