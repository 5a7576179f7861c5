/** What several annotators made of one statement, side by side, for the one who decides. */

import { badge, difference } from "./card.js";
import { h, key } from "./dom.js";
import { unseen } from "./judge.js";
import { facetName, span } from "./words.js";

const said = ({ status, text, start_us, end_us, facet, error_kind }) => JSON.stringify([status, text, start_us, end_us, facet, error_kind]);

/** Statements of all drafts: of the machine, and then those that annotators added. */
export function versions(content, others) {
  const of = (id) => others.map((draft) => draft.claims.find((claim) => claim.claim_id === id) ?? null);
  const added = others.flatMap((draft) => draft.claims.filter((claim) => claim.status === "added"));
  return new Map([...content.claims, ...added].map(({ claim_id }) => [claim_id, of(claim_id)]));
}

/** Statements that annotators added, by id. */
export const offersOf = (others) =>
  new Map(others.flatMap((draft) => draft.claims.filter((claim) => claim.status === "added")).map((claim) => [claim.claim_id, { ...claim, status: "offered" }]));

/** Where all who said something said the same, this; else null. */
export function agreed(list) {
  const given = list.filter((claim) => claim !== null && claim.status !== "unseen");
  return given.length === list.length && new Set(given.map(said)).size === 1 ? given[0] : null;
}

/** The draft that an adjudicator begins with: what all agree on is taken, the rest is not judged. */
export function startOf(content, others) {
  const all = versions(content, others);
  const claims = content.claims.map((claim) => (others.length ? agreed(all.get(claim.claim_id)) : null) ?? unseen(claim));
  const shared = Object.keys(others[0]?.facets ?? {}).filter((facet) => others.every((draft) => draft.facets[facet] === others[0].facets[facet]));
  return { claims, facets: Object.fromEntries(shared.map((facet) => [facet, others[0].facets[facet]])) };
}

/** The person of a number, by a letter: who it is is not told. */
const letter = (i) => String.fromCharCode(65 + i);

/**
 * One statement as each annotator left it.
 * @param take is called with the version that is picked
 */
export function versionsOf({ list, chosen, machine, footage, take }) {
  const column = (claim, i) => h("li", { class: `version${claim && chosen && said(claim) === said(chosen) ? " taken" : ""}` },
    h("div", { class: "version-head" }, h("b", {}, letter(i)), claim ? badge(claim) : h("span", { class: "quiet" }, "has no such statement"),
      claim && !footage.still && (!machine || claim.start_us !== machine.start_us || claim.end_us !== machine.end_us) && h("span", { class: "quiet" }, span(claim.start_us - footage.start_us, claim.end_us - footage.start_us)),
      claim && machine && claim.facet !== machine.facet && h("span", { class: "quiet" }, facetName(claim.facet))),
    claim && claim.status !== "wrong" && claim.status !== "right" && h("p", { class: "words" }, machine ? difference(machine.text, claim.text) : claim.text),
    claim?.critique && h("p", { class: "quiet" }, claim.critique),
    claim && claim.status !== "unseen" && h("button", { type: "button", class: "act", onclick: (event) => (event.stopPropagation(), take(claim)) }, `Take ${letter(i)}`, key(String(i + 1))));
  return h("ol", { class: "versions", role: "list", "aria-label": "Versions" }, list.map(column));
}
