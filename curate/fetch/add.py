"""From what a person names (a file, a folder, a list, a bucket, a URL) to sources."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from curate.errors import UsageError
from curate.fetch.access import Access
from curate.fetch.columns import Entry
from curate.fetch.extension import is_media
from curate.fetch.manifest import DELTA, KINDS, Manifest, entries, kind_of
from curate.fetch.uri import local_path, normalise, scheme, source_id
from curate.storage.s3 import keys
from schemas.media import Source


@dataclass(frozen=True, slots=True)
class Adding:
    """What holds for all sources of one `add`, where a manifest does not say otherwise."""

    added_us: int
    licence: str | None = None
    provenance: str | None = None
    title: str | None = None
    language: str | None = None
    evaluation: str | None = None  # the evaluation set that they are of
    manifest: str | None = None  # read what is named as a manifest of this kind, whatever it is called
    columns: Mapping[str, str] = field(default_factory=dict)  # field -> the manifest's column that holds it
    strict: bool = False  # a row of a manifest that cannot be used is an error
    roots: tuple[str, ...] = ()  # folders whose files a manifest from elsewhere may name
    storage_options: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.manifest is not None and self.manifest not in (*KINDS, DELTA):
            raise UsageError(f"a manifest is one of {', '.join((*KINDS, DELTA))}, not {self.manifest!r}")

    @property
    def access(self) -> Access:
        return Access(read_timeout_s=30, total_timeout_s=3600, roots=self.roots, storage_options=self.storage_options)


def ignore(_name: str, _reason: str) -> None:
    """Take no note of what is skipped."""


def sources_from(where: str, adding: Adding, skipped: Callable[[str, str], None] = ignore) -> Iterator[Source]:
    """The sources that a path or URI stands for, in a stable order; `skipped` is told each name left out, and why.

    A manifest gives a source for each row, and is never in memory as a whole. A folder gives its files in the order of
    their names, at any depth; `s3://bucket/prefix` likewise. Anything else is a source itself. UsageError where there
    is no such path or manifest.
    """
    found, root = _found(where, adding, skipped)
    for entry in found:
        uri = entry.uri
        yield Source(
            source_id=source_id(uri),
            uri=uri,
            licence=entry.licence or adding.licence,
            provenance=entry.provenance or adding.provenance,
            title=entry.title or adding.title,
            hints=entry.hints,
            tombstone=False,
            added_us=adding.added_us,
            description=entry.description,
            language=entry.language or adding.language,
            evaluation=adding.evaluation,
            root=root if uri.startswith("file://") else None,
        )


def _found(where: str, adding: Adding, skipped: Callable[[str, str], None]) -> tuple[Iterator[Entry], str | None]:
    """The entries of what is named, and the folder that local ones must lie in."""
    kind, listed = scheme(where), adding.manifest or kind_of(where, adding.access)
    if listed is not None:
        manifest = Manifest(where, listed, adding.access, adding.columns)
        folder = manifest.folder
        return entries(manifest, _refuse if adding.strict else skipped), str(folder) if folder else None
    if kind == "s3":
        return _bucket(where, adding, skipped), None
    if kind not in (None, "file"):
        return iter([Entry(normalise(where))]), None
    path = local_path(normalise(where))
    if path.is_dir():
        return (Entry(normalise(str(file))) for file in _files(path, skipped)), str(path)
    if not path.exists():
        raise UsageError(
            f"no such file or folder: {path}; give a path from the current folder, a manifest, or a URL with its scheme"
        )
    return iter([Entry(normalise(str(path)))]), str(path.parent)


def _refuse(name: str, reason: str) -> None:
    raise UsageError(f"{name}: {reason}")


def _files(folder: Path, skipped: Callable[[str, str], None]) -> Iterator[Path]:
    for name in sorted(os.listdir(folder)):  # noqa: PTH208  names, to be sorted as such
        path = folder / name
        if name.startswith("."):
            skipped(str(path), "hidden")
        elif path.is_dir() and not path.is_symlink():
            yield from _files(path, skipped)
        elif not path.is_file():
            skipped(str(path), "not a regular file")
        elif is_media(name):
            yield path
        else:
            skipped(str(path), f"no media extension ({path.suffix.lower()})")


def _bucket(where: str, adding: Adding, skipped: Callable[[str, str], None]) -> Iterator[Entry]:
    """One object, or all below a prefix; storage lists them in the order of their keys."""
    bucket, _, key = where[len("s3://") :].partition("/")
    if is_media(key) and PurePosixPath(key).suffix:
        yield Entry(where)
        return
    folder = key.rstrip("/")
    for found in keys(bucket, folder and f"{folder}/", adding.storage_options):
        name = found.rpartition("/")[2]
        if not name:
            continue  # what consoles put in the place of an empty folder
        if name.startswith("."):
            skipped(found, "hidden")
        elif is_media(name):
            yield Entry(f"s3://{bucket}/{found}")
        else:
            skipped(found, f"no media extension ({PurePosixPath(name).suffix.lower()})")
