"""What a submit lacks, in words."""

from collections.abc import Iterator, Mapping

from curate.review.wire import FACETS, ClaimShown, ClaimWork, Content, Draft, Submitting


def missing(sent: Submitting, content: Content, phase: str, held_us: int, scratch_plays: int) -> tuple[str, ...]:
    """All that has to be done yet. `held_us`: how long this person has had the seat, by the server's clock."""
    if sent.decision == "reject":
        return () if (sent.reason or "").strip() else ("a rejection needs its reason",)
    if phase == "blind":
        return tuple(_answers(sent.draft, content))
    plays = scratch_plays if phase in ("scratch", "merge") else 1
    return (
        *_claims(sent.draft, content, phase),
        *_facets(sent.draft),
        *_seen(sent.draft, content, plays, held_us),
    )


def impossible(draft: Draft, content: Content, phase: str) -> tuple[str, ...]:
    """What no page would send: two works on one claim, a claim that is not there, an answer to no question."""
    shown = {} if phase == "scratch" else {claim.claim_id: claim for claim in content.claims}
    ids = [work.claim_id for work in draft.claims]
    asked = {question.question_id for question in content.questions}
    answered = [given.question_id for given in draft.answers]
    return (
        *(f"claim {claim_id} is there twice" for claim_id in sorted({one for one in ids if ids.count(one) > 1})),
        *(why for work in draft.claims if (why := _strange(work, shown))),
        *(("nothing can be accepted that was not shown",) if phase == "scratch" and draft.accepted_rest else ()),
        *(f"question {one} is answered twice" for one in sorted({a for a in answered if answered.count(a) > 1})),
        *(f"there is no question {one}" for one in answered if one not in asked),
    )


def _strange(work: ClaimWork, shown: Mapping[str, ClaimShown]) -> str | None:
    if work.status == "added":
        return None if work.claim_id.startswith("+") else f"added claim {work.claim_id} has no id that begins with +"
    return None if work.claim_id in shown else f"there is no claim {work.claim_id}"


def _claims(draft: Draft, content: Content, phase: str) -> Iterator[str]:
    works = {work.claim_id: work for work in draft.claims}
    if phase != "scratch":
        unseen = [
            claim.claim_id
            for claim in content.claims
            if claim.claim_id not in works or works[claim.claim_id].status == "unseen"
        ]
        if unseen and not draft.accepted_rest:
            yield f"{len(unseen)} of {len(content.claims)} statements have no verdict"
    elif not draft.claims:
        yield "nothing is written yet"
    for work in draft.claims:
        yield from _claim(work, content)


def _claim(work: ClaimWork, content: Content) -> Iterator[str]:
    named = f"“{work.text[:40]}”" if work.text.strip() else work.claim_id
    if work.status == "wrong" and work.error_kind is None:
        yield f"{named} is wrong, but of what kind?"
    if work.status in ("edited", "added"):
        if not work.text.strip():
            yield f"{named} has no words"
        if not _inside(work, content):
            yield f"{named} has no span inside the clip"


def _inside(work: ClaimWork, content: Content) -> bool:
    footage = content.footage
    if footage.still:
        return footage.start_us <= work.start_us <= work.end_us <= footage.end_us
    return footage.start_us <= work.start_us < work.end_us <= footage.end_us


def _facets(draft: Draft) -> Iterator[str]:
    if left := [facet for facet in FACETS if facet not in draft.facets]:
        yield f"not said whether covered: {', '.join(facet.replace('_', ' ') for facet in left)}"


def _seen(draft: Draft, content: Content, plays: int, held_us: int) -> Iterator[str]:
    footage = content.footage
    if footage.still:
        return
    times = "once" if plays == 1 else f"{plays} times"
    if draft.whole_plays < plays:
        yield f"the clip has to be seen and heard from end to end {times}, at speed 1 or less"
    elif held_us < plays * (footage.end_us - footage.start_us):
        yield f"the clip cannot have been seen {times} since it was claimed"


def _answers(draft: Draft, content: Content) -> Iterator[str]:
    answered = {given.question_id for given in draft.answers}
    if left := [question for question in content.questions if question.question_id not in answered]:
        yield f"{len(left)} of {len(content.questions)} questions have no answer"
