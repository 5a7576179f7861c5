"""What a training plan asks for."""

from dataclasses import dataclass
from typing import Literal

from curate.errors import RecipeError

Variant = Literal["dense", "medium", "short", "tags", "none"]


@dataclass(frozen=True, slots=True)
class Share:
    """How often a clip is read with one rendering of its caption; "none" is without text."""

    variant: Variant
    share: float


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """A step is one global batch of one bucket."""

    samples_per_step: int = 8
    tokens_per_step: int | None = None  # given, it takes the place of samples_per_step: so many of each bucket as fit
    token_cells: tuple[int, int, int] = (1, 2, 2)  # latent frames, rows and columns that make one token
    multiple_of: int = 1  # samples of a step, so that every one of so many ranks gets the same number
    epochs: int = 1
    seed: int = 0
    side: Literal["train", "validation"] = "train"
    shares: tuple[Share, ...] = (Share("dense", 0.6), Share("medium", 0.2), Share("short", 0.1), Share("none", 0.1))
    last: Literal["short", "leave"] = "short"
    """What is left of a bucket after the last epoch: one short step, or left out (and counted)."""

    picture_encoder: str = "dct-4x8x8-c16"
    sound_encoder: str | None = "mdct-10ms-c80"

    def __post_init__(self) -> None:
        tokens = 1 if self.tokens_per_step is None else self.tokens_per_step
        if min(self.samples_per_step, tokens, self.multiple_of, self.epochs) < 1:
            raise RecipeError("samples_per_step, tokens_per_step, multiple_of and epochs are 1 or more")
        if self.tokens_per_step is None and self.samples_per_step % self.multiple_of:
            raise RecipeError(f"samples_per_step {self.samples_per_step} is no multiple of {self.multiple_of}")
        total = sum(share.share for share in self.shares)
        if abs(total - 1) > 1e-9 or min(share.share for share in self.shares) < 0:
            raise RecipeError(f"the shares of caption variants are 0 or more and add up to 1, not {total:g}")
