/** The draft of one item, what is selected in it, and the log of what was done. */

import { apply, inverse, joined } from "./commands.js";

const BURST_MS = 1500;

/**
 * @param draft a `Draft` of the wire
 * @param log what was done before, where an item is opened again: `{past, future}`
 */
export function createStore(draft, log = { past: [], future: [] }) {
  const listeners = new Set();
  let state = { draft, selected: null, editing: null, asking: null, question: null };
  const past = [...log.past];
  const future = [...log.future];

  function move(next, why) {
    const before = state;
    state = next;
    for (const listener of listeners) listener(state, before, why);
  }

  /** Keys of one burst (typing, nudging) are one step of undo. */
  function remember(command) {
    const last = past.at(-1);
    const fits = command.burst && last?.command.burst === command.burst && Date.now() - last.at < BURST_MS;
    if (fits) past.splice(-1, 1, { command: joined(last.command, command), at: Date.now() });
    else past.push({ command, at: Date.now() });
    future.length = 0;
  }

  function step(from, to, turned) {
    const entry = from.pop();
    if (!entry) return false;
    to.push({ ...entry, at: 0 });
    const command = turned ? inverse(entry.command) : entry.command;
    const draft = apply(state.draft, command);
    const there = draft.claims.some((claim) => claim.claim_id === command.id);
    move({ ...state, draft, editing: null, asking: null, selected: there ? command.id : state.selected }, "draft");
    return true;
  }

  return {
    get state() {
      return state;
    },
    get log() {
      return { past, future };
    },
    /** Do a command, and remember it. */
    run(command) {
      remember(command);
      move({ ...state, draft: apply(state.draft, command) }, "draft");
    },
    /** Take back the last; false where nothing is left. */
    undo: () => step(past, future, true),
    redo: () => step(future, past, false),
    /** What is not work and not undone: selection, which field is open. */
    show(patch) {
      move({ ...state, ...patch }, "view");
    },
    /** Facts that count up by themselves: time at work, whole plays. */
    count(patch) {
      move({ ...state, draft: { ...state.draft, ...patch } }, "count");
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    claim: (id) => state.draft.claims.find((claim) => claim.claim_id === id) ?? null,
  };
}
