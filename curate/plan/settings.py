"""What a training plan asks for."""

from dataclasses import dataclass
from typing import Literal

from curate.errors import RecipeError

Variant = Literal["dense", "medium", "short", "tags", "none"]


@dataclass(frozen=True, slots=True)
class Share:
    """How often a clip is read with one rendering of its caption; "none" is without text."""

    variant: Variant  # none: without text
    share: float  # 0..1; all add up to 1


@dataclass(frozen=True, slots=True)
class Part:
    """How much of what is read comes from one cut."""

    cut: str  # its name, or the first digits of its hash
    share: float  # 0..1; those of a mix add up to 1


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """A step is one global batch of one bucket."""

    samples_per_step: int = 8  # of all ranks together
    tokens_per_step: int | None = None  # given, it takes the place of samples_per_step: so many of each bucket as fit
    token_cells: tuple[int, int, int] = (1, 2, 2)  # latent frames, rows and columns that make one token
    multiple_of: int = 1  # samples of a step, so that every one of so many ranks gets the same number
    epochs: int = 1  # how often all is read
    seed: int = 0  # of the order; another one is another plan
    side: Literal["train", "validation"] = "train"  # which clips of the cut, by pick.validation_share
    mix: tuple[Part, ...] = ()  # of several cuts; without, the plan is of one
    mix_by: Literal["samples", "tokens"] = "samples"  # what the shares of the mix are of
    epoch_of: Literal["longest", "shortest"] = "longest"
    """An epoch of a mix reads the cut that is longest for its share once, and others again; or the shortest, and others
    in part."""

    shares: tuple[Share, ...] = (Share("dense", 0.6), Share("medium", 0.2), Share("short", 0.1), Share("none", 0.1))
    last: Literal["short", "leave"] = "short"
    """What is left of a bucket after the last epoch: one short step, or left out (and counted)."""

    picture_encoder: str = "dct-4x8x8-c16"  # whose latents are read: that of [encode]
    sound_encoder: str | None = "mdct-10ms-c80"  # the same; None: no sound is read
    text_encoder: str | None = None  # its name in [embed]; None: captions are read as text alone

    def __post_init__(self) -> None:
        tokens = 1 if self.tokens_per_step is None else self.tokens_per_step
        if min(self.samples_per_step, tokens, self.multiple_of, self.epochs) < 1:
            raise RecipeError("samples_per_step, tokens_per_step, multiple_of and epochs are 1 or more")
        if self.tokens_per_step is None and self.samples_per_step % self.multiple_of:
            raise RecipeError(f"samples_per_step {self.samples_per_step} is no multiple of {self.multiple_of}")
        self._check_shares("caption variants", [share.share for share in self.shares])
        if self.mix:
            self._check_shares("the cuts of a mix", [part.share for part in self.mix])
        if min((part.share for part in self.mix), default=1) == 0 or len({part.cut for part in self.mix}) < len(
            self.mix
        ):
            raise RecipeError("each cut of a mix is named once and has a share above 0")

    def _check_shares(self, of: str, shares: list[float]) -> None:
        total = sum(shares)
        if abs(total - 1) > 1e-9 or min(shares) < 0:
            raise RecipeError(f"the shares of {of} are 0 or more and add up to 1, not {total:g}")
