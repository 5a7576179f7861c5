"""The hash of what a table holds: the same content is the same hash, whoever made it and when."""

import hashlib

import polars as pl

from curate.slices import by_slices

_FIELD, _ITEM, _NULL = "\x1f", "\x1e", "\x00"


def digest(head: str, frame: pl.DataFrame) -> str:
    """sha256 over `head` and every row of `frame`, in its order, column by column."""
    whole = Digest(head)
    whole.add(frame)
    return whole.hex


class Digest:
    """The digest of a frame that is given in parts."""

    def __init__(self, head: str) -> None:
        self._sha = hashlib.sha256(head.encode())

    def add(self, frame: pl.DataFrame) -> None:
        line = pl.concat_str([_text(name, kind) for name, kind in frame.schema.items()], separator=_FIELD)
        for text in by_slices(frame, lambda part: part.select(line.str.join("\n")).item()):
            self._sha.update(b"\n")
            self._sha.update(text.encode())

    @property
    def hex(self) -> str:
        return self._sha.hexdigest()


def _text(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    text = column.list.join(_ITEM) if isinstance(kind, pl.List) else column.cast(pl.String)
    return text.fill_null(_NULL)
