"""What is asked of the generator."""

from dataclasses import dataclass
from typing import Literal

from curate.errors import UsageError


@dataclass(frozen=True, slots=True)
class FilmSpec:
    """One film: everything not said here is drawn from the seed. UsageError names a value that cannot be."""

    seed: int = 0
    seconds: float = 60.0
    width: int = 640  # as displayed; odd sizes are stored as 4:4:4
    height: int = 360
    fps: float = 25.0
    vfr: bool = False  # frames last between half and twice 1 / fps
    rotation_deg: Literal[0, 90, 180, 270] = 0  # clockwise turn that the container asks of the player
    wipes: bool = False  # some joins are wipes
    jumps: bool = False  # and some are jump cuts
    flashes: bool = False  # one or two white frames that are no cut, in some shots
    sound: Literal["aac", "flac"] | None = "aac"  # flac keeps every sample; None: no sound track
    speech: bool = True  # where espeak-ng is installed
    ball: bool = False  # one bounces, and nothing is heard but that it knocks where it hits the ground
    late_ms: int = 0  # by which its knocks come after its hits; negative: before them
    crf: int = 20  # of x264

    def __post_init__(self) -> None:
        checks = {
            "seed must be 0 or more": self.seed >= 0,
            "seconds must be within 1 and 36000": 1 <= self.seconds <= 36_000,
            "width and height must be within 64 and 8192": min(self.size) >= 64 and max(self.size) <= 8192,
            "fps must be within 5 and 240": 5 <= self.fps <= 240,
            "rotation_deg must be 0, 90, 180 or 270": self.rotation_deg in (0, 90, 180, 270),
            "sound must be aac, flac or None": self.sound in ("aac", "flac", None),
            "late_ms must be within -1000 and 1000": abs(self.late_ms) <= 1000,
            "crf must be within 0 and 51": 0 <= self.crf <= 51,
        }
        for sentence, holds in checks.items():
            if not holds:
                raise UsageError(f"a film cannot be made of {self}: {sentence}")

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height
