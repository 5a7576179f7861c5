"""What a site tells of a video, as plain JSON: never addresses, headers or cookies, which are signed or secret."""

from collections.abc import Mapping, Sequence
from typing import Any

_TEXT = (
    "id", "title", "description", "uploader", "uploader_id", "upload_date", "channel", "channel_id", "license",
    "language", "availability", "artist", "album", "track", "series", "season", "episode", "location",
)  # fmt: skip
_NUMBERS = ("duration", "timestamp", "age_limit", "view_count")
_LISTS = ("tags", "categories", "cast", "genres")
_OF_FORMATS = ("format_id", "ext", "vcodec", "acodec", "width", "height", "fps", "dynamic_range", "language")
_CHARACTERS = 20_000
_ITEMS = 200


def origin(info: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """What is known of a video and of the formats taken; what is not known is left out."""
    told: dict[str, object] = {"extractor": _text(info.get("extractor_key"))}
    bare = info.get("id") == info.get("title") == "playlist"
    told |= {} if bare else {name: _text(info.get(name)) for name in _TEXT}
    told |= {name: info[name] for name in _NUMBERS if _is_number(info.get(name))}
    told |= {name: [_text(item) for item in _items(info.get(name))] for name in _LISTS}
    told["chapters"] = [_chapter(item) for item in _items(info.get("chapters")) if isinstance(item, Mapping)]
    told["formats"] = [_format(part) for part in parts]
    return {name: value for name, value in told.items() if value not in (None, [], "")}


def _chapter(chapter: Mapping[str, Any]) -> dict[str, object]:
    times = {name: chapter[name] for name in ("start_time", "end_time") if _is_number(chapter.get(name))}
    return times | {"title": _text(chapter.get("title"))}


def _format(part: Mapping[str, Any]) -> dict[str, object]:
    known = {name: part.get(name) for name in _OF_FORMATS}
    return {
        name: value if _is_number(value) else _text(value)
        for name, value in known.items()
        if value not in (None, "none")
    }


def _items(value: object) -> Sequence[Any]:
    return value[:_ITEMS] if isinstance(value, list) else ()


def _is_number(value: object) -> bool:
    """A number that JSON and int64 hold."""
    return isinstance(value, int | float) and -(2**53) < value < 2**53


def _text(value: object) -> str | None:
    """Text that is valid Unicode, of bounded length."""
    return None if value is None else str(value)[:_CHARACTERS].encode("utf-8", "replace").decode()
