"""What a cut asks of a clip."""

from dataclasses import dataclass
from typing import Literal

from curate.errors import RecipeError
from schemas.caption import Status


@dataclass(frozen=True, slots=True)
class Bound:
    """One metric within `[at_least, at_most]`; of a clip that does not have it, `unmeasured` decides.

    Many metrics cannot be had of many clips (the shake of a still, the logo of a short clip): a bound against what is
    bad may keep those.
    """

    metric: str  # by its name: one of those below, or of a rater
    at_least: float | None = None  # None: no lower bound
    at_most: float | None = None  # None: no upper bound
    unmeasured: Literal["drop", "keep"] = "drop"  # what becomes of a clip without it

    def __post_init__(self) -> None:
        if self.at_least is None and self.at_most is None:
            raise RecipeError(f"a bound on {self.metric!r} needs at_least or at_most")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise RecipeError(f"a bound on {self.metric!r} that nothing meets: {self.at_least=} {self.at_most=}")


@dataclass(frozen=True, slots=True)
class Duplicates:
    """When two clips are near-duplicates: for enough of their time they show pictures of each other, maybe mirrored.

    One picture says little where clips are many: random hashes, mirrored or not, are within 8 bits once in 2e9 pairs,
    within 10 bits once in 5e7, within 14 bits once in 1e5: what is known by few pictures must be closer.
    """

    bits: int = 14  # perceptual hashes of 64 bits that differ in at most so many are of one picture
    single_bits: int = 8  # where a clip is known by one picture only (a still, a fixed camera); each more allows 2 more
    share: float = 0.4  # of the time of both together

    def __post_init__(self) -> None:
        if not 0 <= self.single_bits <= self.bits <= 20:
            raise RecipeError(f"duplicates need 0 <= single_bits <= bits <= 20: {self.single_bits=} {self.bits=}")


@dataclass(frozen=True, slots=True)
class Leaks:
    """When a clip resembles one of an evaluation set: for so long it shows a picture of that, maybe mirrored."""

    bits: int = 12  # as of duplicates, however few pictures there are
    seconds: float = 1.0  # or half of the shorter clip, where that is less

    def __post_init__(self) -> None:
        if not 0 <= self.bits <= 20:
            raise RecipeError(f"leaks.bits is a number of bits from 0 to 20, not {self.bits}")
        if self.seconds <= 0:
            raise RecipeError(f"leaks.seconds is more than 0, not {self.seconds}")


Trait = Literal["source", "host", "licence", "language", "media", "bucket", "tag"]
"""What clips may have in common. `tag` is what their captions tell: the tags of all that count."""


@dataclass(frozen=True, slots=True)
class Quota:
    """At most so many clips of one value, or such a share of all that the quota leaves; the others go by chance."""

    by: Trait  # what clips have in common
    clips: int | None = None  # of one value, at most
    share: float | None = None  # 0..1, of all that the quota leaves; clips or share, not both

    def __post_init__(self) -> None:
        if (self.clips is None) == (self.share is None):
            raise RecipeError(f"a quota by {self.by} has either clips or a share")
        if self.clips is not None and self.clips < 1:
            raise RecipeError(f"a quota by {self.by} is of 1 clip or more, not {self.clips}")
        if self.share is not None and not 0 < self.share <= 1:
            raise RecipeError(f"a quota by {self.by} is a share of more than 0 and at most 1, not {self.share}")


@dataclass(frozen=True, slots=True)
class Balance:
    """The rare is read more often: a value of n clips n ** -power times as often as one of a single clip.

    Power 0 leaves all as it is, 1 reads each value equally often, 0.5 lies between.
    """

    by: Trait  # what clips have in common
    power: float = 0.5  # 0..1

    def __post_init__(self) -> None:
        if not 0 <= self.power <= 1:
            raise RecipeError(f"the power of a balance by {self.by} is from 0 to 1, not {self.power}")


@dataclass(frozen=True, slots=True)
class Policy:
    """A cut: a clip is kept when nothing here drops it. None asks for nothing."""

    cut: str = "all"  # its name, by which plans, exports and `retold diff` know it
    bounds: tuple[Bound, ...] = ()
    licences: tuple[str, ...] | None = None  # one source of the clip's media has one of these
    statuses: tuple[Status, ...] | None = ("pass", "repaired", "reviewed")  # of the clip's best tested caption
    coverage_at_least: float | None = None  # of the same caption
    contradiction_at_most: float | None = None  # of the same caption
    encoder: str | None = "dct-4x8x8-c16"  # the clip has a picture latent of it
    duplicates: Duplicates | None = Duplicates()  # one of each group is kept
    leaks: Leaks = Leaks()  # clips of evaluation sets, and what resembles them, are never kept
    quotas: tuple[Quota, ...] = ()  # after all else that drops
    balances: tuple[Balance, ...] = ()  # of the weights of what is kept
    validation_share: float = 0.0  # of the groups and single clips; by hash, so a clip never changes sides
    seed: int = 0  # of the validation side
    still_weight: float = 1.0  # how often a still is read each epoch, where a video is read once

    @property
    def traits(self) -> tuple[Trait, ...]:
        """What quotas and balances go by."""
        return tuple(dict.fromkeys([*(one.by for one in self.quotas), *(one.by for one in self.balances)]))

    def __post_init__(self) -> None:
        if not 0 <= self.validation_share <= 1:
            raise RecipeError(f"validation_share is a share from 0 to 1, not {self.validation_share}")
        if self.still_weight < 0:
            raise RecipeError(f"still_weight is 0 or more, not {self.still_weight}")
        needs_caption = self.coverage_at_least is not None or self.contradiction_at_most is not None
        if self.statuses is None and needs_caption:
            raise RecipeError("coverage_at_least and contradiction_at_most need statuses: which captions count")
