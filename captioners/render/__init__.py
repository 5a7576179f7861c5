"""Renderings: templates over the record. Another format never needs another captioning."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from captioners.record import Record
from captioners.render import hunyuan, ltx2, ovi
from captioners.render.dense import dense
from captioners.render.dense import draft as dense_draft
from captioners.render.draft import Count, Draft, shortened
from captioners.render.medium import draft as medium_draft
from captioners.render.medium import medium
from captioners.render.short import draft as short_draft
from captioners.render.short import short
from captioners.render.tags import draft as tags_draft
from captioners.render.tags import tag_line, tags
from curate.errors import UsageError

__all__ = [
    "RENDERERS", "Count", "Renderer", "dense", "medium", "renderer", "short", "stored", "tag_line", "tags",
]  # fmt: skip

Renderer = Callable[[Record], str]

RENDERERS: Mapping[str, Callable[[Record, bool | None], Draft]] = MappingProxyType(
    {
        "dense": dense_draft,
        "medium": medium_draft,
        "short": short_draft,
        "tags": tags_draft,
        "ltx2": ltx2.draft,
        "ovi": ovi.draft,
        "ovi-1.1": ovi.draft_11,
        "hunyuan": hunyuan.draft,
    }
)
"""The draft of a record in each format. The flag: whether what is not there is said; None: as the format has it."""


def renderer(
    name: str, *, absences: bool | None = None, tokens: int | None = None, count: Count | None = None
) -> Renderer:
    """The rendering of that name, of no more than `tokens` as `count` counts them (see `tokens.tokenizer`).

    What has no room is left out by whole statements, the least important first; a record that has no text so short
    raises TooLarge. UsageError where the name is unknown, or tokens come without a way to count them.
    """
    if name not in RENDERERS:
        raise UsageError(f"no rendering is called {name!r}; there are {', '.join(RENDERERS)}")
    if (tokens is None) != (count is None):
        raise UsageError("a length is a number of tokens and a tokenizer to count them with: give both or none")
    if tokens is not None and tokens < 1:
        raise UsageError(f"a length is 1 token or more, not {tokens}")
    draft = RENDERERS[name]

    def render(record: Record) -> str:
        found = draft(record, absences)
        return found.text if tokens is None or count is None else shortened(found, count, tokens)

    return render


def stored(render: Renderer) -> Callable[[str], str]:
    """The same over the JSON of a record, as `captions.record` stores it: for `curate.reader.Loader(texts=...)`."""
    return lambda record: render(Record.model_validate_json(record))
