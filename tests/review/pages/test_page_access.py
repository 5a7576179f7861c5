"""Everybody can use the page: axe finds nothing serious on any view, light and dark, wide and narrow."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from curate.review.wire import Footage
from schemas.caption import Mode
from tests.review.pages.items import item
from tests.review.pages.people import PATIENCE_MS, at_work, person, watched
from tests.review.pages.server import Served, served

pytestmark = pytest.mark.integration

GRAVE = ("serious", "critical")
AXE = {"resultTypes": ["violations"]}
LOOKS = tuple((scheme, width) for scheme in ("light", "dark") for width in (1280, 390))


def found(page: Page) -> list[str]:
    """What axe finds that keeps somebody out, in all looks."""
    grave = []
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 800})
        results = Axe().run(page, options=AXE).response
        grave += [
            f"{scheme} {width}: {one['id']}: {node['html'][:160]}"
            for one in results["violations"]
            if one["impact"] in GRAVE
            for node in one["nodes"]
        ]
        wide = page.evaluate("document.documentElement.scrollWidth")
        grave += [f"{scheme} {width}: it scrolls sideways: {wide}"] if wide > width else []
    return grave


def everything(page: Page) -> None:
    """All that a card can look like."""
    at_work(page)
    for key in ("r", "w", "c", "e"):
        page.keyboard.press(key)
    page.keyboard.type(" It is loud.")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.keyboard.type("A hum goes on.")
    page.keyboard.press("Escape")
    page.keyboard.press("q")
    page.keyboard.press("j")
    page.keyboard.press("Control+Enter")


def editing(page: Page) -> None:
    at_work(page)
    page.keyboard.press("e")
    expect(page.locator(".card textarea")).to_be_focused()


def asking(page: Page) -> None:
    at_work(page)
    page.keyboard.press("w")
    expect(page.locator(".kinds")).to_be_visible()


def keys(page: Page) -> None:
    at_work(page)
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_be_visible()


DESKS: dict[str, Callable[[Page], None]] = {"cards": everything, "field": editing, "kinds": asking, "keys": keys}


@pytest.mark.parametrize("name", DESKS)
def test_axe_finds_nothing_grave_on_the_desk(browser: Browser, queue: Served, name: str) -> None:
    with person(browser, queue.url, "ann") as page:
        DESKS[name](page)
        assert found(page) == []


def test_axe_finds_nothing_grave_in_the_login(browser: Browser, queue: Served) -> None:
    page = browser.new_page()
    page.goto(queue.url)
    expect(page.locator("dialog.login")).to_be_visible(timeout=PATIENCE_MS)
    assert found(page) == []
    page.context.close()


@pytest.mark.parametrize("route", ["items", "figures", "users", "item/second"])
def test_axe_finds_nothing_grave_in_lists(browser: Browser, queue: Served, route: str) -> None:
    with person(browser, queue.url, "ada") as page:
        page.goto(f"{queue.url}/#/{route}")
        expect(page.locator(".sheet h1")).to_be_visible(timeout=PATIENCE_MS)
        page.wait_for_load_state("networkidle")
        assert found(page) == []


MODES: dict[Mode, str] = {"blind": ".text", "scratch": ".gate"}


@pytest.mark.parametrize("mode", MODES)
def test_axe_finds_nothing_grave_in_other_modes(browser: Browser, folder: Path, footage: Footage, mode: Mode) -> None:
    with served(folder, (item("one", footage, mode),)) as queue, person(browser, queue.url, "ann") as page:
        expect(page.locator(MODES[mode])).to_be_visible(timeout=PATIENCE_MS)
        assert found(page) == []
        if mode == "scratch":
            watched(page, 2)
            page.keyboard.press("n")
            page.keyboard.press("a")
            assert found(page) == []


def test_the_focus_is_never_hidden_by_a_bar(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann", width=390) as page:
        at_work(page)
        for _ in range(3):
            page.keyboard.press("j")
            box, foot = page.locator(".card.selected").bounding_box(), page.locator(".foot").bounding_box()
            player = page.locator(".player").bounding_box()
            assert box is not None
            assert foot is not None
            assert player is not None
            assert box["y"] >= player["y"] + player["height"] - 1
            assert box["y"] + box["height"] <= foot["y"] + 1
