"""A clip with the strip of its media: the input of `score`."""

from dataclasses import dataclass

from schemas.clip import Clip
from schemas.media import Media
from schemas.strip import Strip


@dataclass(frozen=True, slots=True)
class ClipStrip:
    """A clip, its media and what `scan` measured of that."""

    clip: Clip
    media: Media
    strip: Strip

    @property
    def id(self) -> str:
        return self.clip.clip_id
