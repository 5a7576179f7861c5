/** Questions of the check that the caption failed: what was measured, what the text says. */

import { keyOf } from "./bindings.js";
import { h, key } from "./dom.js";
import { span } from "./words.js";

/**
 * Whether a statement may be what a question failed on: it is about part of its span; one about the whole clip only where
 * it has the words of the answer.
 */
export function touches(claim, question, { start_us, end_us }) {
  const whole = claim.start_us <= start_us && claim.end_us >= end_us;
  const said = question.answer !== null && claim.text.toLowerCase().includes(question.answer.toLowerCase());
  return claim.start_us < question.end_us && question.start_us < claim.end_us && (!whole || said);
}

/** @param on `question(index)`: it was picked */
export function createFailed(content, on) {
  const { failed, footage } = content;
  const items = failed.map((question, i) =>
    h("li", {}, h("button", { type: "button", class: "question", "aria-pressed": "false", onclick: () => on.question(i) },
      h("span", { class: "question-text" }, h("span", { class: "number" }, String(i + 1)), question.question),
      h("span", { class: "answers" },
        h("span", {}, h("b", {}, "Measured "), question.truth), h("span", {}, h("b", {}, "The caption says "), question.answer ?? "nothing of it"),
        !footage.still && h("span", { class: "quiet" }, span(question.start_us - footage.start_us, question.end_us - footage.start_us))))));
  const element = h("section", { class: "failed", hidden: failed.length === 0, "aria-label": "Failed questions" },
    h("h2", {}, "What the check found ", key(keyOf("question"))), h("ol", { role: "list" }, items));
  return {
    element,
    show: (picked) => items.forEach((item, i) => item.firstChild.setAttribute("aria-pressed", String(i === picked))),
  };
}
