"""Manifests: lists of URIs, read a row at a time, however long. Another format is a function and a line in `KINDS`.

A row that cannot be used is told with its number and costs nothing else. A manifest is only refused where it cannot be
read, or where no row of it can be used.
"""

import posixpath
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from urllib.parse import quote, urljoin, urlsplit

from curate.errors import UsageError
from curate.fetch.access import Access
from curate.fetch.columns import Entry, Fault, entry_of, has_uri
from curate.fetch.remote import local_copy
from curate.fetch.tables import delta, parquet
from curate.fetch.texts import Row, csv_rows, json_rows, lines, tsv_rows
from curate.fetch.uri import local_path, normalise, scheme
from curate.storage.s3 import keys

KINDS: Mapping[str, Callable[[Path], Iterator[Row]]] = MappingProxyType(
    {
        "txt": lines,
        "csv": csv_rows,
        "tsv": tsv_rows,
        "jsonl": json_rows,
        "ndjson": json_rows,
        "parquet": parquet,
    }
)
"""How each kind of file is read, by its extension. `delta`, a folder, is read where it lies."""

DELTA = "delta"
_PACKED = frozenset((".gz", ".zst", ".bz2"))
_FREE = frozenset(("txt", "jsonl", "ndjson"))  # kinds whose rows need not all have the same columns


@dataclass(frozen=True, slots=True)
class Manifest:
    """Where a manifest is, and how it is to be read. `columns` renames: field -> the column that holds it."""

    where: str
    kind: str
    access: Access
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path | None:
        """What relative paths are below, and local media must lie in; None where the manifest is not local."""
        if scheme(self.where) not in (None, "file"):
            return None
        path = local_path(normalise(self.where))
        return path if self.kind == DELTA else path.parent


def kind_of(where: str, access: Access) -> str | None:
    """The kind of manifest that a path or URI is, told by its extension or its `_delta_log`; None: it is none."""
    kind = scheme(where)
    path = PurePosixPath(urlsplit(where).path if kind in ("http", "https") else where)
    bare = path.with_suffix("") if path.suffix.lower() in _PACKED else path
    if (extension := bare.suffix.lower().removeprefix(".")) in KINDS:
        return None if kind is None and local_path(normalise(where)).is_dir() else extension
    if kind == "s3" and not path.suffix:
        bucket, _, key = where[len("s3://") :].partition("/")
        folder = key.rstrip("/")
        log = keys(bucket, f"{folder}/_delta_log/" if folder else "_delta_log/", access.storage_options)
        return DELTA if next(log, None) else None
    return DELTA if kind in (None, "file") and (local_path(normalise(where)) / "_delta_log").is_dir() else None


def entries(manifest: Manifest, skipped: Callable[[str, str], None]) -> Iterator[Entry]:
    """The entries of a manifest, their URIs absolute; `skipped` is told of each row without one, and why.

    UsageError where the manifest cannot be read, has no column of URIs, or has no row that can be used.
    """
    absolute = partial(_absolute, manifest=manifest, folder=manifest.folder)
    columns: tuple[str, ...] = ()
    faults: Counter[str] = Counter()
    good = False
    with _opened(manifest) as rows:
        for row in rows:
            if not columns and row.values:
                columns = tuple(row.values)
                if manifest.kind not in _FREE and not has_uri(columns, manifest.columns):
                    raise _unusable(manifest, "no column of URLs", columns)
            try:
                entry = entry_of(row, manifest.columns, absolute)
            except Fault as fault:
                faults[str(fault)] += 1
                skipped(f"{manifest.where}, {row.place}", str(fault))
            else:
                good = True
                yield entry
    if faults and not good:
        raise _unusable(manifest, faults.most_common(1)[0][0], columns)


def _unusable(manifest: Manifest, reason: str, columns: tuple[str, ...]) -> UsageError:
    names = f"; its columns are: {', '.join(columns)[:1000]}" if columns else ""
    cure = "name the one to take, as in --column url=NAME" if columns else "see what kind of file it is"
    return UsageError(f"{manifest.where} has no row that can be used as {manifest.kind} ({reason}){names}; {cure}")


@contextmanager
def _opened(manifest: Manifest) -> Iterator[Iterator[Row]]:
    if manifest.kind == DELTA:
        yield delta(manifest.where, manifest.access.storage_options)
        return
    with local_copy(manifest.where, manifest.access) as path:
        yield KINDS[manifest.kind](path)


def _absolute(uri: str, manifest: Manifest, folder: Path | None) -> str:
    """The canonical URI of an entry; Fault for a file of this machine that is named from elsewhere."""
    kind = scheme(uri)
    if kind not in (None, "file"):
        return normalise(uri)
    if folder is not None:
        return normalise(uri, folder)
    if kind is None and not uri.startswith("/"):
        return _beside(uri, manifest)
    found = normalise(uri)
    if "%00" in found:
        raise Fault("a path with a zero byte")
    real = local_path(found).resolve()
    if not any(real.is_relative_to(Path(root).resolve()) for root in manifest.access.roots):
        raise Fault("a file of this machine, in a list from elsewhere; name its folder in fetch.roots to allow it")
    return found


def _beside(path: str, manifest: Manifest) -> str:
    """A relative path in a remote manifest is below the folder of that, as in a local one."""
    base = manifest.where.rstrip("/") + "/" if manifest.kind == DELTA else manifest.where
    if scheme(base) != "s3":
        return normalise(urljoin(base, quote(path)))
    bucket, _, key = base[len("s3://") :].partition("/")
    found = posixpath.normpath(posixpath.join(posixpath.dirname(key), path))
    if found.startswith(".."):
        raise Fault("a path that leads out of the bucket of its list")
    return f"s3://{bucket}/{found}"
