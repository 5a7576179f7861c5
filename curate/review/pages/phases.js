/** What differs between the kinds of work: how a draft begins, how statements are grouped, what stands beside them. */

import { keyOf } from "./bindings.js";
import { difference } from "./card.js";
import { likeness } from "./diff.js";
import { h, key } from "./dom.js";
import { coverage } from "./facets.js";
import { unseen } from "./judge.js";
import { playsNeeded } from "./missing.js";
import { startOf } from "./versions.js";
import { FACETS } from "./words.js";

const NOTHING = { claims: [], facets: {}, notes: [], answers: [], whole_plays: 0, active_ms: 0, accepted_rest: false };
const ALIKE = 0.25;

const added = (claim) => claim.status === "added";

/** The draft that work goes on from: what was saved, and statements that it does not have yet. */
export function begun(item, saved) {
  const fresh = item.phase === "adjudicate" ? startOf(item.content, item.others) : { claims: item.content.claims.map(unseen) };
  const draft = { ...NOTHING, ...(saved ?? { facets: fresh.facets ?? {} }) };
  const known = new Map(draft.claims.map((claim) => [claim.claim_id, claim]));
  const machine = fresh.claims.map((claim) => known.get(claim.claim_id) ?? claim);
  const claims = [...machine, ...draft.claims.filter(added)];
  const follows = coverage({ claims, facets: {} });
  const facets = Object.fromEntries(Object.entries(draft.facets).filter(([facet, said]) => follows[facet] !== said));
  return { ...draft, claims, facets };
}

/** A draft as it is sent: coverage that follows from statements is said as well. */
export const sent = (draft) => ({ ...draft, facets: coverage(draft) });

function triage({ draft }) {
  return [{ title: null, claims: [...draft.claims].sort((a, b) => Number(added(a)) - Number(added(b))) }];
}

function merged({ draft }) {
  return [
    { title: "What the machine says", hint: "Right: it goes into the caption beside yours. What you have said already is wrong: repetition.", claims: draft.claims.filter((claim) => !added(claim)) },
    { title: "What you wrote", claims: draft.claims.filter(added) },
  ];
}

/** For an adjudicator: also what annotators added, taken or only offered. */
const adjudicated = (offers) => ({ draft }) => {
  const own = draft.claims.filter((claim) => !added(claim) || !offers.has(claim.claim_id));
  const taken = new Map(draft.claims.map((claim) => [claim.claim_id, claim]));
  const offered = [...offers.values()].map((claim) => taken.get(claim.claim_id) ?? claim);
  return [{ title: null, claims: own }, ...(offered.length ? [{ title: "Added by annotators", hint: "What is not taken is left out.", claims: offered }] : [])];
};

/** Facet cards: one for each facet, with one's own statements in it. */
const facetCards = (add) => ({ draft }) =>
  Object.entries(FACETS).map(([facet, [name, hint]]) => ({
    title: name, hint, claims: draft.claims.filter((claim) => claim.facet === facet),
    foot: h("button", { type: "button", class: "plain add", onclick: () => add(facet) }, `Add to ${name.toLowerCase()}`),
  }));

/** What is below a statement of the machine in a merge: the one of one's own that is most alike. */
export function nearest(claim, draft) {
  if (added(claim)) return null;
  const rated = draft.claims.filter(added).map((own) => [likeness(own.text, claim.text), own]);
  const [score, own] = rated.sort((a, b) => b[0] - a[0])[0] ?? [0, null];
  if (score < ALIKE) return h("p", { class: "beside quiet" }, "You have nothing like it.");
  return h("p", { class: "beside" }, h("b", {}, "Yours "), difference(own.text, claim.text));
}

/** The statements of a phase in groups. */
export function grouping(phase, add, offers) {
  return { scratch: facetCards(add), merge: merged, adjudicate: adjudicated(offers) }[phase] ?? triage;
}

/** From scratch: the text opens when the clip was seen whole often enough. */
export const locked = (item, draft) => item.phase === "scratch" && draft.whole_plays < playsNeeded(item);

/** What is to be done, in a sentence. */
export const TASKS = {
  work: ["Triage", "Judge each statement: right, wrong, or edit it. Add what is missing."],
  scratch: ["From scratch", "Write what is seen and heard, so that a blind reader could see it and a deaf one hear it."],
  merge: ["Merge", "Your text is kept. Take from the machine's what you left out."],
  blind: ["Blind reading", "You see the text alone. Answer from it, not from what you guess."],
  adjudicate: ["Adjudication", "Annotators differ. Take a version of each statement, or edit it."],
};

/** The gate before a text may be written. */
export function gate(item, draft) {
  const needed = playsNeeded(item);
  return h("div", { class: "gate" },
    h("h2", {}, "First see and hear it whole"),
    h("p", {}, `The text opens after ${needed} whole plays, at speed 1 or less and with sound. `, key(keyOf("whole")), " plays it from the start."),
    h("p", { class: "gate-count", role: "status" }, `${Math.min(draft.whole_plays, needed)} of ${needed} whole plays`),
    h("progress", { max: needed, value: Math.min(draft.whole_plays, needed), "aria-label": "Whole plays" }));
}
