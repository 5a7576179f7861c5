"""How often the check notices an error that was put in, and how often it cries over none."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from captioners.check.examine import Examination, axes, examine
from captioners.check.mutate import MUTATIONS, Victim, broken
from captioners.check.reader import ProseReader
from captioners.check.stage import Check
from captioners.evidence import CaptionedEvidence
from schemas.caption import Axis


@dataclass(frozen=True, slots=True)
class Detection:
    """One kind of error: how many captions were broken so, and in how many it was noticed."""

    kind: str
    broken: int
    noticed: int  # the axis that it belongs to got worse
    by_claims: int  # more statements were contradicted by the evidence
    rate: float | None  # noticed / broken, 0..1; None: nothing could be broken so


@dataclass(frozen=True, slots=True)
class Detections:
    """The table of a corpus. A false alarm is an unbroken caption with anything contradicted."""

    kinds: tuple[Detection, ...]
    captions: int
    false_alarms: int
    false_alarm_rate: float | None


def detection_rates(rows: Iterable[CaptionedEvidence], check: Check, seed: int = 0) -> Detections:
    """Break each caption in each way that it can be broken, once, and examine it again."""
    reader = ProseReader()
    counts = {kind: [0, 0, 0] for kind in MUTATIONS}
    captions = alarms = 0
    for row in rows:
        before = examine(row.caption, row.evidence, reader, check.rules)
        captions += 1
        alarms += _alarmed(before)
        for kind, mutation in MUTATIONS.items():
            random = Random(zlib.crc32(f"{seed} {kind} {row.id}".encode()))  # noqa: S311  a choice, not a secret
            mutant = broken(Victim(row, check.rules, random), mutation)
            if mutant is None:
                continue
            after = examine(mutant.caption, row.evidence, reader, check.rules)
            tally = counts[kind]
            tally[0] += 1
            tally[1] += worse(before, after, mutant.axis)
            tally[2] += after.found("contradicted") > before.found("contradicted")
    kinds = tuple(
        Detection(kind, n, seen, untrue, seen / n if n else None) for kind, (n, seen, untrue) in counts.items()
    )
    return Detections(kinds, captions, alarms, alarms / captions if captions else None)


def _alarmed(examination: Examination) -> bool:
    wrong = any(each.answer is not None and not each.right for each in examination.answers)
    return wrong or examination.found("contradicted") > 0


def worse(before: Examination, after: Examination, axis: str) -> bool:
    """Whether an axis has fewer right answers or more contradictions than before."""
    old, new = _axis(before, axis), _axis(after, axis)
    if old is None or new is None:
        return False
    return new.right < old.right or new.contradicted > old.contradicted


def _axis(examination: Examination, name: str) -> Axis | None:
    return next((axis for axis in axes(examination.answers) if axis.axis == name), None)
