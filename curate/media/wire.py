"""Messages between a worker and its child: a length of eight bytes, then a pickle.

What a child says is not trusted: its pickles may name row classes and plain arrays, nothing that can be called to harm.
"""

import dataclasses
import io
import os
import pickle
import sys
from typing import Any

HEADER_BYTES = 8
_HOUSE = ("schemas.", "curate.", "captioners.")
_ARRAYS = frozenset(
    {
        ("pyarrow.lib", "_restore_array"),
        ("pyarrow.lib", "type_for_alias"),
        ("pyarrow.lib", "py_buffer"),
        ("pyarrow.lib", "list_"),
        ("pyarrow.lib", "field"),
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy._core.numeric", "_frombuffer"),
        ("numpy._core.multiarray", "scalar"),
        ("numpy._core.multiarray", "_reconstruct"),
    }
)


class UntrustedPickle(Exception):
    """A child named something that is neither a row class nor an array."""


class _Parts:
    """What a pickler writes to: pieces in order, large values as they are, not copied."""

    def __init__(self) -> None:
        self.pieces: list[memoryview] = []

    def write(self, data: Any) -> None:
        self.pieces.append(data.raw() if isinstance(data, pickle.PickleBuffer) else memoryview(data))


def frame(message: object) -> list[memoryview]:
    """A message as it goes over the pipe, in pieces; the large ones are the message's own memory."""
    parts = _Parts()
    pickle.Pickler(parts, protocol=5).dump(message)
    size = sum(piece.nbytes for piece in parts.pieces)
    return [memoryview(size.to_bytes(HEADER_BYTES, "big")), *parts.pieces]


def write_frame(fd: int, message: object) -> None:
    """Write a message to a blocking pipe."""
    for piece in frame(message):
        sent = 0
        while sent < len(piece):
            sent += os.write(fd, piece[sent:])


def read_frame(fd: int) -> bytes | None:
    """The body of the next message of a blocking pipe; None when the other side has closed it."""
    header = _read_exactly(fd, HEADER_BYTES)
    return None if header is None else _read_exactly(fd, int.from_bytes(header, "big"))


def _read_exactly(fd: int, size: int) -> bytes | None:
    parts, missing = [], size
    while missing:
        part = os.read(fd, min(missing, 1 << 20))
        if not part:
            return None
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


class _RowUnpickler(pickle.Unpickler):
    """Finds dataclasses of the house and of the stage's own module, and what arrays are rebuilt with."""

    def __init__(self, body: io.BufferedIOBase, modules: frozenset[str]) -> None:
        super().__init__(body)
        self._modules = modules

    def find_class(self, module: str, name: str, /) -> Any:
        if (module, name) in _ARRAYS:
            return super().find_class(module, name)
        if "." not in name and (module.startswith(_HOUSE) or module in self._modules):
            found = getattr(sys.modules.get(module), name, None)
            if isinstance(found, type) and dataclasses.is_dataclass(found):
                return found
        raise UntrustedPickle(f"a child process sent {module}.{name}, which is no row; bytes go as bytes, not as paths")


def decode(body: io.BufferedIOBase, modules: frozenset[str]) -> Any:
    """Rebuild what a child sent, while it comes; UntrustedPickle for anything but rows, arrays and plain values."""
    found = _RowUnpickler(body, modules).load()
    if body.read(1):
        raise UntrustedPickle("a child process sent more than an answer")
    return found
