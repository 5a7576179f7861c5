"""Modules of the page on their own, in a browser: commands and their inverses, the word diff, the lane, the words."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from curate.review.wire import ERROR_KINDS, FACETS
from tests.review.pages.server import Served

pytestmark = pytest.mark.integration

CHANCE = """let seed = 7; const chance = (n) => (seed = (seed * 48271) % 2147483647) % n;"""


@pytest.fixture
def page(browser: Browser, queue: Served) -> Iterator[Page]:
    one = browser.new_page()
    one.goto(queue.url)
    yield one
    one.close()


def test_undo_is_the_inverse_of_any_work_and_redo_of_undo(page: Page) -> None:
    assert (
        page.evaluate(f"""async () => {{
      {CHANCE}
      const {{ createStore }} = await import("/pages/store.js");
      const c = await import("/pages/commands.js");
      const claim = (i) => ({{ claim_id: `c${{i}}`, status: "unseen", text: `t${{i}}` }});
      const draft = {{ claims: [0, 1, 2, 3].map(claim), facets: {{}}, notes: [], answers: [], accepted_rest: false }};
      const store = createStore(draft);
      const seen = [store.state.draft];
      for (let i = 0; i < 300; i++) {{
        const {{ claims, notes, facets, answers, accepted_rest: rest }} = store.state.draft;
        const one = claims[chance(claims.length)], at = chance(notes.length + 1), note = {{ at_us: i, text: "" }};
        const answer = answers[0];
        const commands = [
          () => c.claimCommand(one, {{ ...one, text: String(i) }}),
          () => c.addCommand(claim(`+${{i}}`), chance(claims.length + 1)),
          () => (claims.length > 2 ? c.removeCommand(one, claims.indexOf(one)) : c.restCommand(rest, !rest)),
          () => c.facetCommand("shot", facets.shot, facets.shot ? undefined : "covered"),
          () => c.noteCommand(at, null, note),
          () => (notes.length ? c.noteCommand(0, notes[0], null) : c.noteCommand(0, null, note)),
          () => c.answerCommand("q", answer, answer ? null : {{ question_id: "q", answer: String(i) }}),
          () => c.manyCommand(claims.map((each) => c.claimCommand(each, {{ ...each, status: String(i) }}))),
        ];
        store.run(commands[chance(commands.length)]());
        seen.push(store.state.draft);
      }}
      const wrong = [];
      const check = (i) => JSON.stringify(store.state.draft) === JSON.stringify(seen[i]) || wrong.push(i);
      for (let i = seen.length - 2; i >= 0; i--) (store.undo(), check(i));
      if (store.undo()) wrong.push("more than there was");
      for (let i = 1; i < seen.length; i++) (store.redo(), check(i));
      return wrong;
    }}""")
        == []
    )


def test_typing_is_one_step_of_undo(page: Page) -> None:
    assert (
        page.evaluate("""async () => {
      const { createStore } = await import("/pages/store.js");
      const { claimCommand } = await import("/pages/commands.js");
      const store = createStore({ claims: [{ claim_id: "c", text: "" }], facets: {}, notes: [], answers: [] });
      const type = (text) => store.run(claimCommand(store.claim("c"), { claim_id: "c", text }, "text:c"));
      ["a", "ab", "abc"].forEach(type);
      store.undo();
      return store.claim("c").text;
    }""")
        == ""
    )


def test_the_word_diff_tells_both_texts(page: Page) -> None:
    assert (
        page.evaluate(f"""async () => {{
      {CHANCE}
      const {{ wordDiff }} = await import("/pages/diff.js");
      const text = () => Array.from({{ length: chance(12) }}, () => "abcd"[chance(4)]).join(" ");
      const told = (runs, out) => runs.filter(({{ kind }}) => kind !== out).map(({{ text }}) => text).join(" ");
      const wrong = [];
      for (let i = 0; i < 500; i++) {{
        const [before, after] = [text(), text()], runs = wordDiff(before, after);
        if (told(runs, "in") !== before || told(runs, "out") !== after) wrong.push([before, after]);
      }}
      return wrong;
    }}""")
        == []
    )


def test_the_word_diff_keeps_all_that_can_be_kept(page: Page) -> None:
    assert page.evaluate("""async () => {
      const { wordDiff } = await import("/pages/diff.js");
      return wordDiff("She picks up three red oranges", "She picks four red oranges up");
    }""") == [
        {"kind": "same", "text": "She picks"},
        {"kind": "out", "text": "up three"},
        {"kind": "in", "text": "four"},
        {"kind": "same", "text": "red oranges"},
        {"kind": "in", "text": "up"},
    ]


def test_spans_that_overlap_lie_in_rows_of_their_own(page: Page) -> None:
    rows = page.evaluate("""async () => {
      const { laneRows } = await import("/pages/rows.js");
      const claim = (claim_id, facet, start_us, end_us) => ({ claim_id, facet, start_us, end_us });
      const speech = [claim("a", "speech", 0, 5), claim("b", "speech", 4, 8), claim("c", "speech", 5, 9)];
      const claims = [...speech, claim("d", "camera", 0, 9), claim("e", "text", 0, 1)];
      return laneRows(claims, claims[3]).map((row) => [row.facet, row.claims.map((each) => each.claim_id).join("")]);
    }""")
    assert rows == [["speech", "ac"], ["speech", "b"], ["text", "e"], ["camera", "d"]]


def test_the_page_has_a_word_for_each_facet_and_a_letter_for_each_kind_of_error(page: Page) -> None:
    words = page.evaluate(
        "async () => { const w = await import('/pages/words.js'); return [w.FACETS, w.ERROR_KINDS]; }"
    )
    facets, kinds = words
    assert tuple(facets) == FACETS
    assert tuple(kinds) == ERROR_KINDS
    letters = [letter for letter, _ in kinds.values()]
    assert len(set(letters)) == len(letters)


def test_a_clip_is_called_by_its_media_and_its_span(page: Page) -> None:
    names = page.evaluate(
        "async (ids) => { const { clipName } = await import('/pages/words.js'); return ids.map(clipName); }",
        [f"{'0123456789abcdef' * 4}/000001500000-000006166666", "of-another-shape"],
    )
    assert names == ["0123456789ab 1.50–6.17 s", "of-another-shape"]


def test_no_key_has_two_meanings(page: Page) -> None:
    keys = page.evaluate("async () => (await import('/pages/bindings.js')).BINDINGS.flatMap((binding) => binding.keys)")
    assert len(set(keys)) == len(keys)
