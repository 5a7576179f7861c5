/** Accounts, for admins. */

import { say } from "../dialogs.js";
import { fill, h } from "../dom.js";
import { date, table } from "./list.js";

const ROLES = { annotator: "Annotator", reviewer: "Reviewer", admin: "Admin" };

export function createUsersView({ api, guard }) {
  const name = h("input", { type: "text", required: true, autocomplete: "off", autocapitalize: "none", maxlength: "100" });
  const password = h("input", { type: "password", required: true, autocomplete: "new-password", minlength: "10" });
  const role = h("select", {}, Object.entries(ROLES).map(([value, word]) => h("option", { value }, word)));
  const list = h("div", {});
  const form = h("form", { class: "filters", onsubmit: make },
    h("label", { class: "field inline" }, "Name", name), h("label", { class: "field inline" }, "Password", password), h("label", { class: "field inline" }, "Role", role), h("button", { class: "primary" }, "Make account"));
  const element = h("div", { class: "sheet" }, h("h1", {}, "Users"), form, list);

  async function make(event) {
    event.preventDefault();
    const made = await guard(() => api.makeUser({ name: name.value.trim(), password: password.value, role: role.value }));
    if (made === undefined) return;
    say(`${name.value.trim()} may log in now.`);
    form.reset();
    await open();
  }

  async function open() {
    const given = await guard(() => api.users());
    if (!given) return;
    fill(list, table(["Name", "Role", "Logs in", "Since", "State", ""], given.users.map(row), "Accounts"));
  }

  /** An account is closed, never taken away: what its person did stays theirs. */
  function row(user) {
    const turn = async () => (await guard(() => api.makeUser({ name: user.name, role: user.role, active: !user.active }))) !== undefined && open();
    return h("tr", {}, h("td", {}, user.name), h("td", {}, ROLES[user.role]), h("td", {}, user.local ? "by password" : "by the proxy"), h("td", {}, date(user.created_us)),
      h("td", {}, user.active ? "open" : "closed"), h("td", {}, h("button", { type: "button", class: "plain", onclick: turn }, user.active ? `Close ${user.name}` : `Open ${user.name}`)));
  }

  return { element, open, close: () => {} };
}
