"""Renderings: templates over the record. Another format never needs another captioning."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from captioners.record import Record
from captioners.render.dense import dense
from captioners.render.medium import medium
from captioners.render.short import short
from captioners.render.tags import tag_line, tags

__all__ = ["RENDERERS", "Renderer", "dense", "medium", "short", "tag_line", "tags"]

Renderer = Callable[[Record], str]

RENDERERS: Mapping[str, Renderer] = MappingProxyType(
    {
        "dense": dense,
        "medium": medium,
        "short": short,
        "tags": tag_line,
    }
)
