/** A draft goes to the server within a second, and to the browser at once; the lease is kept alive beside it. */

import { Offline, Refused } from "./api.js";

const SHELF_MS = 100;
const SAVE_MS = 300;
const AGAIN_MS = [1000, 2000, 4000, 8000];

/** The newer of what the server and what the browser has of one item. */
export function newest(work, shelved) {
  const ours = shelved && shelved.phase === work.item.phase && shelved.seq > work.seq;
  return ours ? { draft: shelved.draft, seq: shelved.seq } : { draft: work.draft, seq: work.seq };
}

/**
 * @param on `state(name)`: saved, saving, offline; `lost(problem)`: the lease is gone; `stranger()`: log in again;
 *   `renew()`: the token of the session may have changed
 * @param read gives the draft as it is now
 */
export function createSync({ api, shelf, user, work, seq, read, on }) {
  const id = work.item.item_id;
  const token = work.lease.token;
  let now = seq;
  let saved = work.seq;
  let failures = 0;
  let busy = null;
  let ended = false;
  let [saveTimer, shelfTimer, beatTimer] = [null, null, null];

  const entry = () => ({ user, item_id: id, phase: work.item.phase, seq: now, draft: read() });

  function shelve() {
    shelfTimer = null;
    shelf.put(entry());
  }

  function failed(error) {
    if (error instanceof Offline) return offline();
    if (!(error instanceof Refused)) throw error;
    if (error.status === 409) return lose(error.problem);
    if (error.status === 401) return void on.stranger(); // not waited for: what is typed until then is saved after it
    if (error.status === 403) on.renew();
    offline();
  }

  function offline() {
    on.state("offline");
    schedule(AGAIN_MS[Math.min(failures++, AGAIN_MS.length - 1)]);
  }

  function lose(problem) {
    if (ended) return;
    stop();
    on.lost(problem);
  }

  function schedule(ms) {
    clearTimeout(saveTimer);
    saveTimer = ended ? null : setTimeout(save, ms);
  }

  async function save() {
    saveTimer = null;
    if (busy || ended) return busy;
    busy = send().finally(() => (busy = null));
    return busy;
  }

  async function send() {
    const sent = now;
    on.state("saving");
    try {
      await api.save(id, { token, seq: sent, draft: read() });
    } catch (error) {
      return failed(error);
    }
    failures = 0;
    saved = Math.max(saved, sent);
    if (now > saved) schedule(SAVE_MS);
    else on.state("saved");
  }

  /** A save is a beat as well; and what comes too late to be saved is kept by it. */
  async function beat() {
    if (now > saved) await save();
    else await alive();
    if (!ended) beatTimer = setTimeout(beat, work.lease.beat_ms);
  }

  async function alive() {
    try {
      await api.beat(id, token);
      on.state("saved");
    } catch (error) {
      failed(error);
    }
  }

  /** What is not sent yet is, also when the page goes away. */
  function leave() {
    if (!ended && now > saved) api.save(id, { token, seq: now, draft: read() }, true).catch(() => {});
  }

  function stop() {
    ended = true;
    for (const timer of [saveTimer, shelfTimer, beatTimer]) clearTimeout(timer);
    removeEventListener("pagehide", leave);
    removeEventListener("online", save);
  }

  beatTimer = setTimeout(beat, work.lease.beat_ms);
  addEventListener("pagehide", leave);
  addEventListener("online", save);
  if (now > saved) schedule(0);

  return {
    /** The draft changed. Who never stops typing is saved as often as anybody else. */
    changed() {
      now += 1;
      on.state("saving");
      shelfTimer ??= setTimeout(shelve, SHELF_MS);
      if (failures === 0 && !busy && saveTimer === null) schedule(SAVE_MS);
    },
    /** Wait until nothing is on its way, and stop saving: a submit carries the draft itself. */
    async settle() {
      while (saveTimer !== null || busy) {
        clearTimeout(saveTimer);
        saveTimer = null;
        await busy;
      }
    },
    again: () => schedule(0),
    leave,
    stop,
    done: () => shelf.drop(user, id),
    token,
  };
}
