/** The waveform: int8 pairs (lowest, highest) at equal steps over the whole clip, drawn where the lane shows them. */

/** The pairs of a clip, or null where it has no sound. */
export async function fetchPeaks(path) {
  const response = await fetch(path, { credentials: "same-origin" });
  if (!response.ok) return null;
  const bytes = await response.arrayBuffer();
  return bytes.byteLength < 2 ? null : new Int8Array(bytes);
}

/** Lowest and highest of the pairs that fall on one column of pixels. */
function extent(pairs, from, to) {
  let [low, high] = [127, -128];
  for (let i = Math.floor(from); i < Math.max(Math.floor(from) + 1, to); i++) {
    low = Math.min(low, pairs[2 * i] ?? 0);
    high = Math.max(high, pairs[2 * i + 1] ?? 0);
  }
  return [low, high];
}

/**
 * Draw the part of the waveform between two shares (0..1) of the clip over the whole canvas.
 * @param colour of the wave
 */
export function drawPeaks(canvas, pairs, from, to, colour) {
  const scale = devicePixelRatio || 1;
  const [width, height] = [Math.round(canvas.clientWidth * scale), Math.round(canvas.clientHeight * scale)];
  if (width === 0 || height === 0) return;
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d");
  context.fillStyle = colour;
  if (!pairs) return context.fillRect(0, height / 2, width, 1);
  const per = ((to - from) * (pairs.length / 2)) / width;
  for (let x = 0; x < width; x++) {
    const at = from * (pairs.length / 2) + x * per;
    const [low, high] = extent(pairs, at, at + per);
    const top = height / 2 - (high / 128) * (height / 2);
    context.fillRect(x, top, 1, Math.max(scale, ((high - low) / 128) * (height / 2)));
  }
}
