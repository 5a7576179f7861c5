"""What a metric gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]


@dataclass(frozen=True, slots=True)
class Measured:
    """A number, and what a reader may want to know beside it."""

    value: float
    detail: Json = None
