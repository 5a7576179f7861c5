"""A browser, a clip, and a queue about it."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from curate.review.wire import Footage
from tests.review.pages.clips import burnt
from tests.review.pages.items import item
from tests.review.pages.people import CHROMIUM, FLAGS
from tests.review.pages.server import Served, served


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """A driver of the tests of pages alone: while it runs, no other test can run an event loop in this process."""
    if not Path(CHROMIUM).exists():
        pytest.fail("the browser is missing: install Debian's package chromium")
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(FLAGS))
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def shelf_of_clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Footage]:
    """The folder of a clip of three seconds at 24 frames a second, and what the page is told of it."""
    folder = tmp_path_factory.mktemp("clip")
    return folder, burnt(folder)


@pytest.fixture
def footage(shelf_of_clips: tuple[Path, Footage]) -> Footage:
    return shelf_of_clips[1]


@pytest.fixture
def folder(shelf_of_clips: tuple[Path, Footage], tmp_path: Path) -> Path:
    """A folder with the clip, for a queue of its own."""
    return copytree(shelf_of_clips[0], tmp_path / "served")


@pytest.fixture
def queue(folder: Path, footage: Footage) -> Iterator[Served]:
    """Two items to judge, one for two annotators, one from scratch, one to read blind: in this order."""
    items = (
        item("first", footage, severity=5), item("second", footage, severity=4),
        item("both", footage, severity=3, overlap=2), item("bare", footage, "scratch", severity=2),
        item("dark", footage, "blind", severity=1),
    )  # fmt: skip
    with served(folder, items) as one:
        yield one
