"""What a training plan was made of, and what it adds up to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlanCut:
    """One cut in a plan. `tokens` are those of pictures; `share` is what was asked for, of samples or of tokens."""

    cut: str
    cut_hash: str
    share: float | None  # None: the plan is of this cut alone
    clips: int
    samples: int
    tokens: int


@dataclass(frozen=True, slots=True)
class PlanBucket:
    """One bucket in a plan. `left_out` readings were due and are read at no step."""

    bucket: str
    clips: int
    tokens: int  # of a sample
    samples_per_step: int
    steps: int
    samples: int
    left_out: int


@dataclass(frozen=True, slots=True)
class PlanVariant:
    """How many samples are read with one rendering of their caption."""

    variant: str
    samples: int


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """One plan: its data, its encoders, its settings, and its totals. The slots are rows of `plans`."""

    plan_hash: str
    cuts: tuple[PlanCut, ...]
    picture_encoder: str
    picture_spec: str | None  # JSON of the encoder's part of the contract, weights hash and all; None: not told
    sound_encoder: str | None
    sound_spec: str | None
    text_encoder: str | None  # as in `embeddings`, with the digits of its contract; None: captions are read as text
    settings: str  # JSON
    epochs: int
    steps: int
    samples: int
    bytes: int
    buckets: tuple[PlanBucket, ...]
    carried: tuple[int, ...]  # readings that an epoch left for the next, per epoch
    variants: tuple[PlanVariant, ...]
    without_caption: int  # readings of a clip that has none: they count under "none"
    without_sound: int

    @property
    def left_out(self) -> int:
        """Readings that were due and are read at no step."""
        return sum(bucket.left_out for bucket in self.buckets)
