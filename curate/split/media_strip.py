"""A media with its strip: the input of `split`."""

from dataclasses import dataclass

from schemas.media import Media
from schemas.strip import Strip


@dataclass(frozen=True, slots=True)
class MediaStrip:
    """A media and what `scan` measured of it."""

    media: Media
    strip: Strip

    @property
    def id(self) -> str:
        return self.media.media_id
