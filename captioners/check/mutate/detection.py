"""How often the check notices an error that was put in, and how often it cries over none."""

import math
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from captioners.check.examine import Examination, axes, examine
from captioners.check.mutate import MUTATIONS, SEER, Victim, broken
from captioners.check.question import Reader
from captioners.check.quiz.rows import asking
from captioners.check.reader import ProseReader
from captioners.check.stage import Check
from captioners.evidence import CaptionedEvidence
from schemas.caption import Axis

_SIGMAS = 1.959964
"""Of a normal distribution, for 95 %."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of some tries, 0..1, and where it lies with 95 % (Wilson 1927)."""

    value: float
    low: float
    high: float


def rate(hits: int, tries: int) -> Rate | None:
    """None: nothing was tried."""
    if not tries:
        return None
    share, weight = hits / tries, _SIGMAS**2 / tries
    middle = (share + weight / 2) / (1 + weight)
    reach = _SIGMAS * math.sqrt(share * (1 - share) / tries + weight / (4 * tries)) / (1 + weight)
    return Rate(share, max(0.0, middle - reach), min(1.0, middle + reach))


@dataclass(frozen=True, slots=True)
class Detection:
    """One kind of error: how many captions were broken so, and in how many it was noticed."""

    kind: str
    seer: bool  # it shows only in what a model asks that saw the clip
    broken: int
    noticed: int  # the axis that it belongs to got worse
    by_claims: int  # more statements were contradicted by the evidence
    rate: Rate | None  # noticed / broken; None: nothing could be broken so


@dataclass(frozen=True, slots=True)
class Detections:
    """The table of a corpus. A false alarm is an unbroken caption with anything contradicted."""

    kinds: tuple[Detection, ...]
    captions: int
    false_alarms: int
    false_alarm_rate: Rate | None


def detection_rates(
    rows: Iterable[CaptionedEvidence], check: Check, seed: int = 0, reader: Reader | None = None
) -> Detections:
    """Break each caption in each way that it can be broken, once, and examine it again by `reader` (the embedded one).

    What the reader does not read shows nothing, so nothing is broken that only that could show.
    """
    reads = reader or ProseReader()
    counts = {kind: [0, 0, 0] for kind in MUTATIONS}
    captions = alarms = 0
    for row in rows:
        asked = asking(row.evidence, check.rules, row.questions)
        before = examine(row.caption, row.evidence, reads, check.rules, asked)
        captions += 1
        alarms += alarmed(before)
        for kind, mutation in MUTATIONS.items():
            random = Random(zlib.crc32(f"{seed} {kind} {row.id}".encode()))  # noqa: S311  a choice, not a secret
            mutant = broken(Victim(row, check.rules, random, reads), mutation)
            if mutant is None:
                continue
            after = examine(mutant.caption, row.evidence, reads, check.rules, asked)
            tally = counts[kind]
            tally[0] += 1
            tally[1] += worse(before, after, mutant.axis)
            tally[2] += after.found("contradicted") > before.found("contradicted")
    kinds = tuple(
        Detection(kind, kind in SEER, n, seen, untrue, rate(seen, n)) for kind, (n, seen, untrue) in counts.items()
    )
    return Detections(kinds, captions, alarms, rate(alarms, captions))


def alarmed(examination: Examination) -> bool:
    """Whether anything of a caption is held to be wrong."""
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
