"""How a rank reads: all that a trainer may choose and that does not change what is read."""

from dataclasses import dataclass
from typing import Literal

from curate.errors import UsageError
from curate.reader.cache import Cache
from curate.reader.samples import Texts
from curate.reader.windows import ROWS

VARIANTS = ("dense", "medium", "short", "tags")
"""What a plan may choose of a caption."""


@dataclass(frozen=True)
class Options:
    """The settings of a loader."""

    rank: int
    world: int
    prefetch_bytes: int
    threads: int
    timeout_s: float
    as_torch: bool
    sounds: str | None
    texts: Texts
    bad: Literal["stop", "replace"]
    bad_at_most: int
    cache: Cache | None
    verify: bool
    window_rows: int = ROWS

    def __post_init__(self) -> None:
        unknown = set(self.texts) - set(VARIANTS)
        if unknown:
            raise UsageError(f"no variant of a caption is called {min(unknown)!r}; there are {', '.join(VARIANTS)}")
        if not 0 <= self.rank < self.world:
            raise UsageError(f"rank is from 0 to world - 1: rank={self.rank} world={self.world}")
        if min(self.threads, self.window_rows) < 1 or self.timeout_s <= 0:
            raise UsageError("threads and window_rows are 1 or more, timeout_s is above 0")

    @property
    def cached_by(self) -> tuple[int, int] | None:
        """The ranks that share this one's cache."""
        if self.cache is None:
            return None
        ranks = self.cache.ranks or self.world
        first = self.rank // ranks * ranks
        return first, first + ranks
