"""Manifests that are text: one URI a line, CSV, TSV, JSON lines; packed (gzip, zstd, bzip2) or not.

Text is UTF-8, with or without a byte order mark, or UTF-16 with one. Bytes that are neither reach a row as half
surrogates, which `columns.entry_of` refuses: they cost that row.
"""

import codecs
import csv
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from curate.errors import UsageError

MAX_CELL = 64 << 20
"""Characters of a cell, and of a line: what is longer is no manifest, or has lost a quotation mark."""

_PACKED = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"BZh", "bz2"))
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BUFFER = 1 << 20


class Row(NamedTuple):
    """One row of a manifest, and where it is; `fault` says why it could not be read."""

    place: str  # "line 7"
    values: Mapping[str, object]
    fault: str | None = None


def lines(path: Path) -> Iterator[Row]:
    """A URI a line; empty lines and those that begin with # are left out."""
    with _text(path) as file:
        for number, line in enumerate(_lines(file, path), 1):
            if (uri := line.strip()) and not uri.startswith("#"):
                yield Row(f"line {number}", {"uri": uri})


def csv_rows(path: Path) -> Iterator[Row]:
    """Comma-separated, the first line names the columns; every value is text."""
    return _separated(path, ",")


def tsv_rows(path: Path) -> Iterator[Row]:
    """Separated by tabs, quoted as CSV is."""
    return _separated(path, "\t")


def _separated(path: Path, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(MAX_CELL)  # of the whole process; its own limit of 128 KiB is shorter than some descriptions
    with _text(path) as file:
        reader = csv.reader(_lines(file, path), delimiter=delimiter, strict=True)
        header = next(reader, [])
        names = distinct(header)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(f"line {reader.line_num}", {}, str(error))
                continue
            if len(cells) > len(names):
                yield Row(f"line {reader.line_num}", {}, "more cells than the header has names")
            elif cells:
                yield Row(f"line {reader.line_num}", dict(zip(names, cells, strict=False)))


def json_rows(path: Path) -> Iterator[Row]:
    """A JSON object a line."""
    with _text(path) as file:
        for number, line in enumerate(_lines(file, path), 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except json.JSONDecodeError as error:
                yield Row(f"line {number}", {}, f"not JSON: {error.msg}")
            except ValueError:  # Python refuses them: making one takes the square of the time
                yield Row(f"line {number}", {}, "not JSON: a number of thousands of digits")
            except RecursionError:
                yield Row(f"line {number}", {}, "not JSON: nested too deep")
            else:
                plain = isinstance(record, dict)
                yield Row(f"line {number}", record if plain else {}, None if plain else "not a JSON object")


def distinct(names: list[str]) -> list[str]:
    """The names of columns, a second one of a name as `name.2`."""
    told: dict[str, None] = {}
    for name in names:
        others = (f"{name}.{i}" for i in count(2))
        told[next(one for one in chain((name,), others) if one not in told)] = None
    return list(told)


@contextmanager
def _text(path: Path) -> Iterator[io.TextIOWrapper]:
    """The text of a file, unpacked, its line ends as they are; UsageError where it cannot be read."""
    with path.open("rb") as file:
        head = file.read(4)
    packed = next((name for magic, name in _PACKED if head.startswith(magic)), None)
    try:
        with (
            pa.input_stream(str(path), compression=packed, buffer_size=_BUFFER) as unpacked,
            io.BufferedReader(unpacked, _BUFFER) as buffered,
        ):
            encoding = "utf-16" if buffered.peek(2)[:2] in _UTF16 else "utf-8-sig"
            yield io.TextIOWrapper(buffered, encoding, errors="surrogateescape", newline="")
    except (OSError, UnicodeError, pa.ArrowException) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


def _lines(file: io.TextIOWrapper, path: Path) -> Iterator[str]:
    """The lines, never more of one in memory than a manifest can have."""
    while line := file.readline(MAX_CELL + 1):
        if len(line) > MAX_CELL:
            raise UsageError(f"{path} has a line of more than {MAX_CELL} characters: it is no list of rows")
        yield line
