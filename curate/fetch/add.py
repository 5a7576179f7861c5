"""From what a person names (a file, a folder, a list, a bucket, a URL) to sources."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import obstore

from curate.errors import UsageError
from curate.fetch.access import Access
from curate.fetch.bucket import s3_store
from curate.fetch.listing import LISTS, Entry, entries
from curate.fetch.uri import local_path, normalise, scheme, source_id
from schemas.media import Source

EXTENSIONS = frozenset((
    "", ".3g2", ".3gp", ".aac", ".aif", ".aiff", ".amr", ".apng", ".asf", ".avi", ".avif", ".bmp", ".divx", ".f4v",
    ".flac", ".flv", ".gif", ".h264", ".heic", ".heif", ".hevc", ".ivf", ".jfif", ".jpe", ".jpeg", ".jpg", ".jxl",
    ".m2ts", ".m4a", ".m4v", ".mka", ".mkv", ".mov", ".mp2", ".mp3", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf",
    ".oga", ".ogg", ".ogv", ".opus", ".png", ".qt", ".tif", ".tiff", ".ts", ".vob", ".wav", ".weba", ".webm",
    ".webp", ".wma", ".wmv",
))  # fmt: skip
"""What is taken from a folder or bucket; a file that is named itself is always taken."""


@dataclass(frozen=True, slots=True)
class Adding:
    """What holds for all sources of one `add`, where a list does not say otherwise."""

    added_us: int
    licence: str | None = None
    provenance: str | None = None
    title: str | None = None
    storage_options: Mapping[str, str] = field(default_factory=dict, repr=False)


def ignore(_name: str, _reason: str) -> None:
    """Take no note of what is skipped."""


def sources_from(where: str, adding: Adding, skipped: Callable[[str, str], None] = ignore) -> Iterator[Source]:
    """The sources that a path or URI stands for, in a stable order; `skipped` is told each name left out, and why.

    A folder gives its files in the order of their names, at any depth; `s3://bucket/prefix` likewise. A list gives a
    source for each line. Anything else is a source itself. UsageError where there is no such path.
    """
    kind = scheme(where)
    root = None
    if kind == "s3":
        found = _bucket(where, adding, skipped)
    elif kind not in (None, "file"):
        found = iter([Entry(where)])
    else:
        path = local_path(normalise(where))
        found, root = _local(path, where, skipped), str(path if path.is_dir() else path.parent)
    for entry in found:
        uri = normalise(entry.uri)
        yield Source(
            source_id=source_id(uri),
            uri=uri,
            licence=entry.licence or adding.licence,
            provenance=entry.provenance or adding.provenance,
            title=entry.title or adding.title,
            hints=entry.hints,
            tombstone=False,
            added_us=adding.added_us,
            root=root if scheme(uri) == "file" else None,
        )


def _local(path: Path, where: str, skipped: Callable[[str, str], None]) -> Iterator[Entry]:
    if path.is_dir():
        return (Entry(str(file)) for file in _files(path, skipped))
    if not path.exists():
        raise UsageError(f"no such file or folder: {where}; give a path, a list of URIs, or a URL with its scheme")
    return entries(path) if path.suffix.lower() in LISTS else iter([Entry(str(path))])


def _files(folder: Path, skipped: Callable[[str, str], None]) -> Iterator[Path]:
    for name in sorted(os.listdir(folder)):  # noqa: PTH208  names, to be sorted as such
        path = folder / name
        if name.startswith("."):
            skipped(str(path), "hidden")
        elif path.is_dir() and not path.is_symlink():
            yield from _files(path, skipped)
        elif not path.is_file():
            skipped(str(path), "not a regular file")
        elif _is_media(name):
            yield path
        else:
            skipped(str(path), f"no media extension ({path.suffix.lower()})")


def _is_media(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in EXTENSIONS


def _bucket(where: str, adding: Adding, skipped: Callable[[str, str], None]) -> Iterator[Entry]:
    """One object, or all below a prefix; storage lists them in the order of their keys."""
    bucket, _, key = where[len("s3://") :].partition("/")
    if _is_media(key) and PurePosixPath(key).suffix:
        yield Entry(where)
        return
    access = Access(read_timeout_s=30, total_timeout_s=600, storage_options=adding.storage_options)
    for page in obstore.list(s3_store(bucket, access), key or None):
        for item in page:
            path = item["path"]
            if PurePosixPath(path).name.startswith("."):
                skipped(path, "hidden")
            elif _is_media(path):
                yield Entry(f"s3://{bucket}/{path}")
            else:
                skipped(path, f"no media extension ({PurePosixPath(path).suffix.lower()})")
