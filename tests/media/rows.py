"""Input rows made from files."""

from pathlib import Path

from curate.media.facts import read_facts
from curate.media.file import LocalFile, MediaFile


def media_file(path: Path) -> MediaFile:
    """A media as `fetch` would give it; raises the RowError of a file that is none."""
    file = LocalFile(str(path), 0, path.stat().st_size)
    media = read_facts(file).media(path.name, path.name, file.size)
    return MediaFile(media, file)
