/** A blind reading: the text and questions about it; no clip, no statements. */

import { answerCommand } from "./commands.js";
import { h, key } from "./dom.js";
import { TASKS } from "./phases.js";
import { count } from "./words.js";

/** The same shape as a desk. */
export function createReading({ item, store }) {
  const { content } = item;
  const [title, task] = TASKS.blind;
  const progress = h("p", { class: "progress-words", role: "status" });
  const bar = h("progress", { "aria-label": "Questions answered", max: content.questions.length });
  const parts = content.questions.map(part);
  const element = h("div", { class: "desk phase-blind" },
    h("article", { class: "left text", lang: content.language }, h("h2", {}, "The text"), content.dense.split(/\n+/).map((line) => h("p", {}, line))),
    h("div", { class: "right" }, h("header", { class: "task" }, h("div", { class: "task-line" }, h("h1", {}, title), progress), h("p", { class: "quiet" }, task), bar),
      h("ol", { class: "cards", role: "list" }, parts.map((one) => one.element))));
  let current = 0;

  function part(question, number) {
    const given = () => store.state.draft.answers.find((answer) => answer.question_id === question.question_id);
    const give = (answer, burst) => store.run(answerCommand(question.question_id, given(), answer === undefined ? null : { question_id: question.question_id, answer }, burst));
    const choose = (answer) => (give(answer), go(number + 1));
    const choices = question.options.map((option, i) => choice(option, i + 1, () => choose(option)));
    const none = choice("cannot tell", question.options.length ? question.options.length + 1 : 0, () => choose(null));
    const field = question.options.length === 0 && h("input", { type: "text", "aria-label": `Answer to question ${number + 1}`, maxlength: "4000", autocomplete: "off",
      oninput: () => give(field.value.trim() === "" ? undefined : field.value, `answer:${number}`), onkeydown: (event) => event.key === "Enter" && !event.ctrlKey && !event.isComposing && (event.preventDefault(), go(number + 1)) });
    const element = h("li", { class: "card asked-card", tabindex: "-1", onfocusin: () => mark(number) },
      h("fieldset", {}, h("legend", {}, h("span", { class: "number" }, String(number + 1)), question.text), field, h("div", { class: "choices" }, choices, none)));
    const show = () => {
      const answer = given();
      [...choices, none].forEach((button, i) => pressed(button, answer && (i < choices.length ? answer.answer === question.options[i] : answer.answer === null)));
      if (field && document.activeElement !== field) field.value = answer?.answer ?? "";
    };
    return { element, show, pick: (n) => (n <= choices.length + 1 && question.options.length ? choose(question.options[n - 1] ?? null) : null), focus: () => (field || element).focus() };
  }

  function choice(word, number, act) {
    return h("button", { type: "button", class: "choice", "aria-pressed": "false", onclick: act }, number > 0 && key(String(number)), word);
  }

  const pressed = (button, on) => button.setAttribute("aria-pressed", String(Boolean(on)));

  function mark(number) {
    current = number;
    parts.forEach((one, i) => one.element.classList.toggle("selected", i === number));
  }

  function go(number) {
    if (number < 0 || number >= parts.length) return;
    mark(number);
    parts[number].focus();
    parts[number].element.scrollIntoView({ block: "nearest" });
  }

  function shown({ draft }) {
    parts.forEach((one) => one.show());
    bar.value = draft.answers.length;
    progress.textContent = `${draft.answers.length} of ${count(content.questions.length, "question")} answered`;
  }

  const stop = store.subscribe(shown);
  shown(store.state);
  return {
    element,
    judge: { leave: () => {}, rest: () => {} },
    begin: () => go(Math.max(content.questions.findIndex((q) => !store.state.draft.answers.some((a) => a.question_id === q.question_id)), 0)),
    show: (lack) => go(content.questions.findIndex((question) => question.question_id === lack.question)),
    acts: { next: () => go(current + 1), previous: () => go(current - 1), pick: (event) => parts[current].pick(Number(event.key)), leave: () => document.activeElement.closest?.(".card")?.focus() },
    close: stop,
  };
}
