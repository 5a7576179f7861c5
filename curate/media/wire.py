"""Messages between a worker and its child: a length of eight bytes, then a body.

What goes to a child is a pickle. What comes back is not trusted, so it is none: a text of JSON with its length before
it, then the bytes of arrays in the order in which the text names them. It is read by the types that were asked for
(`typed.py`); the child names no class and calls nothing.
"""

import json
import os
import pickle
from typing import Any

from curate.media.typed import Bodies, plain, reader

HEADER_BYTES = 8
TEXT_BYTES = 32 << 20
"""Of the JSON of an answer, at most: rebuilt, it takes some thirty times as much."""


class _Parts:
    """What a pickler writes to: pieces in order, large values as they are, not copied."""

    def __init__(self) -> None:
        self.pieces: list[memoryview] = []

    def write(self, data: Any) -> None:
        self.pieces.append(data.raw() if isinstance(data, pickle.PickleBuffer) else memoryview(data))


def frame(message: object) -> list[memoryview]:
    """A pickled message as it goes over the pipe, in pieces; the large ones are the message's own memory."""
    parts = _Parts()
    pickle.Pickler(parts, protocol=5).dump(message)
    return _framed(parts.pieces)


def encoded(answer: object) -> list[memoryview]:
    """An answer as it goes over the pipe, in pieces; TypeError for what is no part of a row."""
    bodies: list[memoryview] = []
    text = json.dumps(plain(answer, bodies), separators=(",", ":")).encode()
    return _framed([_size(len(text)), memoryview(text), *bodies])


def decode(body: Bodies, hint: Any) -> Any:
    """Rebuild an answer of a type, while it comes; raises whatever its bytes make `json` and the types raise."""
    size = int.from_bytes(body.read(HEADER_BYTES), "big")
    if size > TEXT_BYTES:
        raise ValueError(f"a text of {size} bytes")
    found = reader(hint)(json.loads(body.read(size)), body)
    if body.left:
        raise ValueError("more than an answer")
    return found


def write_pieces(fd: int, pieces: list[memoryview]) -> None:
    """Write a message to a blocking pipe."""
    for piece in pieces:
        sent = 0
        while sent < len(piece):
            sent += os.write(fd, piece[sent:])


def read_frame(fd: int) -> bytes | None:
    """The body of the next message of a blocking pipe; None when the other side has closed it."""
    header = _read_exactly(fd, HEADER_BYTES)
    return None if header is None else _read_exactly(fd, int.from_bytes(header, "big"))


def _framed(pieces: list[memoryview]) -> list[memoryview]:
    return [_size(sum(piece.nbytes for piece in pieces)), *pieces]


def _size(number: int) -> memoryview:
    return memoryview(number.to_bytes(HEADER_BYTES, "big"))


def _read_exactly(fd: int, size: int) -> bytes | None:
    parts, missing = [], size
    while missing:
        part = os.read(fd, min(missing, 1 << 20))
        if not part:
            return None
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
