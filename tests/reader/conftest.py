from pathlib import Path

import pytest

from curate.plan.plan import Plan
from curate.storage.lake import Lake
from tests.reader.world import make_lake, make_plan


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, Plan]:
    """A lake with one plan, for tests that only read."""
    lake = make_lake(tmp_path_factory.mktemp("reader") / "lake")
    return lake, make_plan(lake)


@pytest.fixture
def own(tmp_path: Path) -> Lake:
    """A lake without a plan, for tests that write."""
    return make_lake(tmp_path / "lake")
