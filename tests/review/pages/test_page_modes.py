"""From scratch, blind, and adjudication: each sees what it may see, and no more."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from curate.review.wire import Footage
from tests.review.pages.items import SENTENCES, item
from tests.review.pages.people import PATIENCE_MS, at_work, person, statuses, watched
from tests.review.pages.server import served
from tests.review.pages.test_page_keys import decided, facets_said

pytestmark = pytest.mark.integration


def heard(page: Page) -> list[str]:
    """All that the server answers from now on, in words."""
    said: list[str] = []

    def listen(response: Response) -> None:
        if "/api/" in response.url and not response.url.endswith((".mp4", "/peaks")) and response.status != 204:
            said.append(response.text())

    page.on("response", listen)
    return said


def test_from_scratch_the_machines_words_come_after_ones_own(browser: Browser, folder: Path, footage: Footage) -> None:
    with served(folder, (item("bare", footage, "scratch"),)) as queue, person(browser, queue.url, "ann") as page:
        said = heard(page)
        page.reload()
        expect(page.locator(".gate")).to_contain_text("0 of 2 whole plays", timeout=PATIENCE_MS)
        page.keyboard.press("a")
        assert page.locator("textarea").count() == 0  # closed until it was seen
        page.keyboard.press("p")
        page.wait_for_function("() => document.querySelector('.screen video').currentTime > 0.5")
        page.keyboard.press("n")
        page.wait_for_function("() => document.querySelector('.screen video').ended", timeout=PATIENCE_MS)
        expect(page.locator(".gate")).to_contain_text("1 of 2 whole plays")
        watched(page)
        expect(page.locator(".gate")).to_have_count(0)
        page.locator(".note input").fill("A click,")
        page.get_by_role("button", name="Make it a statement").press("Enter")
        expect(page.locator(".card textarea")).to_be_focused()
        page.keyboard.type(" and then nothing.")
        page.keyboard.press("Escape")
        facets_said(page)
        assert not any(text in answer for _, _, _, text in SENTENCES for answer in said)
        page.keyboard.press("Control+Enter")
        expect(page.locator(".task h1")).to_have_text("Merge", timeout=PATIENCE_MS)
        at_work(page)
        assert statuses(page) == ["unseen"] * 4 + ["added"]
        expect(page.locator(".card", has_text="A click is heard.")).to_contain_text("Yours")
        for _ in range(3):
            page.keyboard.press("r")
        page.keyboard.press("w")
        page.keyboard.press("r")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".empty")).to_be_visible(timeout=PATIENCE_MS)
    (one,) = decided(queue)
    assert [claim.status for claim in one.claims] == ["right", "right", "right", "wrong", "added"]
    assert one.claims[4].text == "A click, and then nothing."


def test_a_muted_a_fast_or_a_skipping_play_does_not_count(browser: Browser, folder: Path, footage: Footage) -> None:
    with served(folder, (item("bare", footage, "scratch"),)) as queue, person(browser, queue.url, "ann") as page:
        expect(page.locator(".gate")).to_be_visible(timeout=PATIENCE_MS)
        page.keyboard.press(">")
        watched(page)
        page.keyboard.press("<")
        page.keyboard.press("m")
        watched(page)
        page.keyboard.press("m")
        page.keyboard.press("p")
        page.keyboard.press("Shift+ArrowRight")
        page.wait_for_function("() => document.querySelector('.screen video').ended", timeout=PATIENCE_MS)
        expect(page.locator(".gate")).to_contain_text("0 of 2 whole plays")
        watched(page)
        expect(page.locator(".gate")).to_contain_text("1 of 2 whole plays")


def test_a_blind_reader_has_text_and_questions_alone(browser: Browser, folder: Path, footage: Footage) -> None:
    with served(folder, (item("dark", footage, "blind"),)) as queue, person(browser, queue.url, "ann") as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.reload()
        expect(page.locator(".text")).to_contain_text(SENTENCES[0][3], timeout=PATIENCE_MS)
        assert page.locator("video").count() == 0
        page.keyboard.press("Control+Enter")
        expect(page.locator(".lacks")).to_contain_text("2 questions without an answer")
        page.keyboard.press("Enter")
        page.keyboard.press("2")
        expect(page.locator(".choice[aria-pressed=true]")).to_contain_text("eight")
        page.keyboard.type("a click 1")
        page.keyboard.press("Control+Enter")
        expect(page.locator("dialog[open]")).to_contain_text("of 2 right", timeout=PATIENCE_MS)
        page.keyboard.press("Enter")
        expect(page.locator(".empty")).to_be_visible(timeout=PATIENCE_MS)
        assert not any(url.endswith(("/footage.mp4", "/peaks", "/thumbs.jpg")) for url in asked)


def triaged(page: Page, keys: str) -> None:
    """Judge all statements by these keys, and submit."""
    at_work(page)
    watched(page)
    for key in keys:
        page.keyboard.press(key)
    facets_said(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".empty")).to_be_visible(timeout=PATIENCE_MS)


def test_a_reviewer_takes_a_version_where_annotators_differ(browser: Browser, folder: Path, footage: Footage) -> None:
    with served(folder, (item("both", footage, overlap=2),)) as queue:
        with person(browser, queue.url, "ann") as page:
            triaged(page, "rrrr")
        with person(browser, queue.url, "ben") as page:
            triaged(page, "rwdrr")
        with person(browser, queue.url, "rita") as page:
            page.goto(f"{queue.url}/#/adjudicate")
            expect(page.locator(".task h1")).to_have_text("Adjudication", timeout=PATIENCE_MS)
            at_work(page)
            assert statuses(page) == ["right", "unseen", "right", "right"]
            expect(page.locator(".card.selected .version")).to_have_count(2)
            watched(page)
            page.keyboard.press("2")
            assert statuses(page)[1] == "wrong: direction"
            facets_said(page)
            page.keyboard.press("Control+Enter")
            expect(page.locator(".empty")).to_be_visible(timeout=PATIENCE_MS)
    (one,) = decided(queue)
    assert one.settled_by == "adjudication"
    assert [claim.error_kind for claim in one.claims] == [None, "direction", None, None]
