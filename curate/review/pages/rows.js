/** Where spans lie on the lane: a row for each kind of sound and text, and another one where spans of a kind overlap. */

import { LANES } from "./words.js";

/**
 * @param claims statements of the draft
 * @param selected the one that is selected lies on the lane whatever its facet is
 * @returns {{facet: string, claims: object[]}[]} rows, none of which has two spans that overlap
 */
export function laneRows(claims, selected) {
  const shown = [...LANES, ...(selected && !LANES.includes(selected.facet) ? [selected.facet] : [])];
  return shown.flatMap((facet) => {
    const of_facet = LANES.includes(facet) ? claims.filter((claim) => claim.facet === facet) : [selected];
    return stacked(of_facet).map((row) => ({ facet, claims: row }));
  });
}

function stacked(claims) {
  const rows = [];
  for (const claim of [...claims].sort((a, b) => a.start_us - b.start_us || b.end_us - a.end_us)) {
    const row = rows.find((taken) => taken.at(-1).end_us <= claim.start_us);
    if (row) row.push(claim);
    else rows.push([claim]);
  }
  return rows;
}
