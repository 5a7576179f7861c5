"""Which captions people look at, and how."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from schemas.caption import Status

Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class Filling:
    """What goes into the queue. Shares are drawn by the id of the clip: the same clips at each filling.

    Gold items have an error put in on purpose, or none; nobody can tell them from audits, so give `audit_share` too. No
    clip is drawn for both: who met it twice would know.
    """

    statuses: tuple[Status, ...] = ("flagged",)  # of captions that all go in
    audit_share: Share = 0.02  # of the captions of any other status: to know how good the check is
    gold_share: Share = 0.02  # of the same: to know how good people are
    scratch_share: Share = 0.0  # of what goes in: written without the machine's caption
    blind_share: Share = 0.1  # of the captions that people made: read by another, who sees the text alone
    overlap: Annotated[int, Field(ge=1, le=16)] = 2  # annotators of an item that several work on
    overlap_share: Share = 0.1  # of what goes in; the rest has one
    axes: Mapping[str, Annotated[float, Field(ge=0)]] = field(default_factory=dict)  # what a fault on an axis weighs
    blind_questions: Annotated[int, Field(ge=1)] = 12  # of a blind reading, at most

    @property
    def looked_at(self) -> float:
        """The share of captions without a fault that are looked at: first gold, then audits."""
        return min(1.0, self.gold_share + self.audit_share)
