/** The clip with its controls. All of them are keys as well. */

import { keyOf } from "./bindings.js";
import { fill, h, icon, spoken } from "./dom.js";
import { seconds } from "./words.js";

export const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];

const button = (name, label, does, act) =>
  h("button", { type: "button", class: "tool", title: `${label} (${keyOf(does)})`, onclick: act }, icon(name), spoken(label));

/** What the keys of the clip do. */
export function playerActs(clock) {
  const { video } = clock;
  const speed = (by) => {
    const at = SPEEDS.indexOf(video.playbackRate);
    video.playbackRate = SPEEDS[Math.min(Math.max((at < 0 ? 3 : at) + by, 0), SPEEDS.length - 1)];
  };
  const move = (us) => clock.seek_us(clock.head_us + us);
  const acts = {
    play: () => (video.paused ? clock.play() : clock.pause()),
    whole: () => (clock.free(), clock.show(0), clock.play()),
    frameBack: () => clock.step(-1),
    frameAhead: () => clock.step(1),
    back: () => move(-100_000),
    ahead: () => move(100_000),
    farBack: () => move(-1_000_000),
    farAhead: () => move(1_000_000),
    slower: () => speed(-1),
    faster: () => speed(1),
    mute: () => (video.muted = !video.muted),
  };
  const still = () => !clock.footage || clock.footage.still;
  return Object.fromEntries(Object.entries(acts).map(([name, act]) => [name, () => still() || act()]));
}

/** @returns the element and `refresh()`, which shows what the clock says */
export function createPlayer(clock, acts) {
  const play = button("play", "Play", "play", acts.play);
  const mute = button("sound", "Sound off", "mute", acts.mute);
  let pointed = false;
  const clockText = h("span", { class: "now", role: "timer", "aria-live": "off" });
  const speed = h("select", { class: "speed", "aria-label": "Speed", title: "Speed (< >)", onpointerdown: () => (pointed = true), onkeydown: () => (pointed = false), onchange: picked },
    SPEEDS.map((rate) => h("option", { value: rate }, `${rate}×`)));
  const controls = h("div", { class: "controls", role: "group", "aria-label": "Clip" },
    button("start", "Play the whole clip", "whole", acts.whole),
    button("back", "A frame back", "frameBack", acts.frameBack),
    play,
    button("ahead", "A frame on", "frameAhead", acts.frameAhead),
    clockText, speed, mute);
  const notice = h("p", { class: "notice", hidden: true });
  const element = h("div", { class: "player" }, h("div", { class: "screen" }, clock.video), notice, controls);

  /** Who picks with the mouse has the keys back at once. */
  function picked() {
    clock.video.playbackRate = Number(speed.value);
    if (pointed) speed.blur();
  }

  function swap(holder, name, label, does) {
    if (holder.dataset.shows === name) return;
    holder.dataset.shows = name;
    holder.title = `${label} (${keyOf(does)})`;
    fill(holder, icon(name), spoken(label));
  }

  function refresh() {
    const { footage, video } = clock;
    if (!footage) return;
    element.classList.toggle("still", footage.still);
    controls.hidden = footage.still;
    mute.hidden = !footage.sound;
    swap(play, video.paused ? "play" : "pause", video.paused ? "Play" : "Pause", "play");
    swap(mute, video.muted ? "silent" : "sound", video.muted ? "Sound on" : "Sound off", "mute");
    speed.value = String(video.playbackRate);
    const text = `${seconds(clock.at_us)} / ${seconds(clock.length_us)} · frame ${clock.frame}`;
    if (clockText.textContent !== text) clockText.textContent = text;
  }

  clock.video.addEventListener("error", () => {
    if (!clock.footage || !clock.video.error) return;
    notice.hidden = false;
    fill(notice, "The clip cannot be played. ", h("button", { type: "button", class: "plain", onclick: () => ((notice.hidden = true), clock.video.load()) }, "Try again"));
  });
  clock.video.addEventListener("loadeddata", () => (notice.hidden = true));
  return { element, controls, refresh };
}
