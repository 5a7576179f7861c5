"""What people said of captions as examples to train on: the text before, why it is wrong, and the text after."""

import json
from collections.abc import Iterator

from sqlalchemy import Engine

from curate.review.store import collected_decisions
from curate.review.wire import ClaimWork, Decided


def triples(engine: Engine, after: int = 0) -> Iterator[str]:
    """A line of JSON for each collected decision since number `after`, with where it comes from.

    Rejected clips and gold are not among them; one where nothing was wrong is: its `critique` is empty.
    """
    for one in collected_decisions(engine, after):
        if one.decision == "caption" and any(work.status != "unseen" for work in one.claims):
            yield json.dumps(_triple(one), ensure_ascii=False)


def _triple(one: Decided) -> dict[str, object]:
    shown = {claim.claim_id: claim.text for claim in one.content.claims}
    stands = sorted((work for work in one.claims if work.status != "wrong"), key=lambda work: work.start_us)
    return {
        "before": one.content.dense,
        "critique": [_critique(work, shown.get(work.claim_id)) for work in one.claims if _says(work)],
        "after": " ".join(_told(work, shown) for work in stands),
        "failed": [failed.model_dump() for failed in one.content.failed],
        "from": {
            "item_id": one.item_id, "revision": one.revision, "number": one.number, "clip_id": one.content.clip_id,
            "caption_id": one.content.caption_id, "captioner": one.content.captioner,
            "language": one.content.language, "mode": one.mode, "settled_by": one.settled_by,
            "reviewers": one.reviewers, "submitted_us": one.submitted_us, "accepted_rest": one.accepted_rest,
        },
    }  # fmt: skip


def _says(work: ClaimWork) -> bool:
    return work.status in ("wrong", "edited", "added")


def _told(work: ClaimWork, shown: dict[str, str]) -> str:
    return shown.get(work.claim_id, work.text) if work.status in ("right", "unseen") else work.text


def _critique(work: ClaimWork, before: str | None) -> dict[str, object]:
    return {
        "claim_id": work.claim_id, "status": work.status, "facet": work.facet, "start_us": work.start_us,
        "end_us": work.end_us, "before": before, "after": None if work.status == "wrong" else work.text,
        "error_kind": work.error_kind, "critique": work.critique,
    }  # fmt: skip
