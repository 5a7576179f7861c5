/** Elements without a framework. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element. A property `onclick` is a listener, `class` and everything else an attribute; `true` is an empty
 * attribute, `null`, `undefined` and `false` none. Children may be nested, and absent ones are left out.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) set(element, name, value);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, name, value) {
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "value") element.value = value;
  else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
}

/** Replace all children. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Words for screen readers alone. */
export const spoken = (text) => h("span", { class: "spoken" }, text);

/** A key as it is printed. */
export const key = (name) => h("kbd", {}, name);

const PATHS = {
  right: "M3 8.5 6.5 12 13 4.5",
  wrong: "M4 4l8 8M12 4l-8 8",
  edited: "M3 13l.8-3L11 2.8l2.2 2.2L6 12.2z",
  added: "M8 3v10M3 8h10",
  offered: "M2.5 8h9M8 4l4 4-4 4",
  unseen: "M8 3.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6z",
  play: "M5 3l8 5-8 5z",
  pause: "M5.5 3v10M10.5 3v10",
  back: "M11 3 5 8l6 5M3.5 3v10",
  ahead: "M5 3l6 5-6 5M12.5 3v10",
  start: "M12 3 6 8l6 5zM4 3v10",
  sound: "M3 6v4h2.5L9 13V3L5.5 6zM11 5.5a3.5 3.5 0 0 1 0 5",
  silent: "M3 6v4h2.5L9 13V3L5.5 6zM11 6l4 4M15 6l-4 4",
  loop: "M4 6.5h7.5L9.5 4.5M12 9.5H4.5l2 2",
  ask: "M5.5 6a2.5 2.5 0 1 1 3.4 2.3c-.6.3-.9.7-.9 1.4M8 12.2v.3",
  close: "M4 4l8 8M12 4l-8 8",
  closer: "M7 3.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM9.5 9.5 13 13M7 5.5v3M5.5 7h3",
  farther: "M7 3.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM9.5 9.5 13 13M5.5 7h3",
  undo: "M5.5 3 3 5.5 5.5 8M3 5.5h6a4 4 0 0 1 0 8H6",
  redo: "M10.5 3 13 5.5 10.5 8M13 5.5H7a4 4 0 0 0 0 8h3",
};

/** A small drawing of 16 x 16; what it means is said by the words beside it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [attribute, value] of [["viewBox", "0 0 16 16"], ["class", `icon icon-${name}`], ["aria-hidden", "true"]])
    svg.setAttribute(attribute, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
