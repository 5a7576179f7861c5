/** One item on the desk: its draft, its clip, its statements, and the keys for them. */

import { createClaims } from "./claims.js";
import { h, fill } from "./dom.js";
import { createEdges, edgeActs } from "./edges.js";
import { createFacets } from "./facets.js";
import { createFailed, touches } from "./failed.js";
import { createJudge } from "./judge.js";
import { createLane } from "./lane.js";
import { createNotes } from "./notes.js";
import { fetchPeaks } from "./peaks.js";
import { gate, grouping, locked, nearest, TASKS } from "./phases.js";
import { createPlayer, playerActs } from "./player.js";
import { agreed, offersOf, versions, versionsOf } from "./versions.js";
import { count } from "./words.js";

const IDLE = new Set(["unseen", "offered"]);

/** @param clock of the page; @param api for the paths of the footage */
export function createDesk({ item, store, clock, keys, api }) {
  const { content, phase } = item;
  const { footage } = content;
  const machine = new Map(content.claims.map((claim) => [claim.claim_id, claim]));
  const offers = offersOf(item.others);
  const told = versions(content, item.others);
  const edges = createEdges(store, clock);
  const judge = createJudge({ store, clock, keys, machine, offers, go: { select, onward } });
  const acts = playerActs(clock);
  const player = createPlayer(clock, acts);
  const lane = createLane({ clock, edges, on: { select: (id) => select(id), seek: (us) => (clock.free(), clock.seek_us(us)) } });
  const failed = createFailed(content, { question });
  const facets = createFacets(store);
  const notes = phase === "scratch" && createNotes({ store, clock, on: { seek: (us) => (clock.free(), clock.seek_us(us - footage.start_us)), statement } });
  const grouped = grouping(phase, (facet) => judge.add({ facet }), offers);
  const claims = createClaims({ lang: content.language, judge, clock, machine, select, finish, marked, extra, play: (claim) => loop(claim) }, grouped);
  const progress = h("p", { class: "progress-words", role: "status" });
  const bar = h("progress", { "aria-label": "Statements judged" });
  const closed = h("div", {});
  const opened = h("div", { class: "opened" }, failed.element, claims.element, facets.element);
  const element = h("div", { class: `desk phase-${phase}` },
    h("div", { class: "left" }, player.element, lane.element),
    h("div", { class: "right" }, heading(), closed, notes && notes.element, opened));
  player.controls.append(lane.tools);

  function heading() {
    const [title, task] = TASKS[phase];
    const why = item.why.flatMap(({ words }, i) => [i > 0 && "; ", words]);
    return h("header", { class: "task" }, h("div", { class: "task-line" }, h("h1", {}, title), progress), h("p", { class: "quiet" }, task, content.title && h("span", { lang: content.language }, ` · ${content.title}`)),
      why.length > 0 && h("p", { class: "why" }, h("b", {}, "Why this one: "), why), bar);
  }

  function loop(claim) {
    if (footage.still || !claim) return;
    clock.loop_us(claim.start_us - footage.start_us, claim.end_us - footage.start_us);
    clock.play();
  }

  function select(id, focus = true) {
    const { selected, editing } = store.state;
    if (id === selected && (editing || id === null)) return;
    keys.calm();
    store.show({ selected: id, editing: null, asking: null });
    if (id === null) return clock.free();
    loop(judge.find(id));
    claims.reveal(id, focus);
  }

  /** The next that nobody judged, from the one that is selected on and then from the top; the next one where there is none. */
  function onward() {
    const order = claims.order(store.state);
    const at = order.indexOf(store.state.selected);
    const open = [...order.slice(at + 1), ...order.slice(0, at)].find((id) => store.claim(id)?.status === "unseen");
    select(open ?? order[at + 1] ?? order[at] ?? null);
  }

  function step(by) {
    const order = claims.order(store.state);
    const at = order.indexOf(store.state.selected);
    const first = store.state.question === null ? 0 : Math.max(order.findIndex((id) => marked(id)), 0);
    select(order[at < 0 ? first : Math.min(Math.max(at + by, 0), order.length - 1)] ?? null);
  }

  function finish(id) {
    judge.leave();
    if (machine.has(id)) onward();
    else if (judge.find(id)) claims.reveal(id, true);
  }

  function question(index) {
    store.show({ selected: null, question: index, editing: null, asking: null });
    loop(content.failed[index]);
    const first = store.state.draft.claims.find((claim) => marked(claim.claim_id));
    if (first) claims.reveal(first.claim_id, false);
  }

  function marked(id) {
    const asked = content.failed[store.state.question];
    const claim = asked && judge.find(id);
    return claim && touches(claim, asked, footage) ? store.state.question + 1 : 0;
  }

  function extra(claim) {
    if (phase === "merge") return nearest(claim, store.state.draft);
    const list = told.get(claim.claim_id);
    if (phase !== "adjudicate" || !list?.length || agreed(list)) return null;
    return versionsOf({ list, chosen: store.claim(claim.claim_id), machine: machine.get(claim.claim_id), footage, take: (version) => judge.take(claim, version) });
  }

  function pick(event) {
    const claim = judge.chosen();
    const version = claim && told.get(claim.claim_id)?.[Number(event.key) - 1];
    if (!version || version.status === "unseen") return;
    judge.take(claim, version);
    onward();
  }

  function statement(note) {
    const at = store.state.draft.notes.indexOf(note);
    judge.add({ start_us: note.at_us, end_us: Math.min(note.at_us + 1_000_000, footage.end_us), text: note.text });
    store.run({ slot: "notes", id: at, at, from: note, to: null });
  }

  function shown(state, before) {
    const shut = locked(item, state.draft);
    opened.inert = shut;
    opened.hidden = shut;
    fill(closed, shut && gate(item, state.draft));
    claims.show(state, state.question !== before?.question || (phase === "merge" && state.draft.claims !== before?.draft.claims && !state.editing));
    facets.show(state);
    failed.show(state.question);
    if (notes) notes.show(state);
    if (before && state.draft !== before.draft && state.selected) claims.reveal(state.selected, false);
    lane.show(state.draft.claims, state.selected, new Set(state.draft.claims.filter((claim) => marked(claim.claim_id)).map((claim) => claim.claim_id)));
    counted(state.draft);
  }

  function counted({ claims: list }) {
    const done = list.filter((claim) => !IDLE.has(claim.status)).length;
    bar.max = Math.max(list.length, 1);
    bar.value = done;
    bar.hidden = phase === "scratch";
    progress.textContent = phase === "scratch" ? count(list.length, "statement") : `${done} of ${count(list.length, "statement")} judged`;
  }

  const unlocked = (act) => (...given) => locked(item, store.state.draft) || act(...given);
  const judging = {
    right: judge.right, wrong: judge.ask, critique: () => judge.chosen()?.status === "wrong" && judge.edit("critique"), edit: () => judge.edit(),
    add: () => judge.add(), clear: judge.clear, pick, facets: facets.focus, next: () => step(1), previous: () => step(-1), unseen: onward,
    question: () => content.failed.length && question(((store.state.question ?? -1) + 1) % content.failed.length), ...(footage.still ? {} : edgeActs(edges)),
  };
  const ways = Object.fromEntries(Object.entries(judging).map(([name, act]) => [name, unlocked(act)]));

  function leave() {
    if (!store.state.editing && document.activeElement.matches("input, select")) return document.activeElement.blur();
    const id = store.state.editing?.id;
    judge.leave();
    if (id && judge.find(id)) claims.reveal(id, true);
  }

  let frame = 0;
  const stops = [store.subscribe((state, before) => shown(state, before)), clock.subscribe(ticked)];

  function ticked() {
    player.refresh();
    lane.tick();
    cancelAnimationFrame(frame);
    if (!clock.video.paused && clock.footage) frame = requestAnimationFrame(ticked);
  }

  clock.open(footage, api.footage(item.item_id, "footage.mp4"));
  shown(store.state, null);
  if (footage.sound) fetchPeaks(api.footage(item.item_id, "peaks")).then((pairs) => clock.footage === footage && lane.wave(pairs));
  lane.wave(null);

  return {
    element,
    judge,
    /** Begin with the first statement that nobody judged. */
    begin: () => phase !== "scratch" && onward(),
    /** To what a submit lacks. */
    show(lack) {
      if (lack.claim) select(lack.claim);
      else if (lack.facets) facets.focus();
      else if (lack.whole) acts.whole();
    },
    facets,
    acts: { ...acts, ...ways, leave, note: notes ? notes.drop : () => {}, closer: () => lane.zoomed(1), farther: () => lane.zoomed(-1) },
    close() {
      cancelAnimationFrame(frame);
      stops.forEach((stop) => stop());
    },
  };
}
