"""A video file and the joins between its shots that are known to be true."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Join:
    """Frames `[start, end)` that show neither shot alone; for a cut or a jump both are the first of the new shot.

    Kinds: cut, jump, dissolve, fade, wipe; "gradual" where an annotation does not say which.
    """

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reel:
    """One file. Within `open_ended` frames (fades at the ends, what no eye can decide) nothing found is false."""

    path: Path
    joins: tuple[Join, ...]
    open_ended: tuple[tuple[int, int], ...] = ()
