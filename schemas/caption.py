"""One retelling of a clip: a record of claims first, prose second."""

from dataclasses import dataclass
from typing import Literal

Facet = Literal[
    "shot", "subject", "action", "setting", "light", "colour", "camera", "text", "speech", "event", "music", "ambience",
    "first_frame", "last_frame", "overlay", "absence",
]  # fmt: skip
Origin = Literal["measured", "vlm", "speech", "sound", "music", "ocr", "human", "blend"]
Status = Literal["pass", "repaired", "reviewed", "flagged"]
Mode = Literal["triage", "scratch", "blind"]
Decision = Literal["caption", "reject"]
ErrorKind = Literal[
    "colour", "count", "direction", "order", "time", "missing", "invented", "word", "speaker", "text", "camera",
    "attribute", "repetition", "other",
]  # fmt: skip

PERSON = "human"
"""The captioner of a caption that a person has decided on."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement about `[start_us, end_us)` of the media, and the rows it rests on."""

    claim_id: str  # caption_id#index
    facet: Facet
    start_us: int
    end_us: int
    text: str  # a whole sentence
    evidence: tuple[str, ...]  # "scores:motion", a sound_id, a text_id, "clips"
    origin: Origin
    uncertain: bool


@dataclass(frozen=True, slots=True)
class Phrased:
    """A sentence of a model, and the statements of the house that it tells."""

    text: str
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrasing:
    """How a text-only model put the dense prose in other words, and what of it was not taken."""

    model: str
    revision: str | None
    prompt_hash: str
    sampling: str  # JSON
    sentences: tuple[Phrased, ...]
    refused: tuple[str, ...]  # why, and the sentence
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, slots=True)
class Caption:
    """The record as JSON (`captioners.record.Record`), its claims, and prose rendered from it."""

    caption_id: str
    clip_id: str
    captioner: str
    language: str
    record: str
    claims: tuple[Claim, ...]
    dense: str
    medium: str
    short: str
    tags: tuple[str, ...]
    model: str | None
    prompt_hash: str | None
    tokens_in: int | None
    tokens_out: int | None
    phrasing: Phrasing | None = None  # of the dense prose; None: it is rendered from the record
    parent: str | None = None  # the caption that this one was made from, by a repair or by a person

    @property
    def id(self) -> str:
        return self.caption_id


@dataclass(frozen=True, slots=True)
class Axis:
    """How one axis of a caption did. Shares are of the questions asked on it."""

    axis: str
    asked: int
    answered: int  # the reader did not say "cannot tell"
    right: int
    contradicted: int  # answered, and wrong
    seen: int = 0  # of these, asked of a model that sees the clip
    seen_right: int = 0  # and answered right by it
    seen_told: int = 0  # and answered right from the caption


@dataclass(frozen=True, slots=True)
class FailedQuestion:
    """A question that the caption did not answer right."""

    axis: str
    question: str
    start_us: int
    end_us: int
    truth: str
    answer: str | None  # None: the reader could not tell
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The blind and the deaf test of one caption, and its claims held against the evidence."""

    caption_id: str
    clip_id: str
    status: Status  # "repaired": passes, and came by a repair; "reviewed": a person made it
    coverage: float | None  # answered / asked, 0..1; None: nothing could be asked
    accuracy: float | None  # right / answered; None: nothing was answered
    contradiction: float | None  # contradicted / asked
    claims_supported: int
    claims_contradicted: int
    claims_unverifiable: int
    axes: tuple[Axis, ...]
    failed: tuple[FailedQuestion, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person said of one claim, and what it became. `before` is None where it was added."""

    claim_id: str
    status: Literal["right", "wrong", "edited", "added"]
    facet: Facet
    start_us: int
    end_us: int
    before: str | None
    after: str | None  # None: it was taken out
    error_kind: ErrorKind | None
    critique: str | None


@dataclass(frozen=True, slots=True)
class Review:
    """What people decided about one caption."""

    review_id: str  # item_id#revision@submitted_us
    caption_id: str
    clip_id: str
    revision: int
    mode: Mode
    decision: Decision
    reason: str | None  # of a rejection
    settled_by: Literal["one", "agreement", "adjudication"]
    reviewers: tuple[str, ...]
    judgements: tuple[Judgement, ...]
    before: str  # the prose of the machine
    started_us: int
    submitted_us: int
    active_ms: int
    tombstone: bool = False

    @property
    def id(self) -> str:
        return self.review_id
