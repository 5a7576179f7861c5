/** Requests to the server: JSON both ways, a refusal is thrown as `Refused`, a broken line as `Offline`. */

/** The server said no. `problem` is its `Problem`, or null where it sent none. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem?.error ?? `the server answered ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

/** The server could not be reached, or is down. */
export class Offline extends Error {}

const GATEWAY = new Set([502, 503, 504]);
const PATIENCE_MS = 15000;

async function answer(path, init) {
  try {
    return await fetch(path, { signal: AbortSignal.timeout(PATIENCE_MS), credentials: "same-origin", ...init });
  } catch (error) {
    throw new Offline(error.message, { cause: error });
  }
}

async function body(response) {
  const text = await response.text();
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param {() => string | null} csrf the token of this session */
export function createApi(csrf) {
  async function ask(method, path, json, more = {}) {
    const headers = {};
    if (json !== undefined) headers["Content-Type"] = "application/json";
    if (method !== "GET" && csrf() !== null) headers["X-CSRF"] = csrf();
    const response = await answer(path, { method, headers, body: json && JSON.stringify(json), ...more });
    if (GATEWAY.has(response.status)) throw new Offline(`the server answered ${response.status}`);
    const given = await body(response);
    if (!response.ok) throw new Refused(response.status, given);
    return given;
  }
  const item = (id, what) => `/api/items/${encodeURIComponent(id)}${what ? `/${what}` : ""}`;
  return {
    login: (name, password) => ask("POST", "/api/login", { name, password }),
    logout: () => ask("POST", "/api/logout", {}),
    me: () => ask("GET", "/api/me"),
    next: (phase) => ask("POST", "/api/next", phase ? { phase } : {}),
    beat: (id, token) => ask("POST", item(id, "beat"), { token }),
    save: (id, saving, leaving = false) => ask("PUT", item(id, "draft"), saving, { keepalive: leaving }),
    submit: (id, submitting) => ask("POST", item(id, "submit"), submitting),
    release: (id, token, reason) => ask("POST", item(id, "release"), { token, reason }),
    undo: (id) => ask("POST", item(id, "undo"), {}),
    items: (query) => ask("GET", `/api/items?${new URLSearchParams(query)}`),
    item: (id) => ask("GET", item(id)),
    figures: () => ask("GET", "/api/figures"),
    users: () => ask("GET", "/api/users"),
    makeUser: (user) => ask("POST", "/api/users", user),
    audit: (after) => ask("GET", `/api/audit?after=${after}`),
    footage: (id, what) => item(id, what),
  };
}
