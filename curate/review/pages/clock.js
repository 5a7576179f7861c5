/** The one clock of the page: a `<video>`, read in frames of its proxy. Frame k is shown in [k, k + 1) * den / num s. */

const SHORTEST_LOOP_S = 0.5;
const TURN_MS = 150;

/** @returns what all parts of the page know of time; instants are microseconds from the start of the clip */
export function createClock(video) {
  const listeners = new Set();
  let footage = null;
  let shown = 0;
  let wanted = null;
  let loop = null;
  let turning = 0;

  const period = () => footage.rate_den / footage.rate_num;
  const length_us = () => (footage ? footage.end_us - footage.start_us : 0);
  const bounded = (frame) => Math.min(Math.max(Math.round(frame), 0), footage.frames - 1);
  const tell = () => listeners.forEach((listener) => listener());

  function show(frame) {
    clearTimeout(turning);
    wanted = bounded(frame);
    video.currentTime = (wanted + 0.5) * period();
    if (!video.paused) shown = wanted;
    tell();
  }

  /** A frame of before a seek that is under way says nothing. */
  function presented(mediaTime) {
    if (footage === null) return;
    const frame = bounded(mediaTime / period());
    if (video.seeking && frame !== wanted) return;
    [shown, wanted] = [frame, null];
    if (loop && !video.paused) turn();
    tell();
  }

  /** Back to the start of the loop as its end is reached: by the clock, so that nothing is heard that is not in it. */
  function turn() {
    clearTimeout(turning);
    const left_ms = ((loop.end * period() - video.currentTime) / video.playbackRate) * 1000;
    const back = () => loop && !video.paused && !video.seeking && show(loop.start);
    if (left_ms <= 0 || shown >= loop.end) back();
    else if (left_ms < TURN_MS && loop.end < footage.frames) turning = setTimeout(back, left_ms);
  }

  /** Where a browser does not say which frame it shows, its time does. */
  function watch() {
    if (!("requestVideoFrameCallback" in video)) return video.addEventListener("timeupdate", () => presented(video.currentTime - period() / 2));
    const next = (_, data) => (presented(data.mediaTime), video.requestVideoFrameCallback(next));
    video.requestVideoFrameCallback(next);
  }

  function ended() {
    if (!loop) return tell();
    show(loop.start);
    video.play();
  }

  video.addEventListener("ended", ended);
  for (const change of ["play", "pause", "ratechange", "volumechange", "loadeddata", "seeked"]) video.addEventListener(change, tell);
  watch();

  return {
    video,
    get footage() {
      return footage;
    },
    /** The frame on the screen, or the one that was asked for last. */
    get frame() {
      return wanted ?? shown;
    },
    get length_us() {
      return length_us();
    },
    /** Where the first instant of the frame on the screen is, from the start of the clip. */
    get at_us() {
      return this.frame_us(this.frame);
    },
    /** Where the head is, finer than frames while it plays. */
    get head_us() {
      return video.paused || wanted !== null ? (this.frame + 0.5) * period() * 1e6 : video.currentTime * 1e6;
    },
    get looping() {
      return loop !== null;
    },
    frame_us: (frame) => Math.min(Math.round((frame * footage.rate_den * 1e6) / footage.rate_num), length_us()),
    frame_at: (us) => bounded(Math.floor((us / 1e6) / period() + 1e-3)),
    get step_us() {
      return Math.round(period() * 1e6);
    },
    open(next, source) {
      [footage, shown, wanted, loop] = [next, 0, null, null];
      video.src = source;
      tell();
    },
    close() {
      video.pause();
      footage = null;
      video.removeAttribute("src");
      video.load();
    },
    show,
    step: (frames) => (video.pause(), show((wanted ?? shown) + frames)),
    seek_us(us) {
      show(this.frame_at(Math.max(0, us)));
    },
    /** Repeat a span; a very short one with a little before and after it. */
    loop_us(start_us, end_us) {
      const lack = Math.max(0, SHORTEST_LOOP_S - (end_us - start_us) / 1e6) / 2 / period();
      const start = bounded((start_us / 1e6) / period() - lack + 1e-3);
      const end = Math.max(start + 1, Math.ceil((end_us / 1e6) / period() + lack - 1e-3));
      const goes_on = loop?.start === start && loop.end === end && !video.paused;
      loop = { start, end };
      if (!goes_on) show(start);
    },
    free() {
      loop = null;
      tell();
    },
    play: () => video.play().catch((error) => error.name === "AbortError" || tell()),
    pause: () => video.pause(),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
