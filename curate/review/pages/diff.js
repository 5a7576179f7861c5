/** What changed between two texts, word by word. */

const words = (text) => text.match(/\S+/g) ?? [];

/** Lengths of the longest common subsequence of all tails of both. */
function tails(before, after) {
  const width = after.length + 1;
  const table = new Uint16Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      table[i * width + j] =
        before[i] === after[j]
          ? table[(i + 1) * width + j + 1] + 1
          : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
  return (i, j) => table[i * width + j];
}

/**
 * Runs of words that are kept, taken out or put in.
 * @returns {{kind: "same" | "out" | "in", text: string}[]}
 */
export function wordDiff(before, after) {
  const [a, b] = [words(before), words(after)];
  const common = tails(a, b);
  const runs = [];
  const put = (kind, word) => {
    const last = runs.at(-1);
    if (last?.kind === kind) last.text += ` ${word}`;
    else runs.push({ kind, text: word });
  };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) (put("same", a[i]), i++, j++);
    else if (i < a.length && (j === b.length || common(i + 1, j) >= common(i, j + 1))) put("out", a[i++]);
    else put("in", b[j++]);
  }
  return runs;
}

const bare = (text) => new Set(words(text.toLowerCase().replace(/[^\p{L}\p{N}\s]/gu, " ")));

/** How much two texts say alike: shared words over all words, 0..1. */
export function likeness(one, other) {
  const [a, b] = [bare(one), bare(other)];
  const shared = [...a].filter((word) => b.has(word)).length;
  return shared === 0 ? 0 : shared / (a.size + b.size - shared);
}
