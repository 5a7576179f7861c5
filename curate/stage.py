"""The one contract of the house: a stage is a frozen dataclass that opens into a generator over rows."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from curate.errors import RowError
from schemas.trace import Failure

I = TypeVar("I", bound="Identified")  # noqa: E741  what goes in
O = TypeVar("O")  # noqa: E741  what comes out
In = TypeVar("In", bound="Identified", contravariant=True)  # noqa: PLC0105


class Identified(Protocol):
    """A row that can go into a stage: `id` is what its outputs are traced to."""

    @property
    def id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Outcome(Generic[O]):
    """What became of one input row: its payloads (perhaps none), or a failure."""

    input_id: str
    rows: tuple[O, ...]
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Heavy(Generic[O]):
    """A payload whose bytes go into a shard (`fetch`, `encode`): a sink stores `body` and fills `row.blob`."""

    row: O
    body: bytes | Path  # a Path is a temporary file that the sink removes
    beside: tuple[bytes, ...] = ()  # of `row.sidecars`, one for one


Run = Callable[[Iterable[I]], Iterator[Outcome[O]]]
"""One outcome for each row that goes in; order is free, nothing is dropped."""


class Stage(Protocol[In, O]):
    """A frozen dataclass. Its fields are its configuration; it pickles, compares and holds nothing heavy."""

    name: ClassVar[str]
    version: ClassVar[int]
    takes: ClassVar[type]
    gives: ClassVar[type]

    def open(self) -> Callable[[Iterable[In]], Iterator[Outcome[O]]]:
        """Load what is heavy, once, in the worker; return the generator function."""
        ...


OPERATIONAL = {"operational": True}
"""Metadata of a field that decides whether or how fast a row is made, never what is in it; not fingerprinted."""


def operational(default: Any) -> Any:
    """A field of a stage that is left out of its fingerprint: deadlines, memory caps, thread counts."""
    return dataclasses.field(default=default, metadata=OPERATIONAL)


def each(one: Callable[[I], Iterable[O]]) -> Run[I, O]:
    """Lift a function of one row to a run; a RowError becomes that row's failure."""

    def run(rows: Iterable[I]) -> Iterator[Outcome[O]]:
        for row in rows:
            try:
                yield Outcome(row.id, tuple(one(row)))
            except RowError as error:
                yield Outcome(row.id, (), error.failure)

    return run


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kept = (f for f in dataclasses.fields(value) if not f.metadata.get("operational"))
        name = getattr(value, "name", type(value).__name__)
        version = getattr(value, "version", None)
        body = {f.name: _plain(getattr(value, f.name)) for f in kept}
        return {"": name, "version": version, **body} if version is not None else body
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in sorted(value.items())}
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"a stage's field must be plain data: {value!r}")


def config(stage: object) -> str:
    """A stage's configuration as canonical JSON, without operational fields; nested stages carry their versions."""
    return json.dumps(_plain(stage), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def fingerprint(stage: "Stage[Any, Any]", upstream: Mapping[str, str]) -> str:
    """16 hex digits over the stage's name, version and configuration and the fingerprints of the tables it reads."""
    body = json.dumps([stage.name, stage.version, config(stage), sorted(upstream.items())])
    return hashlib.sha256(body.encode()).hexdigest()[:16]
