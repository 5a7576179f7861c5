/**
 * Keys. A single letter never fires while somebody types: in a text field a command needs Alt, or is bound to Ctrl or
 * Escape. A dialog that is open keeps all keys to itself.
 */

const TYPED = new Set(["text", "search", "password", "email", "number", "url"]);
const OWN = new Set([" ", "Enter"]);

/** Whether keys make letters here. */
export function typing(element) {
  if (element instanceof HTMLTextAreaElement || element?.isContentEditable) return true;
  return element instanceof HTMLInputElement && TYPED.has(element.type);
}

/** Whether an element wants a key for itself: a button its space, a list its letters. */
function owned(element, key) {
  if (element instanceof HTMLSelectElement || element instanceof HTMLInputElement) return key !== "Escape";
  if (element.getAttribute?.("role") === "slider") return key.startsWith("Arrow") || key.startsWith("Page");
  return OWN.has(key) && (element instanceof HTMLButtonElement || element instanceof HTMLAnchorElement || element.tagName === "SUMMARY");
}

const SIGNS = { BracketLeft: "[{", BracketRight: "]}", Comma: ",<", Period: ".>", Slash: "/?" };

/** What a key writes, or, where that is no ASCII (other scripts, Alt on a Mac), what is on its place in the Latin layout. */
function letterOf({ key, code, shiftKey }) {
  if (key !== "Dead" && (key.length > 1 || key <= "~")) return key;
  return code.match(/^Key([A-Z])$/)?.[1] ?? SIGNS[code]?.[Number(shiftKey)] ?? key;
}

/** The name of a key as bindings write it: `Ctrl+Enter`, `Shift+ArrowLeft`, `R`, `?`. */
export function named(event) {
  const letter = letterOf(event);
  const name = letter === " " ? "Space" : letter.length === 1 ? letter.toUpperCase() : letter;
  const shift = event.shiftKey && (letter.length > 1 || /\p{L}/u.test(letter) || letter === " ");
  return [(event.ctrlKey || event.metaKey) && "Ctrl", event.altKey && "Alt", shift && "Shift", name].filter(Boolean).join("+");
}

/**
 * @param bindings `{keys, does, words, group, typing?}`
 * @param acts what a command does, by its name; a name that is missing does nothing
 */
export function createKeys(bindings) {
  let acts = {};
  let single = true;
  let awaited = null;

  function meant(event) {
    const name = named(event);
    const inField = typing(event.target);
    const chord = event.ctrlKey || event.metaKey || event.altKey;
    if (!inField && !chord && owned(event.target, event.key)) return null;
    const plain = bindings.find((binding) => binding.keys.includes(name));
    if (plain && (name.startsWith("Ctrl+") || name === "Escape")) return inField && plain.outside ? null : plain;
    if (!name.startsWith("Alt+")) return inField || !single ? null : plain;
    const bare = name.slice(4);
    return bindings.find((binding) => binding.keys.includes(bare) && (!inField || binding.typing));
  }

  function pressed(event) {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    if (awaited && !typing(event.target) && !event.ctrlKey && !event.altKey && take(event)) return;
    const binding = meant(event);
    const act = binding && acts[binding.does];
    if (!act || (event.repeat && !binding.repeats)) return;
    event.preventDefault();
    act(event);
  }

  /** One letter after another key. */
  function take(event) {
    const found = awaited.letters[letterOf(event).toLowerCase()];
    if (event.key !== "Escape" && found === undefined) return false;
    event.preventDefault();
    const { then } = awaited;
    awaited = null;
    then(event.key === "Escape" ? null : found);
    return true;
  }

  document.addEventListener("keydown", pressed);
  return {
    bindings,
    use: (next) => ((acts = next), (awaited = null)),
    /** Take the next key, if it is one of these letters; `null` is Escape. */
    await: (letters, then) => (awaited = { letters, then }),
    calm: () => (awaited = null),
    get single() {
      return single;
    },
    set single(on) {
      single = on;
    },
  };
}
