"""One retelling of a clip: a record of claims first, prose second."""

from dataclasses import dataclass
from typing import Literal

Facet = Literal[
    "shot", "subject", "action", "setting", "light", "colour", "camera", "text", "speech", "event", "music", "ambience",
    "first_frame", "last_frame", "overlay", "absence",
]  # fmt: skip
Origin = Literal["measured", "vlm", "speech", "sound", "music", "ocr", "human", "blend"]


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
    status: Literal["pass", "repaired", "flagged"]
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
    """What a person said of one claim."""

    claim_id: str
    right: bool
    error_kind: str | None
    edited: str | None


@dataclass(frozen=True, slots=True)
class Review:
    """One submitted revision of one caption by a person."""

    caption_id: str
    revision: int
    clip_id: str
    reviewer: str
    judgements: tuple[Judgement, ...]
    final_text: str
    started_us: int
    submitted_us: int
