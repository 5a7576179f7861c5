"""People at the page, who use the keyboard."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from tests.review.pages.clips import READ
from tests.review.serving import PASSWORD

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing but loopback can be reached
    "--autoplay-policy=no-user-gesture-required",
)
PATIENCE_MS = 40_000


@contextmanager
def person(browser: Browser, url: str, name: str, scheme: str = "light", width: int = 1280) -> Iterator[Page]:
    """Somebody who has logged in, in a browser of their own. An error in the page's script fails the test."""
    dark = scheme == "dark"
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light", reduced_motion="reduce"
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if _is_error(message) else None)
    page.on("request", lambda request: errors.append(request.url) if _leaves(request, url) else None)
    try:
        log_in(page, url, name)
        yield page
    finally:
        context.close()
    assert errors == []


def log_in(page: Page, url: str, name: str) -> None:
    """By keyboard, as everything."""
    page.goto(url)
    expect(page.locator("dialog.login")).to_be_visible(timeout=PATIENCE_MS)
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".who")).to_have_text(name, timeout=PATIENCE_MS)


def at_work(page: Page) -> None:
    """Wait until an item with its clip is there."""
    expect(page.locator(".card").first).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_function("() => document.querySelector('.screen video').readyState >= 2", timeout=PATIENCE_MS)


def saved(page: Page) -> None:
    """Wait until the server has all."""
    expect(page.locator(".line")).to_have_attribute("data-state", "saved", timeout=PATIENCE_MS)


def frame(page: Page) -> int:
    """The frame that the page says it shows, when it does: the number on the picture is the same."""
    page.wait_for_function(
        f"() => !document.querySelector('.screen video').seeking && ({READ})() === {_NAMED}", timeout=PATIENCE_MS
    )
    shown: int = page.evaluate(_NAMED)
    return shown


def paused(page: Page) -> None:
    """Stop the clip."""
    if not page.evaluate("document.querySelector('.screen video').paused"):
        page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('.screen video').paused")


def watched(page: Page, times: int = 1) -> None:
    """See and hear the clip whole."""
    for _ in range(times):
        page.keyboard.press("p")
        page.wait_for_function("() => !document.querySelector('.screen video').paused")
        page.wait_for_function("() => document.querySelector('.screen video').ended", timeout=PATIENCE_MS)


def statuses(page: Page) -> list[str]:
    """What the cards say of themselves."""
    return [badge.strip() for badge in page.locator(".card .card-top .badge").all_inner_texts()]


_NAMED = "Number(document.querySelector('.now').textContent.match(/frame (\\d+)/)[1])"


def _is_error(message: ConsoleMessage) -> bool:
    """A refusal of the server, or its absence, is no error of the page: it is told to the person."""
    return message.type == "error" and "Failed to load resource" not in message.text


def _leaves(request: Request, url: str) -> bool:
    return not request.url.startswith((url, "blob:"))
