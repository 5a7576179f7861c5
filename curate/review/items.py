"""Rows of the lake as items of the queue."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from curate.review.wire import (
    MOST_CLAIMS,
    MOST_QUESTIONS,
    ClaimShown,
    Content,
    FailedShown,
    Footage,
    NewItem,
    Planted,
    QuestionShown,
    Value,
)
from schemas.caption import Caption, Claim, FailedQuestion, Mode
from schemas.proxy import Proxy

_LONGEST = 4000
"""Characters of a statement that the queue takes."""


def item_id(caption_id: str, kind: str) -> str:
    """24 hex digits that say nothing of the kind of item."""
    return hashlib.sha256(f"{kind}\n{caption_id}".encode()).hexdigest()[:24]


def share_of(clip_id: str, what: str) -> float:
    """Where a clip lies in 0..1 for one kind of draw: the same for the same clip."""
    return int.from_bytes(hashlib.sha256(f"{what}\n{clip_id}".encode()).digest()[:8]) / 2**64


def footage(proxy: Proxy) -> Footage:
    """What the page must know of a proxy."""
    return Footage(
        start_us=proxy.start_us,
        end_us=proxy.end_us,
        width=proxy.width,
        height=proxy.height,
        frames=proxy.frames,
        rate_num=proxy.rate_num,
        rate_den=proxy.rate_den,
        sound=proxy.sound,
        still=proxy.still,
    )


def content(
    caption: Caption, proxy: Proxy, failed: Sequence[FailedQuestion] = (), questions: Iterable[QuestionShown] = ()
) -> Content:
    """What an item is about. The times of single words are left out: nobody can judge hundreds of them by ear."""
    return Content(
        clip_id=caption.clip_id,
        caption_id=caption.caption_id,
        captioner=caption.captioner,
        language=caption.language,
        footage=footage(proxy),
        claims=tuple(_shown(claim) for claim in caption.claims if not of_a_word(claim))[:MOST_CLAIMS],
        dense=caption.dense,
        failed=tuple(_failed(one) for one in failed[:MOST_QUESTIONS]),
        questions=tuple(questions),
    )


def new_item(
    mode: Mode, about: Content, value: Value, *, overlap: int = 1, planted: Sequence[Planted] | None = None,
    truths: Mapping[str, str] | None = None,
) -> NewItem:  # fmt: skip
    """An item of its own id."""
    kind = mode if planted is None else "gold"
    return NewItem(
        item_id=item_id(about.caption_id, kind),
        mode=mode,
        content=about,
        value=value,
        overlap=overlap,
        planted=None if planted is None else tuple(planted),
        truths=dict(truths or {}),
    )


def of_a_word(claim: Claim) -> bool:
    """Whether a statement is of the time of a single word."""
    rows = claim.evidence
    return claim.facet == "speech" and len(rows) == 1 and "#word-" in rows[0] and claim.text.startswith("The word ")


def _shown(claim: Claim) -> ClaimShown:
    return ClaimShown(
        claim_id=claim.claim_id,
        facet=claim.facet,
        start_us=claim.start_us,
        end_us=claim.end_us,
        text=claim.text[:_LONGEST],
        origin=claim.origin,
        uncertain=claim.uncertain,
    )


def _failed(one: FailedQuestion) -> FailedShown:
    cut: dict[str, Any] = {
        name: None if text is None else text[:_LONGEST]
        for name, text in (("question", one.question), ("truth", one.truth), ("answer", one.answer))
    }
    return FailedShown(axis=one.axis, start_us=one.start_us, end_us=one.end_us, **cut)
