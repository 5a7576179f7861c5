"""What all tests share."""

from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tests.models.made", "tests.servers.postgresql", "tests.servers.s3", "tests.servers.vllm"]

settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")

MEDIA = Path(__file__).resolve().parents[2] / "shared" / "media"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """For several processes: tests of one file share what it makes, and those that fill the machine queue up."""
    for item in items:
        alone = any(item.get_closest_marker(name) for name in ("alone", "vllm"))
        item.add_marker(pytest.mark.xdist_group("alone" if alone else str(item.path)))


@pytest.fixture(scope="session")
def models_python() -> Path:
    """The Python of .venv-models; a test that asks for it fails where it has not been made."""
    python = Path(__file__).resolve().parents[1] / ".venv-models" / "bin" / "python"
    if not python.is_file():
        pytest.fail("the environment of learned models is missing: make models")
    return python


@pytest.fixture(scope="session")
def media() -> Path:
    """The folder of real clips; a test that asks for it fails with the folder's name where it is missing."""
    if not (MEDIA / "good").is_dir():
        pytest.fail(f"real media are missing: put the clips of shared/media at {MEDIA}")
    return MEDIA
