"""Input rows made from files."""

from pathlib import Path

from curate.media.facts import read_facts
from curate.media.file import LocalFile, MediaFile
from schemas.media import Media


def media_file(path: Path) -> MediaFile:
    """A media as `fetch` would give it; raises the RowError of a file that is none."""
    file = LocalFile(str(path), 0, path.stat().st_size)
    facts = read_facts(file)
    media = Media(
        media_id=path.name, source_id=path.name, size_bytes=file.size, container=facts.container,
        duration_us=facts.duration_us, still=facts.still, streams=facts.streams, picture=facts.picture,
        audio=facts.audio,
    )  # fmt: skip
    return MediaFile(media, file)
