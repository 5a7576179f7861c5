/** Dialogs: native ones, so that focus stays inside and Escape closes them. */

import { BINDINGS, GROUPS, printed } from "./bindings.js";
import { h, key } from "./dom.js";

/**
 * Ask, and wait for the answer.
 * @param buttons `[value, label, class]`, the first is the one that Enter takes
 * @param stays it comes by itself: keys of somebody who types do not answer it, Escape neither
 * @returns the value, or null where the dialog was left; with a field: `{value, text}`
 */
export function ask({ title, body = [], buttons, field = null, stays = false }) {
  const line = field && h("input", { type: "text", required: true, pattern: ".*\\S.*", maxlength: "400", autocomplete: "off" });
  const row = buttons.map(([value, label, kind]) => h("button", { value, class: kind ?? "plain", formnovalidate: value === "cancel" }, label));
  const dialog = h("dialog", { "aria-labelledby": "dialog-title", tabindex: stays && "-1" },
    h("form", { method: "dialog" }, h("h2", { id: "dialog-title" }, title), body,
      line && h("label", { class: "field" }, field.label, line), h("div", { class: "dialog-buttons" }, row)));
  document.body.append(dialog);
  dialog.showModal();
  dialog.scrollTop = 0; // it is read from its title on, wherever its first button is
  if (stays) {
    dialog.focus();
    dialog.addEventListener("cancel", (event) => event.preventDefault());
  }
  return new Promise((resolve) => dialog.addEventListener("close", () => {
    dialog.remove();
    const value = dialog.returnValue === "" || dialog.returnValue === "cancel" ? null : dialog.returnValue;
    resolve(value && field ? { value, text: line.value.trim() } : value);
  }));
}

const keyLine = ({ keys, words }) =>
  h("div", { class: "key-line" }, h("dt", {}, keys.length > 4 ? [key(keys[0]), "…", key(keys.at(-1))] : keys.map((name) => key(printed(name)))), h("dd", {}, words));

/** The keys, and the switch for single letters (WCAG 2.1.4). */
export async function showKeys(keys) {
  const single = h("input", { type: "checkbox", onchange: switched });
  single.checked = keys.single;
  const groups = GROUPS.map((group) => h("section", {}, h("h3", {}, group), h("dl", {}, BINDINGS.filter((binding) => binding.group === group).map(keyLine))));
  const body = [
    h("div", { class: "key-groups" }, groups),
    h("p", { class: "quiet" }, "In a text field, keys of the clip and [ ] work with Alt. On the lane, arrows move an edge by a frame, with ⇧ by 100 ms, PgUp and PgDn by 1 s."),
    h("label", { class: "check" }, single, "Single letters are commands (off: only with Alt)"),
  ];
  await ask({ title: "Keys", body, buttons: [["close", "Close", "primary"]] });

  function switched() {
    keys.single = single.checked;
    localStorage.setItem("single-keys", single.checked ? "on" : "off");
  }
}


/** Say something that needs no answer. */
export function say(text, act = null) {
  const toast = h("div", { class: "toast" }, h("span", {}, text), act && h("button", { type: "button", class: "plain", onclick: () => (toast.remove(), act.run()) }, act.label));
  document.getElementById("toasts").append(toast);
  setTimeout(() => toast.remove(), act ? 9000 : 5000);
}
