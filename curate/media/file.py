"""Bytes of one media where a decoder can open them, and the input rows that carry them."""

from dataclasses import dataclass

from schemas.clip import Clip
from schemas.media import Media


@dataclass(frozen=True, slots=True)
class LocalFile:
    """`[offset, offset + size)` of a file of this machine."""

    path: str
    offset: int
    size: int

    @property
    def url(self) -> str:
        """What `av.open` takes: FFmpeg's subfile protocol, so a media inside a tar shard is opened in place."""
        return f"subfile,,start,{self.offset},end,{self.offset + self.size},,:{self.path}"


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A media and its bytes: the input of `scan`."""

    media: Media
    file: LocalFile

    @property
    def id(self) -> str:
        return self.media.media_id


@dataclass(frozen=True, slots=True)
class ClipFile:
    """A clip, its media and the bytes of that: the input of `listen`, `read` and `encode`."""

    clip: Clip
    media: Media
    file: LocalFile

    @property
    def id(self) -> str:
        return self.clip.clip_id
