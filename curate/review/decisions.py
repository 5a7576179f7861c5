"""What people decided, as rows of the lake."""

from collections.abc import Iterator

from curate.review.wire import ClaimShown, ClaimWork, Decided
from schemas.caption import Judgement, Review


def review(decided: Decided) -> Review:
    """The row of one decision. A claim that nobody looked at has no judgement."""
    return Review(
        review_id=f"{decided.item_id}#{decided.revision}@{decided.submitted_us}",  # revisions of each queue begin at 1
        caption_id=decided.content.caption_id,
        clip_id=decided.content.clip_id,
        revision=decided.revision,
        mode=decided.mode,
        decision=decided.decision,
        reason=decided.reason,
        settled_by=decided.settled_by,
        reviewers=decided.reviewers,
        judgements=tuple(_judgements(decided)),
        before=decided.content.dense,
        started_us=decided.started_us,
        submitted_us=decided.submitted_us,
        active_ms=decided.active_ms,
    )


def _judgements(decided: Decided) -> Iterator[Judgement]:
    machine = {claim.claim_id: claim for claim in decided.content.claims}
    for work in decided.claims:
        if work.status == "unseen":
            continue
        shown = machine.get(work.claim_id)
        if (shown is None) != (work.status == "added"):
            raise ValueError(f"{decided.item_id}: claim {work.claim_id} is {work.status}, which it cannot be")
        yield _judgement(work, shown)


def _judgement(work: ClaimWork, shown: ClaimShown | None) -> Judgement:
    if work.status == "unseen":
        raise ValueError(f"nobody judged {work.claim_id}")
    before = None if shown is None else shown.text
    after = {"right": before, "wrong": None}.get(work.status, work.text)
    return Judgement(
        claim_id=work.claim_id,
        status=work.status,
        facet=work.facet,
        start_us=work.start_us,
        end_us=work.end_us,
        before=before,
        after=after,
        error_kind=work.error_kind,
        critique=work.critique,
    )
