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


def frame(message: object) -> bytes:
    """A message as it goes over the pipe."""
    body = pickle.dumps(message, protocol=5)
    return len(body).to_bytes(HEADER_BYTES, "big") + body


def write_frame(fd: int, message: object) -> None:
    """Write a message to a blocking pipe."""
    rest = memoryview(frame(message))
    while rest:
        rest = rest[os.write(fd, rest) :]


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

    def __init__(self, body: bytes | bytearray, modules: frozenset[str]) -> None:
        super().__init__(io.BytesIO(body))
        self._modules = modules

    def find_class(self, module: str, name: str, /) -> Any:
        if (module, name) in _ARRAYS:
            return super().find_class(module, name)
        if "." not in name and (module.startswith(_HOUSE) or module in self._modules):
            found = getattr(sys.modules.get(module), name, None)
            if isinstance(found, type) and dataclasses.is_dataclass(found):
                return found
        raise UntrustedPickle(f"a child process sent {module}.{name}, which is no row; bytes go as bytes, not as paths")


def decode(body: bytes | bytearray, modules: frozenset[str]) -> Any:
    """Rebuild what a child sent; UntrustedPickle for anything but rows, arrays and plain values."""
    return _RowUnpickler(body, modules).load()
