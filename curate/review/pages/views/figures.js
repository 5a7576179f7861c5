/** Figures of the queue, for reviewers: they say how good the work and the captioners are, and rank no one. */

import { fill, h } from "../dom.js";
import { table } from "./list.js";

const named = (name) => name.replaceAll("_", " ");
const plain = (value) => value === null || typeof value !== "object";

function printed(value, name = "") {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  if (/_ms$|_us$/.test(name)) return `${(value / (name.endsWith("_ms") ? 1e3 : 1e6)).toFixed(1)} s`;
  return Number.isInteger(value) ? String(value) : value.toFixed(3);
}

export function createFiguresView({ api, guard }) {
  const element = h("div", { class: "sheet" });

  async function open() {
    fill(element, h("h1", {}, "Figures"));
    const figures = await guard(() => api.figures());
    if (figures) fill(element, h("h1", {}, "Figures"), parts(figures));
  }

  return { element, open, close: () => {} };
}

/** Single numbers as a list, lists of rows as tables. */
function parts(figures, level = "h2") {
  const entries = Object.entries(figures);
  const single = entries.filter(([, value]) => plain(value));
  return [
    single.length > 0 && h("dl", { class: "figures" }, single.map(([name, value]) => h("div", {}, h("dt", {}, named(name)), h("dd", {}, printed(value, name))))),
    entries.filter(([, value]) => !plain(value)).map(([name, value]) => h("section", {}, h(level, {}, named(name)), shown(value, name))),
  ];
}

function shown(value, name) {
  if (!Array.isArray(value)) return parts(value, "h3");
  if (value.length === 0) return h("p", { class: "quiet" }, "Nothing yet.");
  if (plain(value[0])) return h("p", {}, value.map((one) => printed(one)).join(", "));
  const columns = Object.keys(value[0]).filter((column) => plain(value[0][column]));
  return table(columns.map(named), value.map((row) => h("tr", {}, columns.map((column) => h("td", { class: typeof row[column] === "number" ? "number-cell" : null }, printed(row[column], column))))), named(name));
}
