"""Whether people came to the same, and whether a blind reader was right."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from curate.review.wire import ClaimWork, Draft, Given


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one person submitted."""

    decision: str
    draft: Draft


def plain(words: str) -> str:
    """Words for comparison: compatible letters as one, no case, no marks, single spaces."""
    folded = unicodedata.normalize("NFKC", words).casefold()
    return " ".join("".join(letter if letter.isalnum() else " " for letter in folded).split())


def agree(opinions: Sequence[Opinion], within_us: int) -> bool:
    """The same decision, the same verdict for each claim, the same words, and spans within `within_us` at both ends.

    Claims that were added are held against each other by their words: their ids are of each page's making.
    """
    first = opinions[0]
    return all(_same(first, other, within_us) for other in opinions[1:])


def right_answers(answers: Sequence[Given], truths: Mapping[str, str]) -> int:
    """How many questions were answered right, in plain words."""
    given = {answer.question_id: answer.answer for answer in answers}
    return sum(
        answer is not None and plain(answer) == plain(truth)
        for question, truth in truths.items()
        if (answer := given.get(question)) is not None
    )


def _same(one: Opinion, other: Opinion, within_us: int) -> bool:
    if one.decision != other.decision:
        return False
    if one.decision == "reject":
        return True
    ours, theirs = _told(one.draft), _told(other.draft)
    if ours.keys() != theirs.keys() or not all(_alike(ours[key], theirs[key], within_us) for key in ours):
        return False
    return _paired(_added(one.draft), _added(other.draft), within_us)


def _told(draft: Draft) -> dict[str, ClaimWork]:
    return {work.claim_id: work for work in draft.claims if work.status not in ("added", "unseen")}


def _added(draft: Draft) -> list[ClaimWork]:
    return [work for work in draft.claims if work.status == "added"]


def _alike(one: ClaimWork, other: ClaimWork, within_us: int) -> bool:
    if one.status != other.status:
        return False
    if one.status == "wrong":
        return one.error_kind == other.error_kind
    return one.status == "right" or _same_words(one, other, within_us)


def _same_words(one: ClaimWork, other: ClaimWork, within_us: int) -> bool:
    near = abs(one.start_us - other.start_us) <= within_us and abs(one.end_us - other.end_us) <= within_us
    return near and one.facet == other.facet and plain(one.text) == plain(other.text)


def _paired(ours: list[ClaimWork], theirs: list[ClaimWork], within_us: int) -> bool:
    """Whether each has one of its own among the others. Same words in near spans: in order of start, they pair up."""
    if len(ours) != len(theirs):
        return False
    ours, theirs = (sorted(works, key=lambda work: (plain(work.text), work.start_us)) for works in (ours, theirs))
    return all(_same_words(one, other, within_us) for one, other in zip(ours, theirs, strict=True))
