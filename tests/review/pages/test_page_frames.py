"""The page shows the frame that it says it shows: in steps, seeks, loops, and while it plays."""

import itertools
import random
from fractions import Fraction
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.review.pages.clips import READ, burnt
from tests.review.pages.items import item
from tests.review.pages.people import at_work, frame, paused, person
from tests.review.pages.server import Served, served

pytestmark = pytest.mark.integration

RATES = (Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(60))


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_steps_and_seeks_land_on_the_frame(browser: Browser, tmp_path: Path, rate: Fraction) -> None:
    footage = burnt(tmp_path, rate, frames=150)
    assert Fraction(footage.rate_num, footage.rate_den) == rate
    with served(tmp_path, (item("one", footage),)) as queue, person(browser, queue.url, "ann") as page:
        at_work(page)
        paused(page)
        page.keyboard.press("Home")
        at = frame(page)
        for key, by in [(".", 1)] * 20 + [(",", -1)] * 7 + [(".", 1)] * 3:
            page.keyboard.press(key)
            at = max(at + by, 0)
            assert frame(page) == at
        for key, by_s in [("Shift+ArrowRight", 1), ("ArrowRight", 0.1), ("ArrowRight", 0.1), ("ArrowLeft", -0.1)]:
            page.keyboard.press(key)
            at = int((at + 0.5) + by_s * float(rate))
            assert frame(page) == at
        assert _clicks(page) == []


def _clicks(page: Page) -> list[tuple[float, int]]:
    """Shares of the lane where a click did not show the frame that is there."""
    box = page.locator(".ruler").bounding_box()
    assert box is not None
    chance, wrong = random.Random(7), []  # noqa: S311 - no secret
    for _ in range(20):
        x = chance.randrange(2, int(box["width"]) - 2)
        page.mouse.click(box["x"] + x, box["y"] + 8)
        share, shown = x / box["width"], frame(page)
        if abs(share * 150 - (shown + 0.5)) > 0.5 + 150 / box["width"]:
            wrong.append((share, shown))
    return wrong


def test_a_held_key_goes_on_frame_by_frame(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann") as page:
        at_work(page)
        paused(page)
        before = frame(page)
        for _ in range(25):
            page.keyboard.down(".")
        page.keyboard.up(".")
        assert frame(page) == before + 25


def test_while_it_plays_the_page_names_the_frame_on_the_screen(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann") as page:
        at_work(page)
        page.keyboard.press("p")
        pairs = page.evaluate(
            f"""() => new Promise((resolve) => {{
              const video = document.querySelector(".screen video"), read = {READ}, seen = [];
              const each = () => {{
                seen.push([read(), Number(document.querySelector(".now").textContent.match(/frame (\\d+)/)[1])]);
                seen.length < 40 ? video.requestVideoFrameCallback(each) : resolve(seen);
              }};
              video.requestVideoFrameCallback(each);
            }})"""
        )
        late = [said - shown for shown, said in pairs]
        assert max(map(abs, late)) <= 1  # the screen may be a frame ahead of what a script can read
        assert late.count(0) >= 0.9 * len(late)


def test_selecting_a_statement_loops_its_span(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann") as page:
        at_work(page)
        for _ in range(3):
            page.keyboard.press("j")
        page.wait_for_timeout(300)
        seen = page.evaluate(
            f"""() => new Promise((resolve) => {{
              const video = document.querySelector(".screen video"), read = {READ}, seen = [];
              const each = () => (seen.push(read()), video.requestVideoFrameCallback(each));
              video.requestVideoFrameCallback(each);
              setTimeout(() => resolve(seen), 3500);
            }})"""
        )
        first, last = round(0.5 * 72), round(0.9 * 72)
        assert min(seen) == first
        assert max(seen) <= last + 1  # a browser that is kept from running may be a frame late
        assert sum(a > b for a, b in itertools.pairwise(seen)) >= 2  # it began anew
        assert page.evaluate("document.querySelector('.screen video').muted") is False
