/**
 * Which key does what. `typing`: also from a text field, with Alt. `repeats`: goes on while the key is held.
 * `outside`: never in a text field, which has its own.
 */

const bind = (group, keys, does, words, more = {}) => ({ group, keys, does, words, ...more });
const held = { typing: true, repeats: true };

export const BINDINGS = [
  bind("Judge", ["R"], "right", "the statement is right"),
  bind("Judge", ["W"], "wrong", "it is wrong; then the letter of the error"),
  bind("Judge", ["Y"], "critique", "write why it is wrong"),
  bind("Judge", ["E"], "edit", "change its text"),
  bind("Judge", ["A"], "add", "add a statement at the playhead"),
  bind("Judge", ["Backspace", "Delete"], "clear", "take the mark off, or an added statement out"),
  bind("Judge", ["Shift+A"], "rest", "accept all that is left"),
  bind("Judge", ["1", "2", "3", "4", "5", "6", "7", "8", "9"], "pick", "take the version, or the answer, of that number"),
  bind("Go", ["J", "ArrowDown"], "next", "next statement", { repeats: true }),
  bind("Go", ["K", "ArrowUp"], "previous", "statement before", { repeats: true }),
  bind("Go", ["G"], "unseen", "next statement that was not judged"),
  bind("Go", ["Q"], "question", "next failed question"),
  bind("Go", ["F"], "facets", "to the facets; Enter changes one"),
  bind("Go", ["Escape"], "leave", "leave a text field; select nothing"),
  bind("Clip", ["Space", "Ctrl+Space"], "play", "play, pause", { typing: true }),
  bind("Clip", ["P"], "whole", "play the whole clip from its start", { typing: true }),
  bind("Clip", [","], "frameBack", "a frame back", held),
  bind("Clip", ["."], "frameAhead", "a frame on", held),
  bind("Clip", ["ArrowLeft"], "back", "100 ms back", held),
  bind("Clip", ["ArrowRight"], "ahead", "100 ms on", held),
  bind("Clip", ["Shift+ArrowLeft"], "farBack", "1 s back", held),
  bind("Clip", ["Shift+ArrowRight"], "farAhead", "1 s on", held),
  bind("Clip", ["<"], "slower", "slower", { typing: true }),
  bind("Clip", [">"], "faster", "faster", { typing: true }),
  bind("Clip", ["M"], "mute", "sound on, off"),
  bind("Clip", ["N"], "note", "note at the playhead, while it plays"),
  bind("Edges", ["["], "startHere", "it begins at this frame", { typing: true }),
  bind("Edges", ["]"], "endHere", "it ends after this frame", { typing: true }),
  bind("Edges", ["Z"], "startBack", "start a frame earlier", { repeats: true }),
  bind("Edges", ["X"], "startAhead", "start a frame later", { repeats: true }),
  bind("Edges", ["C"], "endBack", "end a frame earlier", { repeats: true }),
  bind("Edges", ["V"], "endAhead", "end a frame later", { repeats: true }),
  bind("Edges", ["Shift+Z"], "startFarBack", "start 100 ms earlier", { repeats: true }),
  bind("Edges", ["Shift+X"], "startFarAhead", "start 100 ms later", { repeats: true }),
  bind("Edges", ["Shift+C"], "endFarBack", "end 100 ms earlier", { repeats: true }),
  bind("Edges", ["Shift+V"], "endFarAhead", "end 100 ms later", { repeats: true }),
  bind("Edges", ["+", "="], "closer", "zoom into the lane", { repeats: true }),
  bind("Edges", ["-"], "farther", "zoom out", { repeats: true }),
  bind("Item", ["U", "Ctrl+Z"], "undo", "undo; after the last step also the last submit", { outside: true }),
  bind("Item", ["Shift+U", "Ctrl+Shift+Z", "Ctrl+Y"], "redo", "redo", { outside: true }),
  bind("Item", ["Ctrl+Enter"], "submit", "submit, and go to the next item"),
  bind("Item", ["B"], "giveBack", "give the item back"),
  bind("Item", ["?"], "help", "these keys"),
];

export const GROUPS = ["Judge", "Go", "Clip", "Edges", "Item"];

const SIGNS = {
  ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Shift: "⇧", Escape: "Esc", Backspace: "⌫", Delete: "Del",
};

/** A key as it is printed: `⇧ ←`. */
export const printed = (name) => (name === "+" ? "+" : name.split("+").map((part) => SIGNS[part] ?? part).join(" "));

/** The first key of a command, printed. */
export const keyOf = (does) => printed(BINDINGS.find((binding) => binding.does === does).keys[0]);
