/** Who are you? In a dialog, so that work which is open stays as it is. */

import { Offline, Refused } from "../api.js";
import { h } from "../dom.js";

/** Ask for a name and a password until the server takes them. */
export function login(api) {
  const name = h("input", { type: "text", name: "name", required: true, autocomplete: "username", autocapitalize: "none", spellcheck: "false" });
  const password = h("input", { type: "password", name: "password", required: true, autocomplete: "current-password" });
  const wrong = h("p", { class: "error", role: "alert" });
  const dialog = h("dialog", { class: "login", "aria-labelledby": "login-title" },
    h("form", {}, h("p", { class: "brand" }, "Retold"), h("h1", { id: "login-title" }, "Log in to review"),
      h("label", { class: "field" }, "Name", name), h("label", { class: "field" }, "Password", password), wrong,
      h("div", { class: "dialog-buttons" }, h("button", { class: "primary" }, "Log in"))));
  const before = document.activeElement;
  document.body.append(dialog);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.showModal();
  return new Promise((resolve) => dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = await refused(api, name.value, password.value);
    wrong.textContent = problem ?? "";
    if (problem) return password.select();
    dialog.remove();
    before.focus({ preventScroll: true }); // by hand: a dialog that closes gives a text field its focus back, but no caret
    resolve();
  }));
}

async function refused(api, name, password) {
  try {
    await api.login(name, password);
    return null;
  } catch (error) {
    if (error instanceof Offline) return "The server cannot be reached.";
    if (!(error instanceof Refused)) throw error;
    return error.status === 401 ? "Name or password is wrong." : error.message;
  }
}
