"""Nothing that was typed is lost: not with the browser, not with the server, not with the lease."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect
from sqlalchemy import select

from curate.review.tables import DRAFTS, REVISIONS
from curate.review.wire import Draft, Footage
from tests.review.pages.items import item
from tests.review.pages.people import CHROMIUM, FLAGS, PATIENCE_MS, at_work, log_in, person, saved, statuses
from tests.review.pages.server import Served, served
from tests.review.serving import PASSWORD

pytestmark = pytest.mark.integration


@contextmanager
def own_chromium(playwright: Playwright, folder: Path) -> Iterator[tuple[Page, int]]:
    """A browser with a profile that stays, and the id of its group of processes."""
    port_file = folder / "DevToolsActivePort"
    port_file.unlink(missing_ok=True)
    command = (CHROMIUM, "--headless=new", "--no-sandbox", "--remote-debugging-port=0", f"--user-data-dir={folder}")
    process = subprocess.Popen(
        (*command, *FLAGS, "--no-first-run", "about:blank"), start_new_session=True, stderr=subprocess.DEVNULL
    )
    try:
        last = time.monotonic() + 40
        while not port_file.exists() or not port_file.read_text().strip():
            assert time.monotonic() < last, "the browser did not start"
            time.sleep(0.05)
        port = port_file.read_text().split()[0]
        driven = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        yield driven.contexts[0].pages[0], process.pid
    finally:
        kill(process.pid)
        process.wait(20)


def kill(group: int) -> None:
    """As a browser that crashes: all of its processes, at once."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def typed(page: Page, seconds: float) -> list[tuple[float, str]]:
    """Type words into the open field for a while; when each was typed."""
    words: list[tuple[float, str]] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        word = f"word{len(words)}"
        page.keyboard.insert_text(f" {word}")
        words.append((time.monotonic(), word))
        time.sleep(0.05)
    return words


def kept_texts(queue: Served) -> str:
    """All drafts that the server has."""
    with queue.engine.connect() as connection:
        drafts = [Draft.model_validate_json(text) for text in connection.execute(select(DRAFTS.c.draft)).scalars()]
    return " ".join(claim.text for draft in drafts for claim in draft.claims)


def again(page: Page, url: str) -> str:
    """Open the page once more, log in if need be; the text of the item."""
    page.goto(url)
    expect(page.locator("dialog.login, .card").first).to_be_visible(timeout=PATIENCE_MS)
    if page.locator("dialog.login").count():
        log_in(page, url, "ann")
    at_work(page)
    return page.locator(".claims").inner_text()


def test_a_browser_that_is_killed_loses_at_most_a_second(playwright: Playwright, queue: Served, tmp_path: Path) -> None:
    with own_chromium(playwright, tmp_path / "profile") as (page, group):
        log_in(page, queue.url, "ann")
        at_work(page)
        page.keyboard.press("e")
        expect(page.locator(".card textarea")).to_be_focused()
        words = typed(page, 4)
        killed = time.monotonic()
        kill(group)
    with own_chromium(playwright, tmp_path / "profile") as (page, _):
        text = again(page, queue.url)
        lost = [word for at, word in words if word not in text.split()]
        assert all(killed - at < 1 for at, word in words if word in lost), lost
        assert len(lost) < len(words) / 2


def test_what_was_typed_offline_outlives_the_browser(playwright: Playwright, queue: Served, tmp_path: Path) -> None:
    with own_chromium(playwright, tmp_path / "profile") as (page, group):
        log_in(page, queue.url, "ann")
        at_work(page)
        page.keyboard.press("e")
        expect(page.locator(".card textarea")).to_be_focused()
        queue.kill()
        words = typed(page, 2)
        expect(page.locator(".line")).to_have_attribute("data-state", "offline", timeout=PATIENCE_MS)
        time.sleep(1)
        kill(group)
    assert "word" not in kept_texts(queue)
    queue.start()
    with own_chromium(playwright, tmp_path / "profile") as (page, _):
        text = again(page, queue.url)
        assert [word for _, word in words if word not in text.split()] == []
        expect(page.locator(".toasts")).to_contain_text("found in this browser", timeout=PATIENCE_MS)
        saved(page)
    assert words[-1][1] in kept_texts(queue).split()


def test_a_server_that_is_killed_loses_nothing_while_the_page_lives(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann") as page:
        at_work(page)
        page.keyboard.press("e")
        expect(page.locator(".card textarea")).to_be_focused()
        before = typed(page, 2)
        killed = time.monotonic()
        queue.kill()
        known = kept_texts(queue).split()
        assert all(killed - at < 1 for at, word in before if word not in known)
        after = typed(page, 1)
        expect(page.locator(".line")).to_contain_text("offline", timeout=PATIENCE_MS)
        queue.start()
        saved(page)
        known = kept_texts(queue).split()
        assert [word for _, word in (*before, *after) if word not in known] == []


def test_two_people_never_hold_the_same_item(browser: Browser, folder: Path, footage: Footage) -> None:
    with (
        served(folder, (item("only", footage),)) as queue,
        person(browser, queue.url, "ann") as ann,
        person(browser, queue.url, "ben") as ben,
    ):
        at_work(ann)
        expect(ben.locator(".empty")).to_contain_text("Nothing waits", timeout=PATIENCE_MS)
        ann.keyboard.press("b")
        ann.keyboard.press("Enter")
        ann.keyboard.type("  ")
        ann.keyboard.press("Enter")  # without a reason it stays
        ann.keyboard.type("too dark for me")
        ann.keyboard.press("Enter")
        expect(ann.locator(".empty")).to_be_visible(timeout=PATIENCE_MS)
        ben.get_by_role("button", name="Look again").click()
        at_work(ben)


def test_a_second_window_takes_over_and_the_first_says_so(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann") as first:
        at_work(first)
        first.keyboard.press("r")
        saved(first)
        with person(browser, queue.url, "ann") as second:
            at_work(second)
            assert statuses(second) == ["right", "unseen", "unseen", "unseen"]  # the same draft
            first.keyboard.press("r")
            dialog = first.locator("dialog[open]")
            expect(dialog).to_contain_text("This item is no longer yours", timeout=PATIENCE_MS)
            with queue.engine.connect() as connection:
                orphan = connection.execute(
                    select(REVISIONS.c.revision, REVISIONS.c.draft).where(REVISIONS.c.kind == "orphan")
                ).one()
            expect(dialog).to_contain_text(f"revision {orphan.revision}")
            first.keyboard.type("a word and the next \n")
            expect(dialog).to_be_visible()  # whoever was typing has not answered it
            kept = Draft.model_validate_json(orphan.draft)
            assert [claim.status for claim in kept.claims] == ["right", "right", "unseen", "unseen"]


def test_who_logs_in_again_goes_on_in_the_same_field(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann") as page:
        at_work(page)
        page.keyboard.press("e")
        page.keyboard.type(" One")
        saved(page)
        page.context.clear_cookies()
        page.keyboard.type("!")
        expect(page.locator("dialog.login")).to_be_visible(timeout=PATIENCE_MS)
        for part in ("ann", "Tab", PASSWORD, "Enter"):
            page.keyboard.press(part) if part in ("Tab", "Enter") else page.keyboard.type(part)
        expect(page.locator("dialog.login")).to_have_count(0, timeout=PATIENCE_MS)
        saved(page)
        assert "One!" in kept_texts(queue)
        page.keyboard.type(" Two.")
        saved(page)
        assert "One! Two." in kept_texts(queue)


def test_a_loop_that_nobody_looks_at_is_no_time_at_work(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann") as page:
        page.clock.install()
        page.reload()
        at_work(page)
        page.keyboard.press("j")
        page.clock.run_for(60_000)
        assert not page.evaluate("document.querySelector('.screen video').paused")
        page.keyboard.press("r")
        page.clock.run_for(1_000)
        saved(page)
    with queue.engine.connect() as connection:
        (draft,) = connection.execute(select(DRAFTS.c.draft)).scalars()
    assert 25_000 < Draft.model_validate_json(draft).active_ms < 40_000
