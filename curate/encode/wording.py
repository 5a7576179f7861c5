"""What goes into `Embed`: the wordings of one caption."""

from dataclasses import dataclass
from typing import Literal

Variant = Literal["dense", "medium", "short", "tags", "none"]
VARIANTS: tuple[Variant, ...] = ("dense", "medium", "short", "tags", "none")


@dataclass(frozen=True, slots=True)
class Wordings:
    """The texts of a caption by variant; that of "none" is empty."""

    caption_id: str
    clip_id: str
    texts: tuple[tuple[Variant, str], ...]

    @property
    def id(self) -> str:
        return self.caption_id
