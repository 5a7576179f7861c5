/** Notes made while the clip plays: one key drops a stub with its time, words come later. */

import { keyOf } from "./bindings.js";
import { noteCommand } from "./commands.js";
import { fill, h, icon, key, spoken } from "./dom.js";
import { seconds } from "./words.js";

/** @param on `seek(us)`, `statement(note)`: a note becomes a statement */
export function createNotes({ store, clock, on }) {
  const list = h("ol", { class: "notes", role: "list" });
  const element = h("section", { class: "group" },
    h("h2", { class: "group-title" }, "Notes"),
    h("p", { class: "quiet" }, key(keyOf("note")), " drops one at the playhead while the clip plays; give it words later, and make it a statement."), list);
  let shown = "";

  function drop() {
    const at_us = clock.footage.start_us + (clock.footage.still ? 0 : clock.at_us);
    store.run(noteCommand(store.state.draft.notes.length, null, { at_us, text: "" }));
  }

  const write = (at, text) => store.run(noteCommand(at, store.state.draft.notes[at], { ...store.state.draft.notes[at], text }, `note:${at}`));

  function line(note, at) {
    const field = h("input", { type: "text", "aria-label": `Note at ${seconds(note.at_us - clock.footage.start_us)}`, maxlength: "4000", placeholder: "what was it?", oninput: () => write(at, field.value) });
    field.value = note.text;
    return h("li", { class: "note" },
      h("button", { type: "button", class: "span", title: "Go there", onclick: () => on.seek(note.at_us) }, seconds(note.at_us - clock.footage.start_us)), field,
      h("button", { type: "button", class: "plain", onclick: () => on.statement(store.state.draft.notes[at]) }, "Make it a statement"),
      h("button", { type: "button", class: "tool small", onclick: () => store.run(noteCommand(at, store.state.draft.notes[at], null)) }, icon("close"), spoken("Take the note out")));
  }

  function show({ draft }) {
    const next = JSON.stringify(draft.notes.map((note) => note.at_us));
    const typed = list.contains(document.activeElement) && document.activeElement.tagName === "INPUT";
    if (next === shown && typed) return;
    shown = next;
    fill(list, draft.notes.map(line));
  }

  return { element, drop, show };
}
