"""What can be wrong with a sample, and what was done about it."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["lacking", "missing", "truncated", "damaged", "unreachable", "late"]
"""lacking: the lake has no row of it. The first four are facts of the data: every reader finds them. The others are of
the moment: retries with back-off have been made, and the time for them is spent."""


class Fault(Exception):
    """A sample that cannot be read as it was stored."""

    def __init__(self, kind: Kind, detail: str, shard: str | None = None) -> None:
        super().__init__(detail)
        self.kind: Kind = kind
        self.shard = shard


@dataclass(frozen=True, slots=True)
class Replaced:
    """A slot that was filled with the sample of another slot, since its own is bad."""

    step: int
    slot: int
    clip_id: str
    kind: Kind
    detail: str
    by_step: int
    by_slot: int
    by_clip_id: str
