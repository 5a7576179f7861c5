/** Figures of the queue, for reviewers: they say how good the work and the captioners are, and rank nobody. */

import { fill, h } from "../dom.js";
import { ERROR_KINDS } from "../words.js";
import { date, table } from "./list.js";

const plain = (value) => (value === null ? "–" : String(value));
const percent = (value) => (value === null ? "–" : `${(100 * value).toFixed(1)} %`);
const two = (value) => (value === null ? "–" : value.toFixed(2));
const minutes = (value) => `${(value / 60_000).toFixed(1)} min`;
const kind = (value) => ERROR_KINDS[value]?.[1] ?? value;
const item = (value) => h("a", { href: `#/item/${encodeURIComponent(value)}` }, value.slice(0, 12));
const of = (right, asked) => (row) => (row[asked] === 0 ? "–" : `${row[right]} of ${row[asked]}`);

/** Part of the figures: its title, what it says, and its columns: name, and how it is told (a field and a form, or a function). */
const PARTS = {
  captioners: ["Captioners", "How they did, by what people made of their statements.", {
    Captioner: ["captioner", plain], Items: ["items", plain], Statements: ["statements", plain], "Found right": ["accepted", percent], "Words changed": ["words_changed", two],
    Added: ["added", plain], Rejected: ["rejected", plain], "Read blind": of("blind_right", "blind_asked") }],
  errors: ["Errors", "Of the statements that were judged.", { Captioner: ["captioner", plain], Kind: ["kind", kind], Count: ["count", plain], Share: ["of_statements", percent] }],
  people: ["People", "In the order of names. Gold items carry a known error; the interval is of 95 %.", {
    Person: ["person", plain], Items: ["items", plain], "Items an hour": ["items_per_hour", two], "Seconds a statement": ["seconds_per_claim", two], "Found right": ["accepted", percent],
    "Accepted together": ["accepted_together", plain], "Gold errors found": of("gold_found", "gold_planted"),
    Interval: (row) => (row.gold_planted === 0 ? "–" : `${percent(row.gold_low)} – ${percent(row.gold_high)}`), "False alarms": ["gold_false_alarms", plain] }],
  gold: ["Planted errors", "How many of a kind were found.", { Kind: ["kind", kind], Person: (row) => row.person ?? "all", Planted: ["planted", plain], Found: ["found", plain], Share: ["recall", percent],
    Interval: (row) => `${percent(row.low)} – ${percent(row.high)}` }],
  pairs: ["Agreement of two", "On statements that both judged; Cohen's kappa leaves out what chance alone would agree on.", { One: ["one", plain], Other: ["other", plain], Statements: ["statements", plain], "Judged alike": ["same", percent], Kappa: ["kappa", two] }],
  boundaries: ["Agreement on edges", "Of spans that one of two people changed.", { Within: (row) => `${row.within_ms} ms`, Spans: ["spans", plain], "Ends alike": ["same", percent] }],
  items: ["What took longest", "", { Item: ["item_id", item], Captioner: ["captioner", plain], People: ["people", plain], "At work": ["active_ms", minutes], "Words changed": ["words_changed", two], "Found wrong": ["wrong", plain] }],
};

const cell = (row, tells) => (typeof tells === "function" ? tells(row) : tells[1](row[tells[0]]));

function part([title, said, columns], rows) {
  const body = rows.map((row) => h("tr", {}, Object.values(columns).map((tells) => h("td", {}, cell(row, tells)))));
  return h("section", {}, h("h2", {}, title), said && h("p", { class: "quiet" }, said), rows.length ? table(Object.keys(columns), body, title) : h("p", {}, "Nothing yet."));
}

const tile = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));

export function createFiguresView({ api, guard }) {
  const element = h("div", { class: "sheet" });

  async function open() {
    fill(element, h("h1", {}, "Figures"));
    const figures = await guard(() => api.figures());
    if (!figures) return;
    fill(element, h("h1", {}, "Figures"),
      h("dl", { class: "figures" }, tile("newest submits", plain(figures.submits)), tile("since", figures.oldest_us === null ? "–" : date(figures.oldest_us)), tile("Krippendorff's alpha of verdicts", two(figures.alpha))),
      Object.entries(PARTS).map(([name, told]) => part(told, figures[name])));
  }

  return { element, open, close: () => {} };
}
