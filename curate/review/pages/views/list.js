/** All items, for reviewers: filters, and page after page by a cursor. */

import { fill, h } from "../dom.js";
import { clipName, MODES, STATES } from "../words.js";

export const table = (heads, rows, label) =>
  h("div", { class: "table", role: "region", "aria-label": label, tabindex: "0" },
    h("table", {}, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, rows)));

/** A time of the server, in the words of the reader's country. */
export const date = (us) =>
  h("time", { datetime: new Date(us / 1000).toISOString() }, new Date(us / 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }));

const filter = (label, choices, then) => {
  const select = h("select", { onchange: then }, Object.entries(choices).map(([value, name]) => h("option", { value }, name)));
  return [h("label", { class: "field inline" }, label, select), () => select.value];
};

export function createListView({ api, guard }) {
  const body = h("tbody", {});
  const more = h("button", { type: "button", class: "plain", onclick: () => load() }, "More");
  const none = h("p", { class: "quiet" }, "No item is like this.");
  const [state, stateOf] = filter("State", { "": "all", ...STATES }, () => load(true));
  const [mode, modeOf] = filter("Mode", { "": "all", ...MODES }, () => load(true));
  const kind = h("input", { type: "search", maxlength: "200", placeholder: "all", onchange: () => load(true) });
  const frame = table(["Clip", "State", "Mode", "Failed on", "Captioner", "Worth", "Why", "Added"], [], "Items");
  frame.querySelector("tbody").replaceWith(body);
  const element = h("div", { class: "sheet" }, h("h1", {}, "Items"), h("div", { class: "filters" }, state, mode, h("label", { class: "field inline" }, "Failed on", kind)), frame, none, more);
  let after = null;

  const row = (item) => h("tr", {},
    h("td", {}, h("a", { href: `#/item/${encodeURIComponent(item.item_id)}`, title: item.clip_id }, clipName(item.clip_id)), item.overlap > 1 && h("span", { class: "quiet" }, ` ×${item.overlap}`)),
    h("td", {}, STATES[item.state]), h("td", {}, MODES[item.mode]), h("td", {}, item.kind ?? "–"), h("td", {}, item.captioner),
    h("td", { class: "number-cell" }, item.worth.toFixed(2)), h("td", { class: "quiet" }, item.why.map(({ words }) => words).join("; ")), h("td", {}, date(item.added_us)));

  async function load(fresh = false) {
    if (fresh) after = null;
    const wanted = { state: stateOf(), mode: modeOf(), kind: kind.value.trim(), after: after ?? "", limit: "50" };
    const query = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== ""));
    const page = await guard(() => api.items(query));
    if (!page) return;
    if (fresh) fill(body);
    body.append(...page.items.map(row));
    after = page.after;
    more.hidden = after === null;
    none.hidden = body.children.length > 0;
  }

  return { element, open: () => load(true), close: () => {} };
}
