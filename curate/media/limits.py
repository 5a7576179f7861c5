"""How much a child process may take, and how a row says how much work it is."""

from dataclasses import dataclass

from curate.errors import RecipeError
from curate.media.file import LocalFile, MediaFile
from schemas.clip import Clip

MIB = 1 << 20
GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one isolated stage. The deadline of a row is wall time and grows with its seconds and its MiB."""

    memory_bytes: int = 4 * GIB  # resident, of the child and all its descendants
    deadline_s: float = 60.0  # of a row, however short it is
    deadline_per_media_s: float = 0.0  # more for each second of media
    deadline_per_mib_s: float = 0.0  # more for each MiB of the file
    deadline_max_s: float = 3600.0  # containers lie about their duration
    start_s: float = 120.0  # for starting the child and opening the stage
    output_bytes: int = GIB  # of what one row gives, pickled
    rows_per_child: int = 1000  # a fresh child after so many rows bounds what leaks

    def __post_init__(self) -> None:
        bounds = ("memory_bytes", "deadline_s", "deadline_max_s", "start_s", "output_bytes", "rows_per_child")
        low = [name for name in bounds if getattr(self, name) <= 0]
        if low:
            raise RecipeError(f"limits must be more than 0: {', '.join(low)}")


@dataclass(frozen=True, slots=True)
class Load:
    """How much media a row is; None where the row does not say."""

    media_s: float | None
    size_bytes: int | None

    def __str__(self) -> str:
        if self.media_s is not None:
            return f"{self.media_s:.1f} s of media"
        if self.size_bytes is not None:
            return f"a file of {self.size_bytes / MIB:.1f} MiB"
        return "one row"


def load(row: object) -> Load:
    """What is known of a row's work before it is begun: by what the row is, or by the `clip_file` that it carries."""
    row = getattr(row, "clip_file", row)
    match row:
        case MediaFile(media=media, file=file):
            duration_us = media.duration_us
            return Load(None if duration_us is None else duration_us / 1e6, file.size)
    holds, clip = getattr(row, "file", None), getattr(row, "clip", None)
    media_s = (clip.end_us - clip.start_us) / 1e6 if isinstance(clip, Clip) else None
    return Load(media_s, holds.size if isinstance(holds, LocalFile) else None)


def deadline_s(limits: Limits, work: Load) -> float:
    """Seconds that a row of this load may take."""
    seconds = limits.deadline_s
    seconds += limits.deadline_per_media_s * (work.media_s or 0.0)
    seconds += limits.deadline_per_mib_s * (work.size_bytes or 0) / MIB
    return min(seconds, limits.deadline_max_s)
