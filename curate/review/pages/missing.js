/** What a submit lacks, as the server would say it, and where on the page it is. */

import { openFacets } from "./facets.js";
import { count, facetName } from "./words.js";

const JUDGED = new Set(["work", "merge", "adjudicate"]);
const TAUGHT = new Set(["edited", "added"]);

/** Times that the clip has to be seen whole. The server's policy may ask for more, and says so. */
export const playsNeeded = (item) => (item.content.footage.still ? 0 : item.phase === "scratch" ? 2 : 1);

/** @returns {{words: string, claim?: string, facets?: true, whole?: true}[]} */
export function missing(item, draft) {
  if (item.phase === "blind") return answers(item, draft);
  return [...claims(item, draft), ...wordless(draft), ...facets(draft), ...plays(item, draft)];
}

function answers({ content }, draft) {
  const given = new Set(draft.answers.map((answer) => answer.question_id));
  const left = content.questions.filter((question) => !given.has(question.question_id));
  return left.length ? [{ words: `${count(left.length, "question")} without an answer`, question: left[0].question_id }] : [];
}

function claims({ phase }, draft) {
  if (phase === "scratch" && draft.claims.length === 0) return [{ words: "nothing is written yet" }];
  const left = JUDGED.has(phase) && !draft.accepted_rest ? draft.claims.filter((claim) => claim.status === "unseen") : [];
  return left.length ? [{ words: `${count(left.length, "statement")} not judged yet`, claim: left[0].claim_id }] : [];
}

function wordless(draft) {
  const empty = draft.claims.filter((claim) => TAUGHT.has(claim.status) && claim.text.trim() === "");
  const kindless = draft.claims.filter((claim) => claim.status === "wrong" && !claim.error_kind);
  return [
    ...empty.map((claim) => ({ words: `a statement on ${facetName(claim.facet).toLowerCase()} has no words`, claim: claim.claim_id })),
    ...kindless.map((claim) => ({ words: `“${claim.text.slice(0, 40)}” is wrong, but of what kind?`, claim: claim.claim_id })),
  ];
}

function facets(draft) {
  const left = openFacets(draft);
  return left.length ? [{ words: `not said whether covered: ${left.map(facetName).join(", ")}`, facets: true }] : [];
}

function plays(item, draft) {
  const needed = playsNeeded(item);
  if (draft.whole_plays >= needed) return [];
  const times = needed === 1 ? "once" : "twice";
  return [{ words: `the clip was not seen and heard from end to end ${times}, at speed 1 or less`, whole: true }];
}
