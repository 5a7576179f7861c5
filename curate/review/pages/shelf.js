/** Drafts in the browser (IndexedDB), for when the server cannot be reached or the browser dies. */

const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function opened() {
  const request = indexedDB.open("retold-review", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("drafts", { keyPath: ["user", "item_id"] });
  return settled(request);
}

/** A shelf that holds nothing, where a browser refuses IndexedDB (a private window). */
const NONE = { get: async () => null, put: async () => {}, drop: async () => {} };

/** @returns drafts by user and item: `{user, item_id, phase, seq, draft}` */
export async function openShelf() {
  let database;
  try {
    database = await opened();
  } catch (error) {
    if (error instanceof DOMException) return NONE;
    throw error;
  }
  const drafts = (mode) => database.transaction("drafts", mode, { durability: "strict" }).objectStore("drafts");
  return {
    get: async (user, item) => (await settled(drafts("readonly").get([user, item]))) ?? null,
    put: (entry) => settled(drafts("readwrite").put(entry)),
    drop: (user, item) => settled(drafts("readwrite").delete([user, item])),
  };
}
