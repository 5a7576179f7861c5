"""The pictures of the annotator's guide, from a real queue: a film, its captions, the page in a browser.

.venv/bin/python -m infra.guides.screenshots LAKE      # a lake with items: retold review fill --lake LAKE
"""

import sys
from pathlib import Path
from threading import Thread

from playwright.sync_api import Page, sync_playwright

from curate.review.accounts import set_user
from curate.review.app import create_app, server
from curate.review.footage import Footage
from curate.review.policy import Policy
from curate.review.wire import NewUser
from curate.storage.lake import open_lake
from jobs.commands.database import database_of

HERE = Path(__file__).parent
NAME, PASSWORD = "ann", "only for these pictures"
CHROMIUM = "/usr/bin/chromium"
WIDTH, HEIGHT, QUALITY = 1280, 800, 80
KEYS = ("r", "r", "r", "w", "d")  # three statements are right, the fourth has a wrong direction


def main(uri: str) -> None:
    """Serve the queue of a lake on loopback, and take the pictures."""
    lake = open_lake(uri, {})
    engine = database_of(lake, None)
    set_user(engine, NewUser(name=NAME, role="annotator", password=PASSWORD))
    app = create_app(engine, Policy(), Footage(lake, Path(f"{lake.uri}-review.films"), 1 << 30))
    made = server(app, "127.0.0.1", 0)
    socket = made.config.bind_socket()
    serving = Thread(target=made.run, kwargs={"sockets": [socket]})
    serving.start()
    try:
        _pictures(f"http://127.0.0.1:{socket.getsockname()[1]}")
    finally:
        made.should_exit = True
        serving.join()


def _pictures(url: str) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, headless=True)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce")
        _at_work(page, url)
        page.screenshot(path=HERE / "annotator.jpg", quality=QUALITY)
        for key in KEYS:
            page.keyboard.press(key)
        page.emulate_media(color_scheme="dark")
        page.screenshot(path=HERE / "annotator-dark.jpg", quality=QUALITY)
        browser.close()


def _at_work(page: Page, url: str) -> None:
    """Log in, and wait for an item and the first picture of its clip."""
    page.goto(url)
    page.locator("dialog.login").wait_for()
    for words in (NAME, PASSWORD):
        page.keyboard.type(words)
        page.keyboard.press("Tab" if words == NAME else "Enter")
    page.locator(".card").first.wait_for()
    page.wait_for_function("() => document.querySelector('.screen video').readyState >= 2")


if __name__ == "__main__":
    main(sys.argv[1])
