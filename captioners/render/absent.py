"""What is not there, as statements."""

from collections.abc import Iterator

from captioners import statements as say
from captioners.record import Record
from captioners.render.draft import Piece, Topic

SEEN = ("text", "other_text", "camera_motion", "movement")
"""Absences of the picture; the others are of the sound."""
PLAIN = ("text", "movement", "sound", "speech", "music", "events")
"""Those that stay true whatever else is left out; that the camera stands still is a thing seen, and is always told."""


def absences(record: Record, names: tuple[str, ...], part: str = "", *, doubtful: bool = False) -> Iterator[Piece]:
    """The sentences of these absences, where the record is sure of them (or `doubtful`), in the order of `names`."""
    for name in names:
        absence = getattr(record.absences, name)
        if absence and absence.absent and (doubtful or not absence.basis.uncertain):
            yield Piece(_topic(name), say.ABSENT[name], part)


def _topic(name: str) -> Topic:
    return "other" if name.startswith("other_") else "camera" if name == "camera_motion" else "absence"
