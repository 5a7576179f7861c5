"""What all tests share."""

from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tests.servers.s3"]

settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")

MEDIA = Path(__file__).resolve().parents[2] / "shared" / "media"


@pytest.fixture(scope="session")
def media() -> Path:
    """The folder of real clips; a test that asks for it fails with the folder's name where it is missing."""
    if not (MEDIA / "good").is_dir():
        pytest.fail(f"real media are missing: put the clips of shared/media at {MEDIA}")
    return MEDIA
