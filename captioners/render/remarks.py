"""What was put in words, as statements beside the items of its facet."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from captioners import statements as say
from captioners.record import Record
from captioners.render.draft import Piece, Topic
from schemas.caption import Facet

TOPICS: Mapping[Facet, Topic] = MappingProxyType(
    {
        "shot": "shot",
        "setting": "setting",
        "subject": "subject",
        "action": "action",
        "light": "light",
        "colour": "palette",
        "camera": "camera",
        "overlay": "overlay",
        "text": "text",
        "first_frame": "frame",
        "last_frame": "frame",
        "absence": "absence",
        "speech": "speech",
        "event": "event",
        "music": "music",
        "ambience": "ambience",
    }
)
HEARD: tuple[Facet, ...] = ("speech", "event", "music", "ambience")
"""Facets of the sound; the others are of the picture."""


def remarks(record: Record, facet: Facet, part: str = "") -> Iterator[Piece]:
    """The sentences of one facet that were put in words, those in doubt too."""
    return (Piece(TOPICS[facet], say.remark(one, record), part) for one in record.remarks if one.facet == facet)
