"""What the columns of a manifest mean. Those that mean nothing here are kept, as JSON, in `hints`."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from curate.errors import RetoldError
from curate.fetch.texts import Row

NAMES: Mapping[str, tuple[str, ...]] = {
    "uri": ("url", "uri", "path", "video_url", "image_url", "contenturl"),
    "licence": ("licence", "license"),
    "provenance": ("provenance", "source"),
    "title": ("title",),
    "description": ("description", "caption"),
    "language": ("language", "lang"),
}
"""Field -> the columns that fill it, whatever their case; the first that has a value does, others are hints."""

_HINTS = "hints"
_FIELDS = {"url": "uri", "license": "licence"}  # as a person may call them
MAX_URI = 1 << 16


class Fault(RetoldError):
    """A row of a manifest that cannot be used, and why; the sentence is the same for all such rows."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a manifest. `hints` is JSON: the columns that have no field of their own."""

    uri: str
    licence: str | None = None
    provenance: str | None = None
    title: str | None = None
    description: str | None = None
    language: str | None = None
    hints: str | None = None


def field_of(name: str) -> str | None:
    """The field that a person means by a name; None where there is none."""
    name = _FIELDS.get(name.lower(), name.lower())
    return name if name in NAMES else None


def entry_of(row: Row, columns: Mapping[str, str], absolute: Callable[[str], str]) -> Entry:
    """The entry of a row; Fault where it has none.

    `columns` names the column of a field, instead of those in NAMES; `absolute` makes a URI of what a row says.
    """
    if row.fault is not None:
        raise Fault(row.fault)
    given: dict[str, str] = {}
    rest: dict[str, object] = {}
    values = row.values
    for name, field in _roles(tuple(values), tuple(columns.items())):
        value = values[name]
        if value is None or value == "" or value != value:  # noqa: PLR0124  NaN is a missing number
            continue
        if field is None or field in given or not isinstance(value, str if field == "uri" else str | int | float):
            rest[name] = value
        else:
            given[field] = str(value)
    try:
        hints = _hints(rest)
        "".join((*given.values(), hints or "")).encode()  # half a surrogate pair has no place in any table
    except UnicodeError:
        raise Fault("text that is not UTF-8") from None
    except RecursionError:
        raise Fault("values nested too deep") from None
    return Entry(absolute(_uri(given.pop("uri", ""))), hints=hints, **given)


def has_uri(names: tuple[str, ...], columns: Mapping[str, str]) -> bool:
    """Whether one of these columns names what is asked for."""
    return any(field == "uri" for _, field in _roles(names, tuple(columns.items())))


@lru_cache(maxsize=1024)
def _roles(names: tuple[str, ...], columns: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str | None], ...]:
    """Each column with its field, or None; of several columns of one field, the better name first."""
    chosen = {column: field for field, column in columns}
    taken = set(chosen.values())
    known = {name: field for field, good in NAMES.items() if field not in taken for name in good}
    rank = {name: place for place, name in enumerate(known)}
    found = [(name, chosen.get(name) or known.get(name.lower())) for name in names]
    return tuple(sorted(found, key=lambda one: rank.get(one[0].lower(), 0)))


def _uri(text: str) -> str:
    uri = text.strip()
    if not uri:
        raise Fault("no URL")
    if "\0" in uri:
        raise Fault("a URL with a zero byte")
    if len(uri) > MAX_URI:
        raise Fault(f"a URL of more than {MAX_URI} characters")
    return uri


def _hints(rest: dict[str, object]) -> str | None:
    """JSON of all that is left; an object that is called hints is taken for what was left before."""
    if not rest:
        return None
    old = rest.get(_HINTS)
    if isinstance(old, str) and old.startswith("{"):
        try:
            old = json.loads(old)
        except ValueError:
            old = None
    if isinstance(old, dict):
        rest = {**old, **{name: value for name, value in rest.items() if name != _HINTS}}
    try:
        return _dumps(rest)
    except (TypeError, ValueError):  # bytes, dates, NaN inside: the rare case pays
        return _dumps(_plain(rest))


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)


def _plain(value: object) -> object:
    """A value as JSON has it: bytes in base64, times in ISO 8601, no NaN; anything else as it prints."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return None if value != value else value if abs(value) != float("inf") else str(value)  # noqa: PLR0124
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | bool) else str(value)
