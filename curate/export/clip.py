"""What became of a clip that was cut to a file."""

from dataclasses import dataclass
from typing import Literal

Suffix = Literal["mp4", "jpg", "png", "webp"]


@dataclass(frozen=True, slots=True)
class CutClip:
    """A file that holds the frames shown first in `[start_us, end_us)` of a media, and the sound of that span."""

    clip_id: str
    start_us: int
    end_us: int
    suffix: Suffix
    copied: bool  # its picture is the source's own, byte for byte; sound is always encoded anew
    why: str | None  # not copied: the first reason
    width: int  # as displayed
    height: int
    frames: int
    sound: bool
    sha256: str  # of the file
    size_bytes: int

    @property
    def id(self) -> str:
        return self.clip_id
