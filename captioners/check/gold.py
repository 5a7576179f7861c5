"""Captions with an error that is known: how good the people are who look for errors."""

import dataclasses
import zlib
from dataclasses import dataclass
from random import Random

from captioners.check.bank import Rules
from captioners.check.mutate import MUTATIONS, Victim, broken
from captioners.check.reader.said import Time
from captioners.check.reader.sentences import QUOTE
from captioners.check.reader.times import stamps, without_lengths
from captioners.evidence import CaptionedEvidence
from captioners.record import Record
from schemas.caption import Caption, Claim, Facet

_ADDED = "added"
_BRIEF_US = 200_000
"""How long a sound lasts of which only the beginning is told."""


@dataclass(frozen=True, slots=True)
class Error:
    """What was put in. `claim` is its place among the claims; None: the claim was taken out of there."""

    kind: str
    claim: int | None
    facet: Facet
    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class Gold:
    """A caption, and the errors in it; without any, it tells whether somebody sees errors where none are."""

    caption: Caption
    errors: tuple[Error, ...]


def gold(row: CaptionedEvidence, rules: Rules, seed: int = 0) -> Gold:
    """Break a caption in one way that shows among its claims, chosen by chance; as it is where there is none.

    The claims are numbered anew, and one with another time is at that time, so that nothing beside the words tells.
    """
    random = Random(zlib.crc32(f"{seed} gold {row.id}".encode()))  # noqa: S311  a choice, not a secret
    kinds = list(MUTATIONS)
    random.shuffle(kinds)
    for kind in kinds:
        mutant = broken(Victim(row, rules, random), MUTATIONS[kind])
        if mutant is None:
            continue
        claims = _at_their_words(row.caption.claims, _with_what_was_added(row.caption, mutant.caption))
        if errors := _errors(kind, row.caption.claims, claims):
            return Gold(_renumbered(dataclasses.replace(mutant.caption, claims=claims)), errors)
    return Gold(_renumbered(row.caption), ())


def _with_what_was_added(before: Caption, after: Caption) -> tuple[Claim, ...]:
    """The claims; a sentence at the end of the prose that is no claim's becomes one, among those of the sound."""
    added = after.dense.removeprefix(before.dense).strip()
    if not added or after.dense == added:
        return after.claims
    sounds = [at for at, claim in enumerate(after.claims) if claim.facet in ("event", "speech", "music")]
    at = sounds[-1] + 1 if sounds else len(after.claims)
    whole = Record.model_validate_json(before.record)
    start_us, end_us = whole.start_us, whole.end_us
    if times := _times(added):
        start_us = min(end_us, whole.start_us + round(times[0].start_s * 1e6))
        end_us = min(end_us, start_us + _BRIEF_US)
    origin = after.claims[sounds[-1]].origin if sounds else "measured"
    claim = Claim(_ADDED, "event", start_us, end_us, added, (), origin, uncertain=False)
    return (*after.claims[:at], claim, *after.claims[at:])


def _at_their_words(before: tuple[Claim, ...], after: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """The claims, those that were moved at the time that they tell now."""
    old = {claim.claim_id: claim.text for claim in before}
    return tuple(_moved(claim, old.get(claim.claim_id, claim.text)) for claim in after)


def _moved(claim: Claim, was: str) -> Claim:
    for one, other in zip(_times(was), _times(claim.text), strict=False):
        if one != other:
            by_us = round((other.start_s - one.start_s) * 1e6)
            return dataclasses.replace(claim, start_us=max(0, claim.start_us + by_us), end_us=claim.end_us + by_us)
    return claim


def _times(text: str) -> list[Time]:
    """The times that a statement tells, outside of quotations."""
    told, _ = without_lengths(QUOTE.sub("", text).lower())
    return [stamp.time for stamp in stamps(told)[1]]


def _errors(kind: str, before: tuple[Claim, ...], after: tuple[Claim, ...]) -> tuple[Error, ...]:
    there = {claim.claim_id: at for at, claim in enumerate(after)}
    found = []
    for claim in before:
        at = there.get(claim.claim_id)
        if at is None or after[at].text != claim.text:
            found.append(Error(kind, at, claim.facet, claim.start_us, claim.end_us))
    if (at := there.get(_ADDED)) is not None:
        found.append(Error(kind, at, after[at].facet, after[at].start_us, after[at].end_us))
    return tuple(found)


def _renumbered(caption: Caption) -> Caption:
    claims = [
        dataclasses.replace(claim, claim_id=f"{caption.caption_id}#{at}") for at, claim in enumerate(caption.claims)
    ]
    return dataclasses.replace(caption, claims=tuple(claims))
