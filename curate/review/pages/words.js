/** What facets, kinds of error and states are called on the page, and the letter of each kind of error. */

/** Facet: its name, and what belongs to it. */
export const FACETS = {
  shot: ["Shot", "How many shots there are, where they are cut, how big things are in them."],
  subject: ["Subject", "Who or what is seen: how they look, what they wear, how many they are."],
  action: ["Action", "What happens, in which order, how fast, in which direction."],
  setting: ["Setting", "Where it is, what stands around, the time of day."],
  light: ["Light", "Where light comes from, how hard, how bright, how it changes."],
  colour: ["Colour", "The colours that rule the picture, and where they are."],
  camera: ["Camera", "Size of shot, angle, lens, how it moves and how fast."],
  text: ["Text", "What is written in the picture, letter by letter, and where."],
  speech: ["Speech", "What is said, word by word, by whom and in which manner."],
  event: ["Sound event", "What is heard once: steps, a door, a horn; from where."],
  music: ["Music", "Instruments, tempo, key, mood; where it begins and ends."],
  ambience: ["Ambience", "What sounds all the time: wind, traffic, a room."],
  first_frame: ["First frame", "The picture that it begins with."],
  last_frame: ["Last frame", "The picture that it ends with."],
  overlay: ["Overlay", "Titles, logos, watermarks, borders laid over the picture."],
  absence: ["Absence", "What one would expect and is not there: no speech, no music."],
};

/** Facets that lie on the lane under the waveform. */
export const LANES = ["speech", "event", "music", "ambience", "text"];

/** Kind of error: its letter after W, and its name. */
export const ERROR_KINDS = {
  colour: ["c", "colour"],
  count: ["n", "count"],
  direction: ["d", "direction"],
  order: ["o", "order"],
  time: ["t", "time"],
  missing: ["m", "missing"],
  invented: ["i", "invented"],
  word: ["w", "word"],
  speaker: ["s", "speaker"],
  text: ["x", "text on screen"],
  camera: ["k", "camera"],
  attribute: ["a", "attribute"],
  repetition: ["r", "repetition"],
  other: ["e", "something else"],
};

export const STATUS = { unseen: "unseen", right: "right", wrong: "wrong", edited: "edited", added: "added", offered: "offered" };

export const MODES = { triage: "Triage", scratch: "From scratch", blind: "Blind reading" };

export const STATES = { open: "Open", adjudication: "In adjudication", settled: "Settled", withdrawn: "Withdrawn" };

/** Microseconds as people read them. */
export const seconds = (us) => `${(us / 1e6).toFixed(2)} s`;

/** A span from the start of the clip. */
export const span = (start_us, end_us) => `${(start_us / 1e6).toFixed(2)}–${(end_us / 1e6).toFixed(2)} s`;

/** A clip as people tell it from others: how the hash of its media begins, and its span. */
export const clipName = (clip_id) =>
  clip_id.replace(/^(\w{12})\w*\/(\d+)-(\d+)$/, (_, media, start_us, end_us) => `${media} ${span(start_us, end_us)}`);

export const facetName = (facet) => FACETS[facet]?.[0] ?? facet;

/** `1 statement`, `2 statements`. */
export const count = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;
