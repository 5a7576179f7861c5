"""JSON that strangers wrote, read with the place at hand: what is wrong with it is told by where it is."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from curate.errors import UsageError

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


class WrongJson(UsageError):
    """A value is not what it has to be; the message begins with its place."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value, and where it is: `[3].annotations[0].result[5].value.start`."""

    value: Json
    place: str = ""

    def wrong(self, what: str) -> WrongJson:
        shown = json.dumps(self.value, ensure_ascii=False, default=repr)
        return WrongJson(f"{self.place or 'the file'}: {what}; it is {shown[:80]}")

    def has(self, name: str) -> bool:
        """Whether an object has a field that is not null."""
        return isinstance(self.value, dict) and self.value.get(name) is not None

    def field(self, name: str) -> "Node":
        """A field of an object; null where it is missing."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object is expected")
        return Node(self.value.get(name), f"{self.place}.{name}" if self.place else name)

    def items(self) -> "Iterator[Node]":
        """The elements of a list; none where it is null."""
        if self.value is None:
            return
        if not isinstance(self.value, list):
            raise self.wrong("a list is expected")
        for index, value in enumerate(self.value):
            yield Node(value, f"{self.place}[{index}]")

    def object(self) -> dict[str, Json]:
        if not isinstance(self.value, dict):
            raise self.wrong("an object is expected")
        return self.value

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.wrong("a text is expected")
        return self.value

    def number(self) -> float:
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.wrong("a number is expected")
        if isinstance(self.value, float) and not math.isfinite(self.value):
            raise self.wrong("a finite number is expected")
        return self.value

    def integer(self) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.wrong("a whole number is expected")
        return self.value

    def flag(self) -> bool:
        """True or false; false where it is null."""
        if self.value is not None and not isinstance(self.value, bool):
            raise self.wrong("true or false is expected")
        return bool(self.value)


def parsed(text: str | bytes) -> Node:
    """A whole file. WrongJson where it is no JSON, NaN and the infinities included."""
    try:
        return Node(json.loads(text, parse_constant=_no_number))
    except (ValueError, RecursionError) as error:
        raise WrongJson(f"the file is no JSON: {error or 'nested too deep'}") from error


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")
