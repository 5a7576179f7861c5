/** What a person does to statements: the commands behind keys and buttons. */

import { addCommand, claimCommand, manyCommand, removeCommand, restCommand } from "./commands.js";
import { judged } from "./edges.js";
import { ERROR_KINDS, LANES } from "./words.js";

const ADDED_US = 1_000_000;
const LETTERS = Object.fromEntries(Object.entries(ERROR_KINDS).map(([kind, [letter]]) => [letter, kind]));

/** A statement of the machine, of which nothing is known yet. */
export const unseen = ({ claim_id, facet, start_us, end_us, text }) => ({
  claim_id, status: "unseen", facet, start_us, end_us, text, error_kind: null, critique: null,
});

const madeId = () => `+${crypto.getRandomValues(new Uint32Array(2)).join("")}`;

/**
 * @param machine statements of the machine by their id
 * @param offers statements that other annotators added, by their id, for an adjudicator
 * @param go `select(id)`, `onward()` to the next that was not judged
 */
export function createJudge({ store, clock, keys, machine, offers, go }) {
  const find = (id) => store.claim(id) ?? offers.get(id) ?? null;
  const chosen = () => find(store.state.selected);
  const original = (claim) => machine.get(claim.claim_id);

  /** A statement that is only offered is taken first. */
  function put(claim, patch, burst) {
    if (claim.status === "offered") return store.run(addCommand({ ...claim, ...patch, status: "added" }));
    store.run(claimCommand(claim, judged({ ...claim, ...patch }, original(claim)), burst));
  }

  function right() {
    const claim = chosen();
    if (!claim) return;
    if (claim.status === "offered") put(claim, {});
    if (claim.status === "unseen" || claim.status === "wrong") put(claim, { ...unseen(original(claim)), status: "right" });
    go.onward();
  }

  function ask() {
    const claim = chosen();
    if (!claim || !original(claim)) return;
    store.show({ asking: claim.claim_id, editing: null });
    keys.await(LETTERS, (kind) => (kind === null ? calm() : wrong(kind)));
  }

  function wrong(kind) {
    const claim = chosen();
    keys.calm();
    store.show({ asking: null });
    if (!claim) return;
    put(claim, { ...unseen(original(claim)), status: "wrong", error_kind: kind, critique: claim.critique });
    go.onward();
  }

  function calm() {
    keys.calm();
    store.show({ asking: null });
  }

  function edit(field = "text") {
    const claim = chosen();
    if (claim) store.show({ editing: { id: claim.claim_id, field }, asking: null });
  }

  /** Text as it is typed. What is back to the machine's words is not edited any more. */
  function write(claim, text) {
    const status = original(claim) ? "edited" : "added";
    put(claim, { text, status }, `text:${claim.claim_id}`);
  }

  function add(more = {}) {
    const { start_us: first, end_us: last } = clock.footage;
    const start_us = clock.footage.still ? first : first + clock.at_us;
    const near = chosen()?.facet;
    const claim = {
      claim_id: madeId(), status: "added", facet: clock.footage.still ? "subject" : LANES.includes(near) ? near : "action", start_us,
      end_us: clock.footage.still ? last : Math.min(start_us + ADDED_US, last), text: "", error_kind: null, critique: null, ...more,
    };
    const after = store.state.draft.claims.findIndex((other) => other.start_us > claim.start_us && other.status === "added");
    store.run(addCommand(claim, after < 0 ? store.state.draft.claims.length : after));
    clock.pause();
    store.show({ selected: claim.claim_id, editing: { id: claim.claim_id, field: "text" }, asking: null });
    return claim;
  }

  function clear() {
    const claim = chosen();
    if (!claim || claim.status === "unseen" || claim.status === "offered") return;
    if (claim.status !== "added") return put(claim, unseen(original(claim)));
    const { claims } = store.state.draft;
    const at = claims.indexOf(claim);
    store.run(removeCommand(claim, at));
    store.show({ editing: null });
    if (!offers.has(claim.claim_id)) go.select((claims[at + 1] ?? claims[at - 1])?.claim_id ?? null);
  }

  /** Leave the field; a statement that was added and has no words goes. */
  function leave() {
    const { editing, asking } = store.state;
    if (asking) return calm();
    if (!editing) return go.select(null);
    const claim = store.claim(editing.id);
    store.show({ editing: null });
    if (claim?.status === "added" && claim.text.trim() === "") clear();
  }

  /** All statements that nobody judged are taken as right, and that they were taken together is kept. */
  function rest() {
    const parts = store.state.draft.claims
      .filter((claim) => claim.status === "unseen")
      .map((claim) => claimCommand(claim, { ...claim, status: "right" }));
    store.run(manyCommand([...parts, restCommand(store.state.draft.accepted_rest, true)]));
  }

  return {
    right, ask, wrong, edit, write, add, clear, leave, rest, calm,
    critique: (claim, text) => put(claim, { critique: text.trim() === "" ? null : text }, `critique:${claim.claim_id}`),
    kind: (claim, kind) => put(claim, { error_kind: kind }),
    facet: (claim, facet) => put(claim, { facet, status: original(claim) ? "edited" : "added" }),
    /** Another person's version of a statement, as it is. */
    take: (claim, version) => store.run(store.claim(claim.claim_id) ? claimCommand(claim, version) : addCommand(version)),
    chosen, find,
  };
}
