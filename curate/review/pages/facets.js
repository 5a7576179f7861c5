/** Coverage: of each facet, that the caption says all there is of it, or that there is nothing of it in the clip. */

import { keyOf } from "./bindings.js";
import { facetCommand } from "./commands.js";
import { h, fill, icon, key } from "./dom.js";
import { FACETS, facetName } from "./words.js";

const STANDS = new Set(["right", "edited", "added"]);
const NEXT = { undefined: "covered", covered: "not_applicable", not_applicable: undefined };
const SAID = { covered: ["right", "covered"], not_applicable: ["wrong", "not applicable"], undefined: ["unseen", "open"] };

/** Coverage as it stands: what the person said, and else what follows from statements that hold. */
export function coverage(draft) {
  const held = draft.claims.filter((claim) => STANDS.has(claim.status) && claim.text.trim() !== "");
  const follows = Object.fromEntries(held.map((claim) => [claim.facet, "covered"]));
  return { ...follows, ...draft.facets };
}

/** Facets of which nothing is known yet. */
export const openFacets = (draft) => Object.keys(FACETS).filter((facet) => !(facet in coverage(draft)));

export function createFacets(store) {
  const chips = h("div", { class: "chips", role: "group", "aria-label": "Facets" });
  const state = h("span", { class: "quiet" });
  const element = h("section", { class: "facets", "aria-label": "Coverage" },
    h("div", { class: "facets-head" }, h("h2", {}, "Facets"), key(keyOf("facets")), state,
      h("button", { type: "button", class: "plain", onclick: nothing }, "None of the open ones is in the clip")), chips);
  const buttons = Object.fromEntries(Object.keys(FACETS).map((facet) => [facet, h("button", { type: "button", class: "chip", title: FACETS[facet][1], onclick: () => turned(facet), onkeydown: walked })]));
  fill(chips, Object.values(buttons));

  function turned(facet) {
    const { draft } = store.state;
    const said = draft.facets[facet];
    const follows = coverage({ ...draft, facets: {} })[facet];
    store.run(facetCommand(facet, said, follows ? (said ? undefined : "not_applicable") : NEXT[said]));
  }

  function nothing() {
    const parts = openFacets(store.state.draft).map((facet) => facetCommand(facet, undefined, "not_applicable"));
    if (parts.length) store.run({ slot: "many", id: null, parts });
  }

  function walked(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const list = Object.values(buttons);
    list[(list.indexOf(event.currentTarget) + by + list.length) % list.length].focus();
  }

  return {
    element,
    open: () => openFacets(store.state.draft).length,
    /** Put the focus on the first facet that is open. */
    focus: () => (buttons[openFacets(store.state.draft)[0]] ?? buttons.shot).focus(),
    show({ draft }) {
      const known = coverage(draft);
      for (const [facet, button] of Object.entries(buttons)) {
        const [name, word] = SAID[known[facet]];
        button.className = `chip is-${known[facet] ?? "open"}`;
        button.setAttribute("aria-label", `${facetName(facet)}: ${word}`);
        fill(button, icon(name), facetName(facet));
      }
      const left = openFacets(draft).length;
      state.textContent = left ? `${left} of ${Object.keys(FACETS).length} open` : "all answered";
    },
  };
}
