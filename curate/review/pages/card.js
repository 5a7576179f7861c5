/** A statement on the page: what it says, what was made of it, and what can be done. */

import { keyOf } from "./bindings.js";
import { wordDiff } from "./diff.js";
import { fill, h, icon, key, spoken } from "./dom.js";
import { ERROR_KINDS, FACETS, facetName, span, STATUS } from "./words.js";

const MARKS = { out: ["del", "taken out: "], in: ["ins", "put in: "] };

/** Two texts as one, with what was taken out and put in. */
export function difference(before, after) {
  const runs = wordDiff(before, after).map(({ kind, text }) => {
    const [tag, word] = MARKS[kind] ?? [];
    return tag ? h(tag, {}, spoken(word), text) : text;
  });
  return runs.flatMap((run, i) => (i === 0 ? [run] : [" ", run]));
}

/** What a statement became, with an icon and a word: never by colour alone. */
export function badge(claim) {
  const kind = claim.status === "wrong" && claim.error_kind ? `: ${ERROR_KINDS[claim.error_kind][1]}` : "";
  return h("span", { class: `badge is-${claim.status}` }, icon(claim.status), `${STATUS[claim.status]}${kind}`);
}

/**
 * @param desk `lang` of the text, `judge`, `clock`, `machine` (statements by id), `select(id, focus)`, `play(claim)`, `finish(id)`: the text is
 *   done, `marked(id)`: the number of the failed question that it touches, `extra(claim, selected)`: more to show below it
 * @returns `element` and `update(claim, state)`
 */
export function createCard(desk, id) {
  const top = h("div", { class: "card-top" });
  const body = h("div", { class: "card-body" });
  const form = h("div", { class: "card-form", onkeydown: entering });
  const more = h("div", { class: "card-more" });
  const tools = h("div", { class: "card-tools" });
  const element = h("li", { class: "card", tabindex: "-1", "data-id": id, onclick: () => picked() }, top, body, form, more, tools);
  let field = null;
  let claim = null;

  function picked() {
    if (!getSelection().toString()) desk.select(id, false);
  }

  function headed() {
    const shown = desk.machine.get(id);
    const { start_us } = desk.clock.footage;
    const still = desk.clock.footage.still;
    fill(top,
      badge(claim),
      h("span", { class: "facet" }, facetName(claim.facet)),
      !still && h("button", { type: "button", class: "span", title: "Play this span", onclick: () => desk.play(claim) }, span(claim.start_us - start_us, claim.end_us - start_us)),
      shown && h("span", { class: "origin" }, shown.origin),
      shown?.uncertain && h("span", { class: "unsure" }, "not sure"),
      desk.marked(id) ? h("span", { class: "asked" }, `question ${desk.marked(id)}`) : null);
  }

  function words() {
    const before = desk.machine.get(id)?.text;
    if (claim.status === "wrong") return h("p", { class: "words", lang: desk.lang }, h("s", {}, spoken("struck out: "), claim.text));
    if (claim.status === "edited" && before !== undefined && before !== claim.text) return h("p", { class: "words", lang: desk.lang }, difference(before, claim.text));
    return h("p", { class: "words", lang: desk.lang }, claim.text || h("em", { class: "quiet" }, "no words yet"));
  }

  function moved() {
    const shown = desk.machine.get(id);
    if (claim.status !== "edited" || !shown) return null;
    const { start_us } = desk.clock.footage;
    const spans = shown.start_us !== claim.start_us || shown.end_us !== claim.end_us;
    return [
      spans && h("p", { class: "quiet" }, `The machine said ${span(shown.start_us - start_us, shown.end_us - start_us)}.`),
      shown.facet !== claim.facet && h("p", { class: "quiet" }, `The machine said ${facetName(shown.facet)}.`),
    ];
  }

  function textField() {
    const area = h("textarea", { rows: "2", lang: desk.lang, "aria-label": `Text of this statement (${facetName(claim.facet)})`, maxlength: "4000", spellcheck: "true",
      oninput: () => (grown(area), desk.judge.write(desk.judge.find(id), area.value)) });
    area.value = claim.text;
    const facet = h("select", { "aria-label": "Facet", onchange: () => desk.judge.facet(desk.judge.find(id), facet.value) },
      Object.keys(FACETS).map((name) => h("option", { value: name }, facetName(name))));
    facet.value = claim.facet;
    const kind = desk.machine.has(id) && h("select", { "aria-label": "What was wrong", onchange: () => desk.judge.kind(desk.judge.find(id), kind.value || null) },
      h("option", { value: "" }, "what was wrong?"), Object.entries(ERROR_KINDS).map(([name, [, word]]) => h("option", { value: name }, word)));
    if (kind) kind.value = claim.error_kind ?? "";
    const hint = h("span", { class: "quiet hint" }, key("Enter"), " done  ", key("Esc"), " leave  ", key("Tab"), " facet  ", key("Alt ["), key("Alt ]"), " edges");
    fill(form, area, h("div", { class: "form-row" }, facet, kind, hint));
    entered(area);
  }

  function critiqueField() {
    const area = h("textarea", { rows: "2", "aria-label": "Why it is wrong", maxlength: "4000", placeholder: "Why is it wrong? What should it say?",
      oninput: () => (grown(area), desk.judge.critique(desk.judge.find(id), area.value)) });
    area.value = claim.critique ?? "";
    fill(form, area);
    entered(area);
  }

  function entering(event) {
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    event.preventDefault();
    desk.finish(id);
  }

  /** At once: the next key that is pressed is a letter of this field already. */
  function entered(area) {
    grown(area);
    area.focus({ preventScroll: true });
    area.setSelectionRange(area.value.length, area.value.length);
  }

  function grown(area) {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  }

  function kinds() {
    const buttons = Object.entries(ERROR_KINDS).map(([kind, [letter, word]]) =>
      h("button", { type: "button", class: "choice", onclick: (event) => (event.stopPropagation(), desk.judge.wrong(kind)) }, key(letter.toUpperCase()), word));
    return h("div", { class: "kinds", role: "group", "aria-label": "What kind of error is it?" },
      h("p", { class: "quiet" }, "What kind of error? One letter; Esc takes it back."), h("div", { class: "choices" }, buttons));
  }

  function acts(state) {
    const act = (name, label, does, run) =>
      h("button", { type: "button", class: `act act-${name}`, onclick: (event) => (event.stopPropagation(), run()) }, icon(name), label, key(keyOf(does)));
    const added = claim.status === "added";
    return [
      !added && act("right", claim.status === "offered" ? "Take" : "Right", "right", desk.judge.right),
      desk.machine.has(id) && act("wrong", "Wrong", "wrong", desk.judge.ask),
      act("edited", "Edit", "edit", () => desk.judge.edit()),
      claim.status === "wrong" && act("ask", "Why", "critique", () => desk.judge.edit("critique")),
      claim.status !== "unseen" && claim.status !== "offered" && act(added ? "close" : "undo", added ? "Take out" : "Unmark", "clear", desk.judge.clear),
    ];
  }

  function update(next, state) {
    const selected = state.selected === id;
    const open = state.editing?.id === id ? state.editing.field : null;
    claim = next;
    element.className = `card is-${claim.status}${selected ? " selected" : ""}${desk.marked(id) ? " marked" : ""}`;
    element.setAttribute("aria-current", selected ? "true" : "false");
    headed();
    fill(body, open === "text" && claim.status === "added" ? null : words(), claim.critique && open !== "critique" && h("p", { class: "critique" }, icon("ask"), h("span", {}, claim.critique)), moved());
    if (open !== field) ({ text: textField, critique: critiqueField, null: () => fill(form) })[String(open)]();
    field = open;
    fill(more, state.asking === id && kinds(), desk.extra?.(claim, selected));
    fill(tools, selected && open === null && state.asking !== id && acts(state));
  }

  return { element, update };
}
