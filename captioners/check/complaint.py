"""What is wrong with a caption, as things to ask about it once more; the truth is in none of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, cast, get_args

import polars as pl

from captioners.check.examine import IS_SO, WHICH
from captioners.record import Record
from curate.chance import stable_hash
from schemas.caption import Caption, Facet, FailedQuestion, Verdict

Kind = Literal["claim", "conflict", "question"]

_FACETS: Mapping[str, Facet] = MappingProxyType(
    {
        "motion": "action",
        "direction": "action",
        "speaker": "speech",
        "frame": "shot",
        "order": "shot",  # of texts as well as of sounds: that there is no sound is not denied by it
        "loudness": "ambience",
    }
)
"""The facet of an answer, of axes of the check that are none."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing to settle: a claim that is doubted, two statements of which one is so, or an open question."""

    kind: Kind
    facet: Facet
    start_us: int
    end_us: int
    text: str
    number: int | None = None  # of the claim, or of the conflict in the record
    pair: tuple[str, str] | None = None  # what is held and what is disputed, in an order that says nothing
    held: int | None = None  # which of the pair is held: 1 or 2; nobody is told


def complaints(caption: Caption, verdict: Verdict, most: int) -> tuple[Complaint, ...]:
    """At most so many: claims first, then conflicts, what was answered wrong, and what could not be told."""
    found = list(_claims(caption, verdict.failed))
    found += _conflicts(caption, verdict.failed)
    asked = (one for one in verdict.failed if not one.question.startswith(IS_SO) and one.question != WHICH)
    for one in sorted(asked, key=lambda failed: failed.answer is None):
        found.append(Complaint("question", facet_of(one.axis), one.start_us, one.end_us, one.question))
    return tuple(dict.fromkeys(found))[:most]


def facet_of(axis: str) -> Facet:
    """The facet that an axis of the check is about."""
    return cast(Facet, axis) if axis in get_args(Facet) else _FACETS[axis]


def _claims(caption: Caption, failed: tuple[FailedQuestion, ...]) -> Iterator[Complaint]:
    """Contradicted claims; of a sentence of the prose that is no claim's, only the claims can be put right."""
    doubted = {(one.axis, one.question, one.start_us, one.end_us) for one in failed}
    for number, claim in enumerate(caption.claims):
        if (claim.facet, f"{IS_SO}{claim.text}", claim.start_us, claim.end_us) in doubted:
            yield Complaint("claim", claim.facet, claim.start_us, claim.end_us, claim.text, number)


def _conflicts(caption: Caption, failed: tuple[FailedQuestion, ...]) -> Iterator[Complaint]:
    asked = {(one.truth, one.answer): one for one in failed if one.question == WHICH}
    for number, conflict in enumerate(Record.model_validate_json(caption.record).conflicts):
        if one := asked.get((conflict.held, conflict.disputed)):
            turned = bool(stable_hash(pl.Series([f"{caption.caption_id}#{number}"]))[0] % 2)
            pair = (conflict.disputed, conflict.held) if turned else (conflict.held, conflict.disputed)
            held = 2 if turned else 1
            yield Complaint("conflict", conflict.facet, one.start_us, one.end_us, WHICH, number, pair, held)
