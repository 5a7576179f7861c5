/** All that happened to one item, for reviewers. */

import { badge, difference } from "../card.js";
import { fill, h } from "../dom.js";
import { clipName, facetName, MODES, span, STATES } from "../words.js";
import { date } from "./list.js";

const KINDS = { scratch: "from scratch", work: "triage", merge: "merge", blind: "blind reading", adjudicate: "adjudication", orphan: "came too late" };
const BY = { one: "one annotator", agreement: "agreement", adjudication: "a reviewer" };

export function createHistoryView({ api, guard }) {
  const element = h("div", { class: "sheet" });

  async function open(id) {
    fill(element);
    const story = await guard(() => api.item(id));
    if (!story) return fill(element, h("p", {}, h("a", { href: "#/items" }, "All items")), h("h1", {}, "Item"), h("p", {}, "It is not shown to you now."));
    const { item, content } = story;
    fill(element,
      h("p", {}, h("a", { href: "#/items" }, "All items")), h("h1", {}, content.title ?? clipName(content.clip_id)),
      h("p", { class: "quiet" }, [content.clip_id, MODES[item.mode], STATES[item.state], content.captioner, `worth ${item.worth.toFixed(2)}`, story.settled_by && `settled by ${BY[story.settled_by]}, as in revision ${story.decided_revision}`].filter(Boolean).join(" · ")),
      item.why.length > 0 && h("ul", { class: "quiet" }, item.why.map(({ factor, words }) => h("li", {}, `${factor}: ${words}`))),
      h("video", { class: "small-clip", src: api.footage(id, "footage.mp4"), controls: true, preload: "metadata", "aria-label": "The clip" }),
      story.given_back.length > 0 && [h("h2", {}, "Given back"), h("ul", {}, story.given_back.map((reason) => h("li", {}, reason)))],
      h("h2", {}, "What the machine said"), h("p", { class: "prose" }, content.dense),
      h("h2", {}, "Revisions"), story.revisions.length === 0 && h("p", { class: "quiet" }, "Nobody has submitted anything yet."),
      story.revisions.map((revision) => one(revision, content)));
  }

  return { element, open, close: () => fill(element) };
}

function one(revision, content) {
  const machine = new Map(content.claims.map((claim) => [claim.claim_id, claim]));
  const facts = [date(revision.submitted_us), `${Math.round(revision.draft.active_ms / 1000)} s at work`, revision.draft.accepted_rest && "the rest accepted together",
    revision.decision === "reject" && `rejected: ${revision.reason}`, revision.asked !== null && `${revision.right} of ${revision.asked} right`, revision.undone && "taken back"];
  return h("details", { class: "revision", open: !revision.undone && revision.kind !== "orphan" },
    h("summary", {}, h("b", {}, `${revision.revision} `), `${revision.user}, ${KINDS[revision.kind]} `, h("span", { class: "quiet" }, facts.filter(Boolean).flatMap((fact, i) => [i > 0 && " · ", fact]))),
    h("ul", { class: "plain-list" }, revision.draft.claims.map((claim) => statement(claim, machine.get(claim.claim_id), content.footage))),
    revision.draft.answers.length > 0 && h("ul", {}, revision.draft.answers.map((given) => answer(given, content))));
}

function statement(claim, before, footage) {
  const words = claim.status === "wrong" ? h("s", {}, claim.text) : before && claim.status === "edited" ? difference(before.text, claim.text) : claim.text;
  return h("li", {}, badge(claim), h("span", { class: "quiet" }, ` ${facetName(claim.facet)}${footage.still ? "" : `, ${span(claim.start_us - footage.start_us, claim.end_us - footage.start_us)}`} `), words,
    claim.critique && h("span", { class: "quiet" }, ` – ${claim.critique}`));
}

function answer(given, content) {
  const question = content.questions.find(({ question_id }) => question_id === given.question_id);
  return h("li", {}, question?.text ?? given.question_id, " ", h("b", {}, given.answer ?? "cannot tell"));
}
