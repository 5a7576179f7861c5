/** The page: who is logged in, which view is open, and what all views share. */

import { createApi, Offline, Refused } from "./api.js";
import { BINDINGS } from "./bindings.js";
import { createClock } from "./clock.js";
import { say, showKeys } from "./dialogs.js";
import { fill, h, icon, spoken } from "./dom.js";
import { createKeys } from "./keys.js";
import { openShelf } from "./shelf.js";
import { createFiguresView } from "./views/figures.js";
import { createHistoryView } from "./views/history.js";
import { createListView } from "./views/list.js";
import { login } from "./views/login.js";
import { createUsersView } from "./views/users.js";
import { createWorkView } from "./views/work.js";

const LINES = {
  saved: ["right", "saved"], saving: ["loop", "saving"], offline: ["wrong", "offline: work is kept in this browser"],
  lost: ["wrong", "no longer yours"], idle: [null, ""],
};
const REVIEWS = new Set(["reviewer", "admin"]);

let me = null;
const api = createApi(() => me?.csrf ?? null);
const keys = createKeys(BINDINGS);
keys.single = localStorage.getItem("single-keys") !== "off";
const video = h("video", { playsinline: true, preload: "auto", "aria-label": "The clip", tabindex: "-1" });
const clock = createClock(video);
const lineState = h("span", { class: "line", role: "status" });
const waiting = h("span", { class: "waiting" });
const links = h("nav", { "aria-label": "Views" });
const who = h("span", { class: "who" });
const stage = h("main", { id: "stage", tabindex: "-1" });

const page = { api, keys, clock, shelf: await openShelf(), me: () => me, line, stranger, waiting: recount, help: () => showKeys(keys), guard };
const work = createWorkView(page);
const ROUTES = [
  ["work", "Work", work, () => work.open(null), null],
  ["adjudicate", "Adjudication", work, () => work.open("adjudicate"), REVIEWS],
  ["items", "Items", createListView(page), null, REVIEWS],
  ["item", null, createHistoryView(page), null, REVIEWS],
  ["figures", "Figures", createFiguresView(page), null, REVIEWS],
  ["users", "Users", createUsersView(page), null, new Set(["admin"])],
];
let current = null;

function line(state) {
  const [sign, words] = LINES[state];
  if (lineState.dataset.state === state) return;
  lineState.dataset.state = state;
  fill(lineState, sign && icon(sign), words);
}

const allowed = (roles) => roles === null || roles.has(me.role);

function header() {
  fill(links, ROUTES.filter(([, label, , , roles]) => label && allowed(roles)).map(([name, label]) => h("a", { href: `#/${name}`, "data-route": name }, label)));
  who.textContent = me.name;
}

async function recount() {
  const given = await guard(() => api.me(), true);
  if (!given) return;
  me = given;
  told();
}

/** The server counts no further than this. */
const MOST = 1000;

function told() {
  const some = (n) => (n >= MOST ? `${MOST} or more` : String(n));
  waiting.textContent = `${some(me.waiting)} waiting${me.reviewing ? `, ${some(me.reviewing)} to adjudicate` : ""}`;
}

/** Do something that needs the server; undefined where it could not be done, and the person was told. */
async function guard(run, quietly = false) {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Refused && error.status === 401) await stranger();
    else if (!(error instanceof Refused || error instanceof Offline)) throw error;
    else if (!quietly) say(error instanceof Offline ? "The server cannot be reached." : error.message);
    return undefined;
  }
}

let asking = null;

/** The session is over: log in again, with what is open still there. */
function stranger() {
  asking ??= login(api).then(known).finally(() => (asking = null));
  return asking;
}

async function known() {
  const before = me?.name;
  me = await api.me();
  header();
  told();
  if (before === me.name && current) work.again();
  else await route();
}

async function route() {
  const [name, ...rest] = (location.hash.slice(2) || "work").split("/");
  const found = ROUTES.find(([each, , , , roles]) => each === name && allowed(roles)) ?? ROUTES[0];
  const [route, label, view, open] = found;
  current?.close();
  current = view;
  line("idle");
  keys.use({ help: page.help });
  for (const link of links.children) link.toggleAttribute("aria-current", link.dataset.route === route);
  document.title = `${label ?? "Item"} · Retold`;
  fill(stage, view.element);
  await (open ?? view.open)(...rest.map(decodeURIComponent));
}

async function leave() {
  current?.close();
  await guard(() => api.logout());
  [me, current] = [null, null];
  fill(stage);
  await stranger();
}

fill(document.getElementById("page"),
  h("header", { class: "bar" }, h("a", { class: "brand", href: "#/work" }, "Retold"), links, h("span", { class: "spring" }), lineState, waiting,
    h("button", { type: "button", class: "tool", title: "Keys (?)", onclick: page.help }, icon("ask"), spoken("Keys")), who,
    h("button", { type: "button", class: "plain", onclick: leave }, "Log out")),
  stage);

addEventListener("hashchange", () => me && route());
addEventListener("offline", () => current === work && line("offline"));
try {
  me = await api.me();
  await known();
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  await stranger();
}
