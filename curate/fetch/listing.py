"""Lists of URIs, read a line at a time. Another format is a function and a line in `LISTS`."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pyarrow.parquet as pq

from curate.errors import UsageError
from curate.fetch.uri import normalise, scheme

_URI = ("url", "uri", "path")
_NAMED = {"licence": "licence", "license": "licence", "provenance": "provenance", "title": "title"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list. `hints` is JSON: the columns that have no field of their own."""

    uri: str
    licence: str | None = None
    provenance: str | None = None
    title: str | None = None
    hints: str | None = None


def _text(path: Path) -> Iterator[dict[str, object]]:
    with path.open(encoding="utf-8-sig") as file:
        for line in file:
            if (uri := line.strip()) and not uri.startswith("#"):
                yield {"uri": uri}


def _csv(path: Path) -> Iterator[dict[str, object]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for record in csv.DictReader(file):
            yield {str(key): value for key, value in record.items() if key is not None}


def _jsonl(path: Path) -> Iterator[dict[str, object]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except json.JSONDecodeError as error:
                raise UsageError(f"{path}, line {number} is not JSON: {error}") from error
            if not isinstance(record, dict):
                raise UsageError(f"{path}, line {number} is not a JSON object")
            yield record


def _parquet(path: Path) -> Iterator[dict[str, object]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(4096):
            yield from batch.to_pylist()


LISTS: Mapping[str, Callable[[Path], Iterator[dict[str, object]]]] = MappingProxyType(
    {
        ".txt": _text,
        ".csv": _csv,
        ".jsonl": _jsonl,
        ".ndjson": _jsonl,
        ".parquet": _parquet,
    }
)
"""How each kind of list is read, by its extension."""


def entries(path: Path) -> Iterator[Entry]:
    """The lines of a list; relative paths in it are below its folder. UsageError names what cannot be read."""
    try:
        for number, record in enumerate(LISTS[path.suffix.lower()](path), 1):
            column = next((name for name in _URI if record.get(name)), None)
            if column is None:
                names = ", ".join(record) or "none"
                raise UsageError(f"{path}, entry {number} has no url, uri or path; its columns are: {names}")
            "".join(map(str, record.values())).encode()  # half a surrogate pair has no place in any table
            yield _entry(str(record.pop(column)), record, path.parent)
    except (UnicodeError, csv.Error, pa.ArrowException) as error:
        raise UsageError(f"{path} cannot be read as {path.suffix}: {error}") from error


def _entry(uri: str, record: Mapping[str, object], folder: Path) -> Entry:
    named: dict[str, str] = {}
    hints: dict[str, object] = {}
    for name, value in record.items():
        if value is None or value == "" or value != value:  # noqa: PLR0124  NaN is a missing number
            continue
        if name in _NAMED:
            named[_NAMED[name]] = str(value)
        else:
            hints[name] = value
    text = json.dumps(hints, ensure_ascii=False, sort_keys=True, default=str) if hints else None
    return Entry(uri if scheme(uri) else normalise(uri, folder), hints=text, **named)
