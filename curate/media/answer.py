"""What a child may say, and whether it speaks of what it was asked."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from curate.errors import ROW_ERRORS
from curate.media.confine import Confinement
from curate.stage import Heavy, Identified, Outcome
from schemas.trace import Failure

DETAIL = 2000


@dataclass(frozen=True, slots=True)
class Ready:
    """The stage is open."""

    confinement: Confinement


@dataclass(frozen=True, slots=True)
class Swelled:
    """No memory was left."""


@dataclass(frozen=True, slots=True)
class Misused:
    """A usage error was raised."""

    kind: str  # its class
    message: str


@dataclass(frozen=True, slots=True)
class Broken:
    """Anything else was raised."""

    traceback: str


class Strange(Exception):
    """An answer that a stage does not give: a bug of ours, or somebody else speaks."""


def answers(gives: Any) -> Any:
    """The type of what a child says of a stage that gives rows of this class."""
    return Ready | Swelled | Misused | Broken | Outcome[gives | Heavy[gives]]


def checked(outcome: Outcome[Any], row: Identified) -> Outcome[Any]:
    """The outcome of this row; Strange where it is that of another, or speaks of another."""
    if outcome.input_id != row.id:
        raise Strange(f"an outcome of {outcome.input_id[:80]!r}")
    if outcome.failure is not None:
        if outcome.rows or outcome.failure.kind not in ROW_ERRORS:
            raise Strange(f"a failure of kind {outcome.failure.kind[:80]!r} with {len(outcome.rows)} rows")
        return Outcome(row.id, (), Failure(outcome.failure.kind, outcome.failure.detail[:DETAIL]))
    asked = {row.id, *_names(row)}
    for name in _names(outcome.rows):
        if name not in asked and name.partition("#")[0] not in asked:
            raise Strange(f"a row of {name[:80]!r}")
    return outcome


def _names(value: Any) -> Iterator[str]:
    """What a row and its parts are called, and what they belong to: fields `id` and `..._id`."""
    if isinstance(value, tuple):
        for item in value:
            yield from _names(item)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            found = getattr(value, field.name)
            if isinstance(found, str) and (field.name == "id" or field.name.endswith("_id")):
                yield found
            yield from _names(found)
