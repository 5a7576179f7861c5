"use strict";
(() => {
  const clips = [...document.querySelectorAll(".clip")];
  const field = document.getElementById("find");
  if (!clips.length || !field) return;
  const found = document.getElementById("found");
  const nothing = document.getElementById("nothing");
  const buttons = [...document.querySelectorAll("[data-show]")];
  const heads = new Map(clips.map((clip) => [clip, clip.closest(".media").querySelector(".media-head").textContent]));
  const written = new Map(clips.map((clip) => [clip, `${heads.get(clip)} ${clip.textContent}`.toLowerCase()]));
  let show = "all";
  let at = -1;

  const wanted = (clip) =>
    show === "all" || (show === "flagged" ? "flagged" in clip.dataset : clip.dataset.state === show);

  function filter() {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const clip of clips) {
      clip.hidden = !(wanted(clip) && words.every((word) => written.get(clip).includes(word)));
      count += clip.hidden ? 0 : 1;
    }
    for (const media of document.querySelectorAll(".media")) {
      media.hidden = !media.querySelector(".clip:not([hidden])");
    }
    found.textContent = `${count} of ${clips.length} clips`;
    nothing.hidden = count > 0;
  }

  function go(step) {
    const seen = clips.filter((clip) => !clip.hidden);
    if (!seen.length) return;
    let next = seen.findIndex((clip) => clips.indexOf(clip) > at);
    if (step < 0) next = seen.findLastIndex((clip) => clips.indexOf(clip) < at);
    if (next < 0) next = step > 0 ? seen.length - 1 : 0;
    choose(seen[next], true);
  }

  function choose(clip, scroll) {
    clips[at]?.classList.remove("at");
    at = clips.indexOf(clip);
    clip.classList.add("at");
    if (!scroll) return;
    clip.scrollIntoView({ block: "start" });
    clip.focus({ preventScroll: true });
    history.replaceState(null, "", `#${clip.id}`);
  }

  field.addEventListener("input", filter);
  for (const button of buttons) {
    button.addEventListener("click", () => {
      show = button.dataset.show;
      for (const one of buttons) one.setAttribute("aria-pressed", String(one === button));
      filter();
    });
  }
  for (const link of document.querySelectorAll("[data-find]")) {
    link.addEventListener("click", () => {
      field.value = link.dataset.find;
      filter();
      field.scrollIntoView({ block: "start" });
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === field) {
      if (event.key === "Escape") {
        field.value = "";
        filter();
        field.blur();
      }
      return;
    }
    if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
    else if (event.key === "/") {
      event.preventDefault();
      field.focus();
    }
  });

  function clock(us) {
    const ms = Math.round(us / 1000);
    const hours = Math.floor(ms / 3600000);
    const minutes = Math.floor(ms / 60000) % 60;
    const seconds = ((ms % 60000) / 1000).toFixed(3).padStart(6, "0");
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
  }

  for (const clip of clips) {
    const plots = clip.querySelector(".plots");
    if (!plots) continue;
    const from = Number(plots.dataset.from);
    const length = Number(plots.dataset.to) - from;
    const over = plots.querySelector(".over");
    const cursor = plots.querySelector(".cursor");
    const band = plots.querySelector(".band");

    plots.addEventListener("pointermove", (event) => {
      const box = over.getBoundingClientRect();
      const share = (event.clientX - box.left) / box.width;
      cursor.hidden = share < 0 || share > 1;
      cursor.style.left = `${100 * share}%`;
      cursor.firstElementChild.textContent = clock(from + share * length);
    });
    plots.addEventListener("pointerleave", () => {
      cursor.hidden = true;
    });
    clip.addEventListener("pointerover", (event) => {
      const thing = event.target.closest("[data-start]");
      band.hidden = !thing;
      if (!thing) return;
      const left = Math.max(0, (Number(thing.dataset.start) - from) / length);
      const right = Math.min(1, (Number(thing.dataset.end) - from) / length);
      band.style.left = `${100 * left}%`;
      band.style.width = `${100 * Math.max(0, right - left)}%`;
    });
    clip.addEventListener("pointerleave", () => {
      band.hidden = true;
    });
    clip.addEventListener("click", () => choose(clip, false));
  }

  const sheet = (of) => document.querySelector(`#${of} .sheet img`).src;
  for (const twin of document.querySelectorAll("img[data-of]")) twin.src = sheet(twin.dataset.of);
  for (const peek of document.querySelectorAll(".peek")) {
    const [across, down, frames] = ["across", "down", "frames"].map((name) => Number(peek.dataset[name]));
    const picture = peek.firstElementChild;
    const turn = (frame) => {
      const x = across > 1 ? (frame % across) / (across - 1) : 0;
      const y = down > 1 ? Math.floor(frame / across) / (down - 1) : 0;
      picture.style.backgroundPosition = `${100 * x}% ${100 * y}%`;
    };
    const rest = () => turn(Math.floor(frames / 2));
    picture.style.backgroundImage = `url("${sheet(peek.dataset.of)}")`;
    peek.addEventListener("pointermove", (event) => {
      const box = peek.getBoundingClientRect();
      const share = (event.clientX - box.left) / box.width;
      turn(Math.min(frames - 1, Math.max(0, Math.floor(share * frames))));
    });
    peek.addEventListener("pointerleave", rest);
    rest();
  }

  const named = clips.find((clip) => `#${clip.id}` === location.hash);
  if (named) choose(named, false);
  filter();
})();
