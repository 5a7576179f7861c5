/** Edges of a statement: where they may go, and the commands that move them. Instants are of the media. */

import { claimCommand } from "./commands.js";

/**
 * A claim with one edge at another instant, inside the clip and at least a frame long. A statement that was right or not
 * judged becomes one that was edited.
 */
export function moved(claim, edge, at_us, clock) {
  const { start_us, end_us } = clock.footage;
  const least = clock.step_us;
  const start = edge === "start" ? Math.min(Math.max(at_us, start_us), claim.end_us - least) : claim.start_us;
  const end = edge === "end" ? Math.max(Math.min(at_us, end_us), claim.start_us + least) : claim.end_us;
  const status = claim.status === "unseen" || claim.status === "right" ? "edited" : claim.status;
  return { ...claim, start_us: Math.max(start, start_us), end_us: Math.min(end, end_us), status };
}

/** The status that a statement has for what it says now: back to the machine's words and span, nothing is edited. */
export function judged(claim, machine) {
  if (claim.status !== "edited" || !machine) return claim;
  const same = ["text", "facet", "start_us", "end_us"].every((name) => claim[name] === machine[name]);
  return same ? { ...claim, status: "unseen" } : claim;
}

/** An instant on the grid of frames, so that a nudge by a frame is one. */
function snapped(at_us, clock) {
  const frame = Math.round(((at_us - clock.footage.start_us) * clock.footage.rate_num) / (clock.footage.rate_den * 1e6));
  return { frame, us: clock.footage.start_us + clock.frame_us(frame) };
}

export function createEdges(store, clock) {
  const chosen = () => store.claim(store.state.selected);

  function put(claim, edge, at_us, burst) {
    const next = moved(claim, edge, at_us, clock);
    if (next.start_us !== claim.start_us || next.end_us !== claim.end_us) store.run(claimCommand(claim, next, burst));
    return next;
  }

  return {
    put,
    /** Set an edge to the playhead: a start before the frame on the screen, an end after it. */
    here(edge) {
      const claim = chosen();
      if (!claim) return;
      const frame = clock.frame + (edge === "end" ? 1 : 0);
      put(claim, edge, clock.footage.start_us + clock.frame_us(frame));
    },
    /** Move an edge by frames, or by microseconds where they are given; the picture shows where it is. */
    nudge(claim, edge, { frames = 0, us = 0 }) {
      if (!claim) return;
      const at = edge === "start" ? claim.start_us : claim.end_us;
      const on_grid = clock.footage.start_us + clock.frame_us(snapped(at, clock).frame + frames);
      const next = put(claim, edge, us ? at + us : on_grid, `${edge}:${claim.claim_id}`);
      clock.pause();
      const end = next.end_us - clock.footage.start_us - clock.step_us;
      clock.seek_us(edge === "start" ? next.start_us - clock.footage.start_us : end);
    },
    chosen,
  };
}

/** What the keys of edges do. */
export function edgeActs(edges) {
  const nudge = (edge, by) => () => edges.nudge(edges.chosen(), edge, by);
  return {
    startHere: () => edges.here("start"),
    endHere: () => edges.here("end"),
    startBack: nudge("start", { frames: -1 }),
    startAhead: nudge("start", { frames: 1 }),
    endBack: nudge("end", { frames: -1 }),
    endAhead: nudge("end", { frames: 1 }),
    startFarBack: nudge("start", { us: -100_000 }),
    startFarAhead: nudge("start", { us: 100_000 }),
    endFarBack: nudge("end", { us: -100_000 }),
    endFarAhead: nudge("end", { us: 100_000 }),
  };
}
