"""What people decided about captions, as captions of their own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from captioners.claims import lines
from captioners.evidence import ReviewedCaption
from captioners.phrasing import carried
from captioners.record import Basis, Record, Span, bounded
from captioners.render.dense import draft
from captioners.retelling import Making, caption
from captioners.revision import Add, Change, Drop, Edit, Keep, revised
from curate.errors import Unsupported
from curate.stage import Run, each
from schemas.caption import PERSON, Caption, Judgement, Review


@dataclass(frozen=True, slots=True)
class Revise:
    """Make the caption that a review came to. A rejection and a blind reading make none.

    What was judged right keeps its origin and loses its doubt, what was changed or added is of origin `human`. A person
    has seen both sides of a conflict of sources, so none is left.
    """

    name: ClassVar[str] = "revise"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = ReviewedCaption
    gives: ClassVar[type] = Caption

    def open(self) -> Run[ReviewedCaption, Caption]:
        return each(_captions)


def _captions(row: ReviewedCaption) -> Iterator[Caption]:
    review, before = row.review, row.caption
    if before is None or review.decision == "reject" or review.mode == "blind":
        return
    record = Record.model_validate_json(before.record)
    with bounded():
        after = revised(record, list(_edits(review, before, record))).model_copy(update={"conflicts": ()})
    making = Making(captioner=PERSON, language=before.language, parent=before.caption_id, review=review.review_id)
    phrased = None if before.phrasing is None else carried(before.phrasing, draft(after))
    yield caption(before.clip_id, after, making, phrased)


def _edits(review: Review, before: Caption, record: Record) -> Iterator[Edit]:
    told = [line.facet for line in lines(record)]
    if told != [claim.facet for claim in before.claims]:
        raise Unsupported(f"the claims of caption {before.caption_id} were read off its record in another way")
    numbers = {claim.claim_id: number for number, claim in enumerate(before.claims)}
    for one in review.judgements:
        span = Span(start_us=one.start_us, end_us=max(one.start_us, one.end_us))
        basis = Basis(span=span, evidence=(), origin="human")
        if one.status == "added":
            if one.after is not None:
                yield Add(one.facet, one.after, basis)
        elif one.claim_id not in numbers:
            raise Unsupported(f"review {review.review_id} judges {one.claim_id}, which its caption does not have")
        else:
            yield _edit(numbers[one.claim_id], one, before, basis)


def _edit(number: int, one: Judgement, before: Caption, basis: Basis) -> Edit:
    """What becomes of one claim."""
    claim = before.claims[number]
    if one.after is None and one.status != "right":
        return Drop(number)
    same = one.after is None or one.after == claim.text
    if same and (one.start_us, one.end_us) == (claim.start_us, claim.end_us):
        return Keep(number)
    return Change(number, None if same else one.after, basis, one.facet)
