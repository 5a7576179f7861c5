"""What an audit finds."""

from dataclasses import dataclass
from typing import Literal

DamageKind = Literal["missing", "truncated", "changed", "misplaced", "unreadable"]
OrphanKind = Literal["shard", "file", "old file", "staged", "upload"]

CURES: dict[DamageKind, str] = {
    "missing": "the object is gone",
    "truncated": "the object ends before the bytes that a row refers to",
    "changed": "the bytes are not those that were stored: their sha256, or their checksum, differs",
    "misplaced": "the bytes are there, but no member of the shard begins where the row says",
    "unreadable": "the object cannot be read to its end",
}
"""What each kind of damage means."""


@dataclass(frozen=True, slots=True)
class Damage:
    """Something that a row needs and that is not as it was stored."""

    kind: DamageKind
    table: str
    path: str  # below the lake
    owner: str | None  # media_id of media, content_key of a tensor; None: the whole object
    detail: str


@dataclass(frozen=True, slots=True)
class Orphan:
    """Something that no row refers to: it only takes space."""

    kind: OrphanKind
    path: str  # below the lake
    size: int
    modified_s: float  # since 1970
    upload: str | None = None  # its id, of an unfinished upload
