/** The work of a person: item after item, with what was submitted before within reach of undo. */

import { Offline, Refused } from "../api.js";
import { keyOf } from "../bindings.js";
import { createDesk } from "../desk.js";
import { ask, say } from "../dialogs.js";
import { fill, h, icon, key } from "../dom.js";
import { missing } from "../missing.js";
import { begun, sent } from "../phases.js";
import { createReading } from "../reading.js";
import { createStore } from "../store.js";
import { createSync, newest } from "../sync.js";
import { createWatched } from "../watched.js";
import { count } from "../words.js";

const UNDOABLE = 10;
const AWAY_MS = 30_000;

/** What lies over the page: the bar of the page, or the clip where it stays in sight above the statements. */
function over(video) {
  const player = video.closest(".player");
  return player && getComputedStyle(player).position === "sticky" ? player.offsetHeight : 50;
}

/** Keep a height as a variable of the style: nothing that has the focus may lie under a bar. */
function measured(element, name, height) {
  new ResizeObserver(() => document.documentElement.style.setProperty(name, `${height(element)}px`)).observe(element);
}

/** @param page what all views share: `api, keys, clock, shelf, me(), line(state), stranger(), waiting()` */
export function createWorkView(page) {
  const { api, keys, clock, shelf } = page;
  const done = [];
  const element = h("div", { class: "work" });
  const place = h("div", { class: "place" });
  const lacks = h("div", { class: "lacks", role: "alert" });
  const button = (name, label, does, kind = "plain") => h("button", { type: "button", class: kind, onclick: () => acts[does]() }, name && icon(name), h("span", {}, label), key(keyOf(does)));
  const judgeOnly = button("right", "Accept all that is left", "rest", "plain caution");
  const facetsLeft = button(null, "", "facets");
  const foot = h("footer", { class: "foot" }, lacks, h("div", { class: "foot-row" },
    button("undo", "Undo", "undo"), button("redo", "Redo", "redo"), judgeOnly, facetsLeft, h("span", { class: "spring" }),
    h("button", { type: "button", class: "plain", onclick: () => reject() }, "Reject the clip…"), button(null, "Give back…", "giveBack"), button(null, "Submit", "submit", "primary")));
  measured(foot, "--foot", () => foot.offsetHeight);
  measured(clock.video, "--top", over);
  let open = null;
  let duty = null;
  let acted = 0;

  const acts = { undo, redo: () => open?.store.redo(), submit: () => submit("caption"), giveBack, rest, facets: () => open?.desk.acts.facets?.() };

  createWatched(clock, () => {
    if (!open || open.work.item.phase === "blind") return;
    open.store.count({ whole_plays: open.store.state.draft.whole_plays + 1 });
    open.sync.changed();
  });
  setInterval(() => {
    const there = document.visibilityState === "visible" && (Date.now() - acted < AWAY_MS || !(clock.video.paused || clock.looping));
    if (open && there) open.store.count({ active_ms: open.store.state.draft.active_ms + 1000 });
  }, 1000);
  for (const sign of ["keydown", "pointerdown", "pointermove"]) addEventListener(sign, () => (acted = Date.now()), { passive: true });

  async function begin(work, log) {
    const shelved = await shelf.get(page.me().name, work.item.item_id);
    const { draft, seq } = newest(work, shelved);
    if (!element.isConnected) return; // another view was opened meanwhile; the item is ours when this one is again
    const store = createStore(begun(work.item, draft), log);
    const sync = createSync({ api, shelf, user: page.me().name, work, seq, read: () => store.state.draft, on: { state: page.line, lost, stranger: page.stranger, renew: page.waiting } });
    const make = work.item.phase === "blind" ? createReading : createDesk;
    const desk = make({ item: work.item, store, clock, keys, api });
    open = { work, store, sync, desk };
    store.subscribe((_, __, why) => why === "draft" && (sync.changed(), fill(lacks), counted()));
    counted();
    judgeOnly.hidden = !["work", "merge", "adjudicate"].includes(work.item.phase);
    fill(lacks);
    fill(element, fill(place, desk.element), foot);
    keys.use({ ...desk.acts, ...acts, help: page.help });
    scrollTo(0, 0);
    page.line(seq > work.seq ? "saving" : "saved");
    if (seq > work.seq) say("What was not sent last time was found in this browser, and is sent now.");
    desk.begin();
  }

  function counted() {
    facetsLeft.hidden = !open.desk.facets;
    if (!facetsLeft.hidden) fill(facetsLeft, open.desk.facets.open() === 0 ? [icon("right"), "All facets"] : `${count(open.desk.facets.open(), "facet")} open`, key(keyOf("facets")));
  }

  /** Put the item away; nothing of it is lost. */
  function close() {
    open?.sync.leave();
    open?.sync.stop();
    open?.desk.close();
    if (clock.footage) clock.close();
    open = null;
    keys.use({ help: page.help, undo });
  }

  async function next() {
    close();
    page.waiting();
    const work = await attempt(() => api.next(duty));
    if (work === undefined) return;
    if (work === null) return empty();
    await begin(work);
  }

  function empty() {
    page.line("idle");
    fill(element, h("div", { class: "empty" }, h("h1", {}, "Nothing waits"), h("p", {}, duty === "adjudicate" ? "No item is in adjudication." : "All items are done, or others work on them."),
      h("div", { class: "foot-row" }, h("button", { type: "button", class: "primary", onclick: next }, "Look again"), done.length > 0 && h("button", { type: "button", class: "plain", onclick: undo }, "Take back the last submit"))));
  }

  /**
   * Do something that needs the server; undefined where it could not be done, and the person knows.
   * @param late what to do where somebody has gone on from it; of the open item, its lease has ended
   */
  async function attempt(run, late = open && lost) {
    try {
      return await run();
    } catch (error) {
      if (error instanceof Offline) say("The server cannot be reached. Your work is kept here; try again when the line is back.", { label: "Try again", run: () => (open ? open.sync.again() : next()) });
      else if (!(error instanceof Refused)) throw error;
      else if (error.status === 401) page.stranger();
      else if (error.status === 409 && late) late(error.problem);
      else if (error.status === 422) lacking((error.problem?.missing ?? []).map((words) => ({ words })), error.problem?.error);
      else (say(error.message), page.waiting());
      return undefined;
    }
  }

  function lacking(list, error) {
    fill(lacks, h("p", {}, list.length ? "Before it can be submitted:" : (error ?? "It was refused.")), h("ul", {}, list.map((lack) =>
      h("li", {}, lack.words, " ", Object.keys(lack).length > 1 && h("button", { type: "button", class: "plain", onclick: () => open.desk.show(lack) }, lack.whole ? "Play it" : "Show")))));
    lacks.querySelector("button")?.focus();
  }

  async function submit(decision, reason = null) {
    if (!open) return;
    open.desk.judge.leave();
    const { work, store, sync } = open;
    const list = decision === "caption" ? missing(work.item, store.state.draft) : [];
    if (list.length) return lacking(list);
    await sync.settle();
    const result = await attempt(() => api.submit(work.item.item_id, { token: sync.token, draft: sent(store.state.draft), decision, reason }));
    if (result === undefined) return sync.changed();
    sync.stop();
    await sync.done();
    done.push({ id: work.item.item_id, log: result.next_phase ? undefined : store.log });
    done.splice(0, done.length - UNDOABLE);
    if (result.asked !== null && result.asked !== undefined) await scored(result);
    else say(result.next_phase ? "Your text is kept. Now the machine's beside it." : "Submitted.", { label: "Undo", run: undo });
    await next();
  }

  const scored = ({ right, asked }) =>
    ask({ title: `${right} of ${asked} right`, body: [h("p", {}, "So many answers could be read out of the text.")], buttons: [["next", "Next item", "primary"]] });

  async function reject() {
    const answer = await ask({ title: "Reject this clip", body: [h("p", {}, "No caption is made of it, and it goes into no corpus.")], field: { label: "Why" }, buttons: [["reject", "Reject", "primary"], ["cancel", "Cancel"]] });
    if (answer) await submit("reject", answer.text);
  }

  async function giveBack() {
    if (!open) return;
    const answer = await ask({ title: "Give this item back", body: [h("p", {}, "Somebody else gets it, and may read why.")], field: { label: "Why" }, buttons: [["give", "Give back", "primary"], ["cancel", "Cancel"]] });
    if (!answer) return;
    const { work, sync } = open;
    await sync.settle();
    if ((await attempt(() => api.release(work.item.item_id, sync.token, answer.text))) === undefined) return sync.again();
    await next();
  }

  async function rest() {
    if (!open || judgeOnly.hidden) return;
    const left = open.store.state.draft.claims.filter((claim) => claim.status === "unseen").length;
    if (left === 0) return say("Nothing is left to judge.");
    const answer = await ask({ title: `Accept ${count(left, "statement")} without judging?`, body: [h("p", {}, "They count as right. That they were accepted together is kept, and such items are looked at again more often.")], buttons: [["accept", "Accept them", "primary"], ["cancel", "Cancel"]] });
    if (answer) open?.desk.judge.rest();
  }

  /** Undo a step; where none is left, the last submit. */
  async function undo() {
    if (open?.store.undo()) return;
    const last = done.at(-1);
    if (!last) return say("Nothing is left to undo.");
    const forget = () => done.includes(last) && done.splice(done.indexOf(last), 1);
    const work = await attempt(() => api.undo(last.id), (problem) => {
      forget();
      say(`The last submit stands: ${problem?.error ?? "it cannot be taken back"}.`);
    });
    if (work === undefined) return;
    forget();
    close();
    await begin(work, last.log);
    say("The submit was taken back.");
  }

  async function lost(problem) {
    if (!open) return;
    const { store } = open;
    page.line("lost");
    open.sync.stop();
    const text = store.state.draft.claims.map((claim) => claim.text).join("\n");
    const kept = problem?.kept;
    const body = [
      h("p", {}, "The server did not hear from this page for too long, or you opened the item in another window. Somebody else may work on it now."),
      h("p", {}, kept ? `Your work is not lost: it is kept as revision ${kept}, which a reviewer can bring back.` : "What the server has of your work is kept with the item."),
    ];
    const answer = await ask({ title: "This item is no longer yours", body, stays: true, buttons: [["next", "Next item", "primary"], ["copy", "Copy my text"]] });
    if (answer === "copy") await navigator.clipboard?.writeText(text).catch(() => say("The browser did not let the text be copied."));
    await next();
  }

  return {
    element,
    /** @param kind `adjudicate`, or null for the work of annotators */
    async open(kind) {
      duty = kind;
      await next();
    },
    close,
    again: () => (open ? open.sync.again() : next()),
  };
}
