"""A media with all that may hold subtitles of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from curate.media.file import LocalFile
from schemas.media import Media, Sidecar, Stream

TEXT_CODECS = frozenset({"subrip", "ass", "ssa", "webvtt", "mov_text", "text"})
"""Subtitles that are text. Pictures of text (DVD, Blu-ray, DVB), teletext and closed captions are not read."""


@dataclass(frozen=True, slots=True)
class Subtitled:
    """A media, its bytes where it is known to hold text, and the WebVTT beside it, from all its sources."""

    media: Media
    file: LocalFile | None
    sidecars: tuple[tuple[Sidecar, bytes], ...] = field(default=(), repr=False)

    @property
    def id(self) -> str:
        return self.media.media_id


def text_streams(media: Media) -> Sequence[Stream]:
    """The streams that hold subtitles as text."""
    return [one for one in media.streams if one.kind == "subtitle" and one.codec in TEXT_CODECS]
