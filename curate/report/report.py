"""What a report shows: rows of the lake, grouped the way a person reads them."""

from collections.abc import Mapping
from dataclasses import dataclass

from curate.report.sheet import ContactSheet
from curate.report.spending import Spending
from schemas.caption import Axis, Caption, Verdict
from schemas.clip import Clip, Score, Sound, Text
from schemas.latent import Latent, Pick
from schemas.ledger import RunRecord
from schemas.media import Media, Source
from schemas.strip import Strip


@dataclass(frozen=True, slots=True)
class Limit:
    """What the policy of the cut allows of one metric; None: no bound on that side."""

    metric: str
    low: float | None
    high: float | None

    def allows(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True, slots=True)
class ClipPage:
    """One clip and every row that is known of it."""

    clip: Clip
    sheet: ContactSheet | None  # None: its frames could not be read
    scores: tuple[Score, ...] = ()
    sounds: tuple[Sound, ...] = ()
    texts: tuple[Text, ...] = ()
    captions: tuple[Caption, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    latents: tuple[Latent, ...] = ()
    pick: Pick | None = None


@dataclass(frozen=True, slots=True)
class MediaPage:
    """One media: all its clips as `spans`, those that are shown in full as `clips`."""

    media: Media
    source: Source | None
    strip: Strip | None
    spans: tuple[Clip, ...]
    clips: tuple[ClipPage, ...]


@dataclass(frozen=True, slots=True)
class FailedRow:
    """One input that failed: its name as a person knows it, and what was wrong."""

    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Failures of one kind in one job, with a few examples, and what a person can do about it."""

    job: str
    kind: str
    cure: str
    rows: int
    examples: tuple[FailedRow, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """How many clips, and how much time, one outcome holds."""

    name: str
    clips: int
    duration_us: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a cut did with clips: kept them, or dropped them by this rule before any other."""

    name: str  # "kept", or the rule
    clips: int
    duration_us: int
    held: int  # clips that the rule speaks against, whichever rule dropped them
    alone: int  # clips that nothing but this rule speaks against: what a cut without it would win


@dataclass(frozen=True, slots=True)
class Copy:
    """A clip that is not kept because a near-duplicate is better."""

    clip_id: str
    reason: str  # the first rule that dropped it


@dataclass(frozen=True, slots=True)
class Group:
    """Near-duplicates: the one that the others are measured by, and some of them."""

    keeper: str  # a clip id
    copies: tuple[Copy, ...]
    clips: int  # in all
    reason: str | None = None  # that the keeper itself is dropped for, as one of an evaluation set is


@dataclass(frozen=True, slots=True)
class Groups:
    """All groups of near-duplicates of a cut, and the largest of them."""

    groups: int
    copies: int
    shown: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Histogram:
    """How one metric is spread: counts of equal bins over [low, high]; values beyond are in the end bins."""

    metric: str
    low: float
    high: float
    counts: tuple[int, ...]
    median: float
    values: int
    least: float  # of all values
    most: float

    @property
    def flat(self) -> bool:
        """All clips have the same value."""
        return self.least == self.most


@dataclass(frozen=True, slots=True)
class Overview:
    """Totals of the whole corpus, of which a report may show a part in full."""

    media: int
    stills: int
    media_us: int
    clips: int
    clips_us: int
    outcomes: tuple[Outcome, ...]  # "kept", then each rule, most clips first; empty: nothing was picked yet
    verdicts: tuple[Share, ...]  # by status
    axes: tuple[Axis, ...]  # summed over all verdicts
    histograms: tuple[Histogram, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one HTML file shows."""

    title: str
    lake: str
    cut: str | None
    made_us: int  # since 1970, UTC
    runs: tuple[RunRecord, ...]
    overview: Overview
    spending: Spending
    limits: tuple[Limit, ...]
    meanings: Mapping[str, str]  # metric -> what a value says, on which scale
    failures: tuple[FailureGroup, ...]
    groups: Groups
    media: tuple[MediaPage, ...]
