/** The lane under the waveform: spans as regions whose edges are sliders, for the mouse and for keys. */

import { h, fill, icon, spoken } from "./dom.js";
import { drawPeaks } from "./peaks.js";
import { laneRows } from "./rows.js";
import { facetName, seconds, span, STATUS } from "./words.js";

const ZOOMS = [1, 2, 4, 8, 16, 32];
const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60];
const NUDGES = {
  ArrowLeft: { frames: -1 }, ArrowRight: { frames: 1 }, ArrowDown: { frames: -1 }, ArrowUp: { frames: 1 },
  "Shift+ArrowLeft": { us: -100_000 }, "Shift+ArrowRight": { us: 100_000 }, PageDown: { us: -1_000_000 }, PageUp: { us: 1_000_000 },
};

/** @param on `select(id)`, `seek(us)`; edges move through `edges` */
export function createLane({ clock, edges, on }) {
  let zoom = 1;
  let pairs = null;
  let view = { claims: [], selected: null, marked: new Set() };
  const wave = h("canvas", { class: "wave", "aria-hidden": "true" });
  const ruler = h("div", { class: "ruler", "aria-hidden": "true" });
  const rows = h("div", { class: "rows" });
  const names = h("div", { class: "names", "aria-hidden": "true" });
  const head = h("div", { class: "head", "aria-hidden": "true" });
  const track = h("div", { class: "track", onpointerdown: (event) => event.target.closest(".region") || on.seek(time(event)) }, ruler, h("div", { class: "gap" }), rows, head);
  const scroll = h("div", { class: "scroll", role: "group", "aria-label": "Lane", onscroll: () => drawn() }, wave, track);
  const tool = (name, label, act) => h("button", { type: "button", class: "tool small", title: label, onclick: act }, icon(name), spoken(label));
  const tools = h("span", { class: "lane-tools" }, tool("farther", "Zoom out (-)", () => zoomed(-1)), tool("closer", "Zoom in (+)", () => zoomed(1)));
  const element = h("section", { class: "lane", "aria-label": "Sounds and texts in time" }, names, scroll);

  const share = (us) => (us - clock.footage.start_us) / clock.length_us;
  const percent = (us) => `${Math.min(Math.max(share(us), 0), 1) * 100}%`;

  function time(event) {
    const box = track.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) * clock.length_us;
  }

  function drawn() {
    const whole = track.clientWidth || 1;
    const colour = getComputedStyle(element).getPropertyValue("--wave");
    drawPeaks(wave, pairs, scroll.scrollLeft / whole, (scroll.scrollLeft + scroll.clientWidth) / whole, colour);
  }

  function ruled() {
    const length_s = clock.length_us / 1e6;
    const step = STEPS_S.find((s) => (s / length_s) * track.clientWidth > 56) ?? 120;
    const ticks = Array.from({ length: Math.floor(length_s / step) + 1 }, (_, i) => i * step);
    fill(ruler, ticks.map((s) => placed(h("span", {}, `${Number(s.toFixed(1))}`), clock.footage.start_us + s * 1e6)));
  }

  function placed(node, us) {
    node.style.left = percent(us);
    return node;
  }

  function zoomed(by) {
    zoom = ZOOMS[Math.min(Math.max(ZOOMS.indexOf(zoom) + by, 0), ZOOMS.length - 1)];
    stretched();
    follow(true);
    ruled();
    drawn();
  }

  /** Only a lane that is longer than what is seen of it scrolls, and then by keys as well. */
  function stretched() {
    track.style.width = `${zoom * 100}%`;
    scroll.classList.toggle("long", zoom > 1);
    if (zoom > 1) scroll.tabIndex = 0;
    else scroll.removeAttribute("tabindex");
  }

  function handle(claim, edge) {
    const at = (edge === "start" ? claim.start_us : claim.end_us) - clock.footage.start_us;
    const slider = h("span", {
      class: `edge ${edge}`, role: "slider", tabindex: "0", "data-edge": edge, "aria-label": `${edge === "start" ? "Start" : "End"} of ${facetName(claim.facet)}: ${claim.text.slice(0, 60)}`,
      "aria-valuemin": "0", "aria-valuemax": String(clock.length_us / 1e6), "aria-valuenow": String(at / 1e6), "aria-valuetext": seconds(at),
      onkeydown: (event) => nudged(event, claim, edge), onpointerdown: (event) => dragged(event, claim.claim_id, edge),
    });
    return slider;
  }

  function nudged(event, claim, edge) {
    const by = NUDGES[`${event.shiftKey ? "Shift+" : ""}${event.key}`];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    edges.nudge(claim, edge, by);
  }

  function dragged(event, id, edge) {
    event.preventDefault();
    const burst = `drag:${id}:${event.timeStamp}`;
    const move = (to) => {
      const claim = view.claims.find((each) => each.claim_id === id);
      if (claim) edges.put(claim, edge, clock.footage.start_us + Math.round(time(to)), burst);
    };
    const end = () => (removeEventListener("pointermove", move), removeEventListener("pointerup", end));
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
  }

  function region(claim) {
    const selected = claim.claim_id === view.selected;
    const label = `${facetName(claim.facet)}, ${span(claim.start_us - clock.footage.start_us, claim.end_us - clock.footage.start_us)}, ${STATUS[claim.status]}: ${claim.text}`;
    const node = h("div", { class: `region is-${claim.status} ${selected ? "selected" : ""} ${view.marked.has(claim.claim_id) ? "marked" : ""}`, "data-id": claim.claim_id },
      selected && handle(claim, "start"),
      h("button", { type: "button", class: "body", tabindex: selected ? "0" : "-1", title: claim.text, "aria-label": label, "aria-pressed": String(selected), onclick: () => on.select(claim.claim_id) }, h("span", { class: "mark" }, icon(claim.status)), h("span", { class: "words" }, claim.text)),
      selected && handle(claim, "end"));
    placed(node, claim.start_us).style.width = `max(6px, ${(share(claim.end_us) - share(claim.start_us)) * 100}%)`;
    return node;
  }

  function follow(always) {
    const x = (clock.head_us / clock.length_us) * track.clientWidth;
    const out = x < scroll.scrollLeft || x > scroll.scrollLeft + scroll.clientWidth;
    if (zoom > 1 && (always || (out && !clock.video.paused))) scroll.scrollLeft = x - scroll.clientWidth / 3;
  }

  new ResizeObserver(() => clock.footage && (ruled(), drawn())).observe(scroll);

  return {
    element,
    tools,
    zoomed,
    /** The draft changed, or what is selected. */
    show(claims, selected, marked) {
      if (!clock.footage || clock.footage.still) return;
      view = { claims, selected, marked };
      const chosen = claims.find((claim) => claim.claim_id === selected) ?? null;
      const focused = rows.contains(document.activeElement) ? document.activeElement : null;
      const [id, edge] = [focused?.closest(".region")?.dataset.id, focused?.dataset.edge];
      const laid = laneRows(claims, chosen);
      fill(names, laid.map(({ facet }, i) => h("span", {}, facet === laid[i - 1]?.facet ? "" : facetName(facet))));
      fill(rows, laid.map(({ facet, claims: row }) => h("div", { class: `row of-${facet}` }, row.map(region))));
      if (focused) rows.querySelector(`[data-id="${CSS.escape(id)}"] ${edge ? `[data-edge=${edge}]` : ".body"}`)?.focus();
    },
    wave(next) {
      pairs = next;
      zoom = 1;
      stretched();
      element.hidden = clock.footage.still;
      ruled();
      drawn();
    },
    /** The clock moved. */
    tick() {
      if (!clock.footage || clock.footage.still) return;
      head.style.left = `${Math.min(clock.head_us / clock.length_us, 1) * 100}%`;
      follow(false);
    },
    redraw: drawn,
  };
}
