"""A record made into a caption row: its id, its claims, its prose."""

import hashlib
from dataclasses import dataclass

from captioners.claims import claims
from captioners.record import Record
from captioners.render import dense, medium, short, tags
from schemas.caption import Caption, Phrasing

REPAIRED = "+repair"
"""What is added to the name of a captioner that was asked again."""


@dataclass(frozen=True, slots=True)
class Making:
    """How a record was made. All but the captioner is None where no model was asked."""

    captioner: str
    language: str = "en"
    model: str | None = None
    prompt_hash: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    parent: str | None = None  # the caption that it was made from
    review: str | None = None  # by which review


def caption_id(clip_id: str, captioner: str, record: str, *made_from: str) -> str:
    """32 hex digits over the clip, the captioner and the record's JSON, with the prose where a model has phrased it.

    `made_from`: the caption, and the review, that one was made from; two people may come to the same words.
    """
    body = "\n".join((clip_id, captioner, record, *made_from))
    return hashlib.sha256(body.encode()).hexdigest()[:32]


def record_json(record: Record) -> str:
    """The record as it is stored; one without remarks is the same as before there were any."""
    return record.model_dump_json(exclude_none=True, exclude=None if record.remarks else {"remarks"})


def caption(clip_id: str, record: Record, making: Making, phrased: tuple[str, Phrasing] | None = None) -> Caption:
    """The caption row of one record; its dense prose in the words of a model, where one has phrased it."""
    body = record_json(record)
    made_from = (one for one in (making.parent, making.review) if one is not None)
    key = caption_id(clip_id, making.captioner, body if phrased is None else f"{body}\n{phrased[0]}", *made_from)
    return Caption(
        caption_id=key,
        clip_id=clip_id,
        captioner=making.captioner,
        language=making.language,
        record=body,
        claims=claims(record, key),
        dense=dense(record) if phrased is None else phrased[0],
        medium=medium(record),
        short=short(record),
        tags=tags(record),
        model=making.model,
        prompt_hash=making.prompt_hash,
        tokens_in=making.tokens_in,
        tokens_out=making.tokens_out,
        phrasing=None if phrased is None else phrased[1],
        parent=making.parent,
    )
