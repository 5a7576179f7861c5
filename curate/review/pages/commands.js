/**
 * What can be done to a draft, as data: each command says what was there (`from`) and what is there after it (`to`), so
 * that its inverse is the same with both changed over. `null`: nothing is there.
 */

const same = (key, id) => (entry) => entry[key] === id;

/** A list in which the entry that `is` picks became `to`. */
function replaced(list, is, to, at) {
  const index = list.findIndex(is);
  if (to === null) return list.filter((_, i) => i !== index);
  if (index >= 0) return list.map((entry, i) => (i === index ? to : entry));
  return [...list.slice(0, at ?? list.length), to, ...list.slice(at ?? list.length)];
}

function facets(draft, { id, to }) {
  const { [id]: _, ...rest } = draft.facets;
  return { ...draft, facets: to === null ? rest : { ...rest, [id]: to } };
}

function notes(draft, { at, from, to }) {
  const list = [...draft.notes];
  list.splice(at, from === null ? 0 : 1, ...(to === null ? [] : [to]));
  return { ...draft, notes: list };
}

const SLOTS = {
  claims: (draft, { id, to, at }) => ({ ...draft, claims: replaced(draft.claims, same("claim_id", id), to, at) }),
  answers: (draft, { id, to }) => ({ ...draft, answers: replaced(draft.answers, same("question_id", id), to) }),
  facets,
  notes,
  accepted_rest: (draft, { to }) => ({ ...draft, accepted_rest: to }),
  many: (draft, { parts }) => parts.reduce(apply, draft),
};

/** The draft after a command. */
export function apply(draft, command) {
  return SLOTS[command.slot](draft, command);
}

/** The command that takes it back. */
export function inverse(command) {
  if (command.slot === "many") return { ...command, parts: command.parts.map(inverse).reverse() };
  return { ...command, from: command.to, to: command.from };
}

/** Both as one, where the second goes on from the first. */
export function joined(first, second) {
  return { ...second, from: first.from, at: first.at };
}

export const claimCommand = (from, to, burst) => ({ slot: "claims", id: from.claim_id, from, to, burst });
export const addCommand = (claim, at) => ({ slot: "claims", id: claim.claim_id, from: null, to: claim, at });
export const removeCommand = (claim, at) => ({ slot: "claims", id: claim.claim_id, from: claim, to: null, at });
export const facetCommand = (facet, from, to) => ({ slot: "facets", id: facet, from: from ?? null, to: to ?? null });
export const noteCommand = (at, from, to, burst) => ({ slot: "notes", id: at, at, from, to, burst });
export const answerCommand = (id, from, to, burst) => ({ slot: "answers", id, from: from ?? null, to, burst });
export const restCommand = (from, to) => ({ slot: "accepted_rest", id: "rest", from, to });
export const manyCommand = (parts) => ({ slot: "many", id: null, parts });
