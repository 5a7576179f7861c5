/** Counts how often a clip was seen and heard from end to end: nothing skipped, at speed 1 or less, not muted, in sight. */

/** @param whole called after each whole play */
export function createWatched(clock, whole) {
  const { video } = clock;
  let honest = false;

  const atStart = () => video.currentTime < (2 * clock.step_us) / 1e6;
  const heard = () => !clock.footage.sound || (!video.muted && video.volume > 0);
  const fair = () => video.playbackRate <= 1 && heard() && document.visibilityState === "visible";
  const begin = () => clock.footage && (honest = atStart() ? fair() : honest && fair());
  const spoil = () => (honest &&= clock.footage !== null && fair());
  const finish = () => {
    if (honest) whole();
    honest = false;
  };

  video.addEventListener("play", begin);
  video.addEventListener("seeking", () => (honest = clock.footage !== null && atStart() && fair()));
  video.addEventListener("ended", finish, { capture: true });
  for (const change of ["ratechange", "volumechange"]) video.addEventListener(change, spoil);
  document.addEventListener("visibilitychange", spoil);
  video.addEventListener("emptied", () => (honest = false));
}
