"""A whole item is done by keyboard alone; keys do nothing but letters while somebody types."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from curate.review import store
from curate.review.tables import ITEMS
from curate.review.wire import Decided, Footage
from tests.review.pages.items import claims
from tests.review.pages.people import PATIENCE_MS, at_work, frame, paused, person, saved, statuses, watched
from tests.review.pages.server import Served

pytestmark = pytest.mark.integration


def facets_said(page: Page) -> None:
    """Go to the facets that are open, and say of each that there is nothing of it."""
    while page.locator(".chip.is-open").count():
        page.keyboard.press("f")
        page.keyboard.press("Enter")
        if page.locator(".chip:focus.is-covered").count():
            page.keyboard.press("Enter")


def one_submitted(page: Page) -> None:
    """Find all of an item right, and go on to the next."""
    at_work(page)
    watched(page)
    for _ in range(4):
        page.keyboard.press("r")
    facets_said(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("Submitted", timeout=PATIENCE_MS)
    at_work(page)


def decided(queue: Served) -> list[Decided]:
    """What goes back into the lake; it cannot be undone any more."""
    return list(store.decided(queue.engine))


def settled(queue: Served) -> int:
    """How many items nobody works on any more."""
    with queue.engine.connect() as connection:
        return len(connection.execute(select(ITEMS.c.item_id).where(ITEMS.c.state == "settled")).all())


def test_an_item_is_done_by_keyboard_alone(browser: Browser, queue: Served, footage: Footage) -> None:
    with person(browser, queue.url, "ann") as page:
        at_work(page)
        watched(page)
        page.keyboard.press("r")
        page.keyboard.press("w")
        page.keyboard.press("o")
        page.keyboard.press("e")
        page.keyboard.press("End")
        page.keyboard.type(" It is loud.")
        page.keyboard.press("Enter")
        page.keyboard.press("w")
        page.keyboard.press("w")
        page.keyboard.press("y")
        page.keyboard.type("It says numbers.")
        page.keyboard.press("Escape")
        paused(page)
        page.keyboard.press("a")
        page.keyboard.type("A hum goes on.")
        page.keyboard.press("Escape")
        assert statuses(page) == ["right", "wrong: order", "edited", "wrong: word", "added"]
        facets_said(page)
        page.keyboard.press("Control+Enter")
        expect(page.locator(".toast")).to_contain_text("Submitted", timeout=PATIENCE_MS)
        at_work(page)
        assert set(statuses(page)) == {"unseen"}  # the next item, without a page load
    (one,) = decided(queue)
    said = claims(footage)
    assert one.content.caption_id == "caption-first"
    assert [claim.status for claim in one.claims] == ["right", "wrong", "edited", "wrong", "added"]
    assert [claim.error_kind for claim in one.claims] == [None, "order", None, "word", None]
    assert one.claims[2].text == f"{said[2].text} It is loud."
    assert one.claims[3].critique == "It says numbers."
    assert one.claims[4].text == "A hum goes on."
    assert one.active_ms > 0


def test_keys_make_letters_in_a_text_field(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann") as page:
        at_work(page)
        paused(page)
        page.keyboard.press("e")
        field = page.locator(".card textarea")
        expect(field).to_be_focused()
        page.keyboard.press("Control+a")
        page.keyboard.type("rwejka u?bfgqnmpy[]<>+-,.123 zxcvRWA")
        expect(field).to_have_value("rwejka u?bfgqnmpy[]<>+-,.123 zxcvRWA")
        assert page.locator("dialog[open]").count() == 0
        before = frame(page)
        page.keyboard.press("Alt+.")
        assert frame(page) == before + 1
        expect(field).to_be_focused()
        expect(field).to_have_value("rwejka u?bfgqnmpy[]<>+-,.123 zxcvRWA")
        page.keyboard.press("Escape")
        assert statuses(page) == ["edited", "unseen", "unseen", "unseen"]
        page.keyboard.press("?")
        expect(page.locator("dialog[open]")).to_contain_text("Keys")
        page.keyboard.press("r")
        page.keyboard.press("Escape")
        assert statuses(page) == ["edited", "unseen", "unseen", "unseen"]


def test_single_letters_can_be_switched_off(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann") as page:
        at_work(page)
        page.keyboard.press("?")
        page.locator("dialog[open] input[type=checkbox]").focus()
        page.keyboard.press("Space")
        page.keyboard.press("Escape")
        page.keyboard.press("r")
        assert set(statuses(page)) == {"unseen"}
        page.keyboard.press("Alt+r")
        assert statuses(page)[0] == "right"


def test_on_a_small_screen_the_keys_begin_with_their_title(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann") as page:
        page.set_viewport_size({"width": 390, "height": 844})
        at_work(page)
        page.keyboard.press("?")
        expect(page.locator("dialog[open] h2")).to_be_in_viewport()


def test_edges_move_by_keys(browser: Browser, queue: Served, footage: Footage) -> None:
    tick = footage.rate_den / footage.rate_num
    event = claims(footage)[2]
    start, end = event.start_us / 1e6, event.end_us / 1e6
    with person(browser, queue.url, "ann") as page:
        at_work(page)
        page.keyboard.press("j")
        page.keyboard.press("j")
        for key in ("x", "x", "v", "Shift+V"):
            page.keyboard.press(key)
        edges = page.locator(".region.selected [role=slider]")
        assert at_s(edges) == near(start + 2 * tick, end + tick + 0.1)
        edges.first.focus()
        page.keyboard.press("ArrowLeft")
        expect(edges.first).to_be_focused()
        assert at_s(edges) == near(start + tick, end + tick + 0.1)
        assert frame(page) == round((start + tick) / tick)
        for _ in range(3):
            page.keyboard.press(".")
        at = frame(page)
        page.keyboard.press("[")
        page.keyboard.press("]")
        assert at_s(edges) == near(at * tick, (at + 1) * tick)
        expect(edges.first).to_have_attribute("aria-valuetext", f"{at * tick:.2f} s")
        assert statuses(page)[2] == "edited"
        for _ in range(8):
            page.keyboard.press("u")
        assert at_s(edges) == near(start, end)
        assert statuses(page)[2] == "unseen"


def at_s(edges: Locator) -> list[float]:
    """Where both edges are, as they say it."""
    return [float(edge.get_attribute("aria-valuenow") or "nan") for edge in edges.all()]


def near(*seconds: float) -> object:
    return pytest.approx(seconds, abs=2e-6)


def test_an_edge_is_dragged(browser: Browser, queue: Served, footage: Footage) -> None:
    with person(browser, queue.url, "ann") as page:
        at_work(page)
        page.keyboard.press("j")
        page.keyboard.press("j")
        paused(page)
        handle, lane = page.locator(".region.selected .edge.end").bounding_box(), page.locator(".ruler").bounding_box()
        assert handle is not None
        assert lane is not None
        page.mouse.move(handle["x"] + 10, handle["y"] + 10)
        page.mouse.down()
        page.mouse.move(lane["x"] + lane["width"] * 0.7, handle["y"] + 10, steps=5)
        page.mouse.up()
        valued = page.locator(".region.selected .edge.end").get_attribute("aria-valuenow")
        assert valued is not None
        assert abs(float(valued) - 0.7 * footage.end_us / 1e6) < 0.03
        page.keyboard.press("u")
        assert set(statuses(page)) == {"unseen"}  # a drag is one step


def test_undo_goes_back_across_a_submit(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann") as page:
        one_submitted(page)
        assert settled(queue) == 1
        page.keyboard.press("u")
        expect(page.locator(".toasts")).to_contain_text("taken back", timeout=PATIENCE_MS)
        assert settled(queue) == 0
        assert set(statuses(page)) == {"right"}
        while "unseen" not in statuses(page):
            page.keyboard.press("u")
        assert statuses(page) == ["right", "right", "right", "unseen"]
        page.keyboard.press("Shift+U")
        assert set(statuses(page)) == {"right"}
        saved(page)


def test_a_submit_that_stands_leaves_the_next_item_as_it_is(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann") as page:
        one_submitted(page)
        assert len(decided(queue)) == 1
        page.keyboard.press("u")
        expect(page.locator(".toasts")).to_contain_text("The last submit stands", timeout=PATIENCE_MS)
        expect(page.locator("dialog")).to_have_count(0)
        page.keyboard.press("r")
        assert "right" in statuses(page)
        saved(page)
        page.keyboard.press("u")
        page.keyboard.press("u")
        expect(page.locator(".toasts")).to_contain_text("Nothing is left to undo", timeout=PATIENCE_MS)


def test_an_item_is_not_opened_behind_another_view(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "rita") as page:
        one_submitted(page)
        page.goto(f"{queue.url}/#/items")
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".toasts")).to_contain_text("taken back", timeout=PATIENCE_MS)
        assert page.locator(".sheet h1").inner_text() == "Items"
        page.keyboard.press("u")
        page.goto(f"{queue.url}/#/work")
        at_work(page)
        assert set(statuses(page)) == {"right"}


def test_a_submit_asks_for_what_is_missing(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann") as page:
        at_work(page)
        page.keyboard.press("r")
        page.keyboard.press("Control+Enter")
        lacks = page.locator(".lacks")
        expect(lacks).to_contain_text("3 statements not judged yet")
        expect(lacks).to_contain_text("not said whether covered")
        expect(lacks).to_contain_text("end to end once")
        page.keyboard.press("Enter")  # the first is in focus: show it
        expect(page.locator(".card.selected")).to_contain_text("The squares turn white")


def test_what_is_left_is_accepted_together_and_said_so(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann") as page:
        at_work(page)
        watched(page)
        page.keyboard.press("r")
        page.keyboard.press("Shift+A")
        expect(page.locator("dialog[open]")).to_contain_text("Accept 3 statements without judging?")
        page.keyboard.press("Enter")
        expect(page.locator(".card.is-right")).to_have_count(4)
        facets_said(page)
        page.keyboard.press("Control+Enter")
        expect(page.locator(".toast")).to_contain_text("Submitted", timeout=PATIENCE_MS)
    (one,) = decided(queue)
    assert one.accepted_rest


def test_a_failed_question_marks_the_statements_of_its_span(browser: Browser, queue: Served, footage: Footage) -> None:
    with person(browser, queue.url, "ann") as page:
        at_work(page)
        page.keyboard.press("q")
        marked = page.locator(".card.marked")
        expect(marked).to_have_count(2)  # not the one about the whole clip
        expect(marked.last).to_contain_text("question 1")
        page.keyboard.press("Space")
        asked = claims(footage)[2]
        tick_us = 1e6 * footage.rate_den / footage.rate_num
        assert asked.start_us / tick_us - 6 <= frame(page) <= asked.end_us / tick_us + 6


RUSSIAN = {"KeyR": "к", "KeyW": "ц", "KeyO": "щ", "Period": "ю"}
"""What keys write on a layout without Latin letters, by their place."""


def test_keys_are_found_by_their_place_where_the_layout_has_no_latin_letters(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann") as page:
        at_work(page)
        keyboard = page.context.new_cdp_session(page)

        def press(code: str) -> None:
            keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", "code": code, "key": RUSSIAN[code]})
            keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", "code": code, "key": RUSSIAN[code]})

        press("KeyR")
        press("KeyW")
        press("KeyO")
        assert statuses(page) == ["right", "wrong: order", "unseen", "unseen"]
        paused(page)
        before = frame(page)
        press("Period")
        assert frame(page) == before + 1


def test_a_list_is_left_by_enter_and_by_escape(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann") as page:
        at_work(page)
        for key in ("Enter", "Escape"):
            page.keyboard.press("a")
            page.keyboard.type("A hum goes on.")
            page.keyboard.press("Tab")
            page.keyboard.type("mus")
            page.keyboard.press(key)
            expect(page.locator(".card.selected .facet")).to_have_text("Music")
            expect(page.locator(".card.selected")).to_be_focused()
        page.keyboard.press("Backspace")
        assert statuses(page) == ["unseen"] * 4 + ["added"]


def test_who_picks_a_speed_with_the_mouse_has_the_keys_back(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann") as page:
        at_work(page)
        page.locator(".speed").click()
        page.locator(".speed").select_option("0.5")
        page.keyboard.press("r")
        assert statuses(page)[0] == "right"
        page.locator(".speed").focus()
        page.keyboard.press("ArrowDown")
        expect(page.locator(".speed")).to_be_focused()
        page.keyboard.press("Escape")
        page.keyboard.press("r")
        assert statuses(page)[1] == "right"


def test_words_run_in_the_direction_of_their_script(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann") as page:
        at_work(page)
        page.keyboard.press("a")
        page.keyboard.insert_text("يد (مرتين)!")
        expect(page.locator(".card textarea")).to_have_css("unicode-bidi", "plaintext")
        page.keyboard.press("Escape")
        words = page.locator(".card.selected .words").evaluate(
            """(words) => {
              const text = document.createRange(), mark = document.createRange(), node = words.firstChild;
              for (const [range, at] of [[text, 0], [mark, node.length - 1]]) {
                range.setStart(node, at);
                range.setEnd(node, at + 1);
              }
              return [text, mark].map((range) => range.getBoundingClientRect().left);
            }"""
        )
        assert words[1] < words[0]  # the mark at the end stands on the left


def test_what_is_added_beside_a_picture_is_no_sound(browser: Browser, queue: Served) -> None:
    with person(browser, queue.url, "ann") as page:
        at_work(page)
        page.keyboard.press("a")
        page.keyboard.type("They stop.")
        page.keyboard.press("Escape")
        expect(page.locator(".card.selected .facet")).to_have_text("Action")
        page.keyboard.press("k")
        expect(page.locator(".card.selected .facet")).to_have_text("Speech")
        page.keyboard.press("a")
        page.keyboard.type("A voice counts.")
        page.keyboard.press("Escape")
        expect(page.locator(".card.selected .facet")).to_have_text("Speech")
