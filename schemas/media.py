"""What was asked for, and what was fetched."""

from dataclasses import dataclass
from typing import Literal

from schemas.row import volatile
from schemas.uri import shown_uri


@dataclass(frozen=True, slots=True)
class Source:
    """A thing asked for. `source_id` is the sha256 of the normalised URI."""

    source_id: str
    uri: str
    licence: str | None
    provenance: str | None
    title: str | None
    hints: str | None  # JSON: whatever else the manifest said
    tombstone: bool  # a takedown: nothing that came from this source may be used again
    added_us: int = volatile()
    description: str | None = None
    language: str | None = None  # BCP 47, as the manifest says
    evaluation: str | None = None  # the evaluation set that this is of: never trained on, nor what resembles it
    root: str | None = None  # of a local file: the folder that it must lie in when it is read

    def __repr__(self) -> str:
        return f"Source({self.source_id!r}, {shown_uri(self.uri)!r})"

    @property
    def id(self) -> str:
        return self.source_id


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes in the lake: `[offset, offset + length)` of a shard, whose path is below the lake."""

    shard: str
    offset: int
    length: int
    checksum: str  # of the bytes (`curate/checksum.py`): what whoever reads all of them holds them against


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A file that came with a media: subtitles of a site, as WebVTT."""

    language: str | None
    automatic: bool  # made by a machine
    blob: Blob | None = volatile(default=None)  # None until a sink has stored the bytes


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream of a container, as the container tells it."""

    index: int
    kind: Literal["video", "audio", "subtitle", "data", "attachment"]
    codec: str | None
    bit_rate: int | None
    language: str | None


@dataclass(frozen=True, slots=True)
class Picture:
    """The video stream that is used: the one a player would show."""

    stream: int
    codec: str
    width: int  # as displayed, after rotation; pixels are square
    height: int
    coded_width: int
    coded_height: int
    rotation_deg: int  # clockwise: 0, 90, 180, 270
    pixel_format: str
    average_fps: float | None
    frames: int | None  # as the container says; the strip has the true count
    hdr: bool
    flipped: bool = False  # coded upside down: it is put right before it is rotated; with it, a picture is mirrored


@dataclass(frozen=True, slots=True)
class Audio:
    """The audio stream that is used: the one a player would play."""

    stream: int
    codec: str
    sample_rate_hz: int
    channels: int


@dataclass(frozen=True, slots=True)
class Media:
    """A fetched file, byte for byte. `media_id` is the sha256 of its bytes; sources with the same bytes share them."""

    media_id: str
    source_id: str
    size_bytes: int
    container: str
    duration_us: int | None
    still: bool
    streams: tuple[Stream, ...]
    picture: Picture | None
    audio: Audio | None
    blob: Blob | None = volatile(default=None)  # None until a sink has stored the bytes
    origin: str | None = volatile(default=None)  # JSON: what the server or the site told of it; None: it was a file
    sidecars: tuple[Sidecar, ...] = ()

    @property
    def id(self) -> str:
        return self.media_id


@dataclass(frozen=True, slots=True)
class Subtitle:
    """One cue of a subtitle track, in media time: of a stream in the container, or of a sidecar."""

    media_id: str
    subtitle_id: str  # media_id#track-index
    track: str  # "stream 3" or "sidecar 0"
    language: str | None
    automatic: bool
    start_us: int
    end_us: int
    text: str  # without markup
