"""In the manner of HunyuanVideo: JSON with a key for each side of the picture, sound left out.

The paper (arXiv 2412.03603, structured captions) names the sides: short and dense description, background, style, shot
type, lighting, atmosphere, and the camera movement of a classifier. How it spells the keys is not published; these are
ours. A key about which nothing is known is not there. Atmosphere is what can be measured of it: colours and movement.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from captioners.phrase import listing, sentence
from captioners.record import Absences, Record
from captioners.render.absent import SEEN, absences
from captioners.render.draft import Draft, Piece, Topic
from captioners.render.remarks import HEARD
from captioners.render.short import short
from captioners.render.story import flowing, framed, in_words, ordered, seen

KEYS = (
    "short_description", "dense_description", "background", "style", "shot_type", "lighting", "atmosphere",
    "camera_movement",
)  # fmt: skip
SIDES: Mapping[Topic, str] = MappingProxyType(
    {
        "shot": "shot_type",
        "light": "lighting",
        "palette": "atmosphere",
        "movement": "atmosphere",
        "camera": "camera_movement",
    }
)
"""Which statements of the dense description have a key of their own too."""


def draft(record: Record, absent: bool | None = None) -> Draft:
    """absent: whether to say that nothing is written and nothing moves; it is not said unless asked for."""
    picture = _silent(record)
    pieces = list(_pieces(picture))
    missing = absences(picture, ("text", "movement") if absent else (), "dense_description")
    return Draft((*pieces, *missing), _json)


def _silent(record: Record) -> Record:
    """The record without what is heard, and without what is uncertain in what `short` tells."""
    kept = Absences(**{name: getattr(record.absences, name) for name in SEEN})
    gone = {"speech": (), "events": (), "music": (), "silences": (), "ambience": None, "absences": kept}
    seen_words = tuple(one for one in record.remarks if one.facet not in HEARD and not one.basis.uncertain)
    sure = {
        name: tuple(item for item in getattr(record, name) if not item.basis.uncertain)
        for name in ("subjects", "lights", "camera", "texts", "settings", "shots")
    }
    palette = record.palette if record.palette and not record.palette.basis.uncertain else None
    return record.model_copy(update={**gone, **sure, "palette": palette, "remarks": seen_words})


def _pieces(record: Record) -> Iterator[Piece]:
    if brief := short(record):
        yield Piece("summary", brief, "short_description")
    told = ordered(list(seen(record)))
    yield from (replace(piece, part="dense_description") for piece in framed(record, told))
    yield from (replace(piece, part=SIDES[piece.topic]) for piece in told if piece.topic in SIDES)
    yield from (replace(piece, part="background") for piece in in_words(record, "setting"))
    for setting in record.settings:
        places = [part for part in (setting.place, setting.depth) if part]
        if places:
            yield Piece("setting", sentence(listing(places)), "background")
        looks = [part for part in (setting.style, setting.medium) if part]
        if looks:
            yield Piece("setting", sentence(listing(looks)), "style")


def _json(pieces: Sequence[Piece]) -> str:
    said = {key: flowing([piece for piece in pieces if piece.part == key]) for key in KEYS}
    return json.dumps({key: text for key, text in said.items() if text}, ensure_ascii=False)
