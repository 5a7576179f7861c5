"""What a cut asks of a clip."""

from dataclasses import dataclass
from typing import Literal

from curate.errors import RecipeError

Status = Literal["pass", "repaired", "flagged"]


@dataclass(frozen=True, slots=True)
class Bound:
    """One metric within `[at_least, at_most]`; a clip without the metric is outside."""

    metric: str
    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        if self.at_least is None and self.at_most is None:
            raise RecipeError(f"a bound on {self.metric!r} needs at_least or at_most")


@dataclass(frozen=True, slots=True)
class Duplicates:
    """When two clips are near-duplicates: enough of their sampled frames are close to a frame of the other clip."""

    bits: int = 6  # perceptual hashes of 64 bits that differ in at most so many are close
    share: float = 0.6  # of the different frames of both together


@dataclass(frozen=True, slots=True)
class Policy:
    """A cut: a clip is kept when nothing here drops it. None asks for nothing."""

    cut: str = "all"
    bounds: tuple[Bound, ...] = ()
    licences: tuple[str, ...] | None = None  # one source of the clip's media has one of these
    statuses: tuple[Status, ...] | None = ("pass", "repaired")  # of the clip's best tested caption
    coverage_at_least: float | None = None  # of the same caption
    contradiction_at_most: float | None = None
    encoder: str | None = "dct-4x8x8-c16"  # the clip has a picture latent of it
    duplicates: Duplicates | None = Duplicates()  # one of each group is kept
    validation_share: float = 0.0  # of the groups and single clips; by hash, so a clip never changes sides
    seed: int = 0  # of the validation side
    still_weight: float = 1.0  # how often a still is read each epoch, where a video is read once

    def __post_init__(self) -> None:
        if not 0 <= self.validation_share <= 1:
            raise RecipeError(f"validation_share is a share from 0 to 1, not {self.validation_share}")
        if self.still_weight < 0:
            raise RecipeError(f"still_weight is 0 or more, not {self.still_weight}")
        needs_caption = self.coverage_at_least is not None or self.contradiction_at_most is not None
        if self.statuses is None and needs_caption:
            raise RecipeError("coverage_at_least and contradiction_at_most need statuses: which captions count")
