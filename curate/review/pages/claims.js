/** The list of statements: cards that are made once and updated where their statement changed. */

import { createCard } from "./card.js";
import { fill, h } from "./dom.js";

/**
 * @param desk what a card needs
 * @param groups gives the statements in their order: `[{title, hint, claims, foot}]`; a title may be null
 */
export function createClaims(desk, groups) {
  const cards = new Map();
  const shown = new Map();
  const element = h("div", { class: "claims" });
  let layout = "";

  function card(id) {
    if (!cards.has(id)) cards.set(id, createCard(desk, id));
    return cards.get(id);
  }

  /** A card is drawn again where its statement, its being selected or what is open in it changed. */
  function drawn(claim, state, force) {
    const id = claim.claim_id;
    const own = [state.selected === id, state.editing?.id === id && state.editing.field, state.asking === id, desk.marked(id)].join();
    const last = shown.get(id);
    if (!force && last?.claim === claim && last.own === own) return;
    shown.set(id, { claim, own });
    card(id).update(claim, state);
  }

  function placed(list) {
    const next = JSON.stringify(list.map(({ title, claims, note }) => [title, note, claims.map((claim) => claim.claim_id)]));
    if (next === layout) return;
    layout = next;
    const focused = document.activeElement;
    fill(element, list.map(({ title, hint, claims, foot }) => h("section", { class: "group" },
      title && h("h2", { class: "group-title" }, title), hint && h("p", { class: "quiet" }, hint),
      claims.length > 0 && h("ol", { class: "cards", role: "list" }, claims.map((claim) => card(claim.claim_id).element)), foot)));
    if (element.contains(focused)) focused.focus({ preventScroll: true });
  }

  return {
    element,
    show(state, force = false) {
      const list = groups(state);
      placed(list);
      for (const { claims } of list) for (const claim of claims) drawn(claim, state, force);
    },
    /** All statements, in the order in which keys go through them. */
    order: (state) => groups(state).flatMap(({ claims }) => claims.map((claim) => claim.claim_id)),
    reveal(id, focus) {
      const { element: node } = card(id);
      if (focus) node.focus({ preventScroll: true });
      node.scrollIntoView({ block: "nearest" });
    },
  };
}
