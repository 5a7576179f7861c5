"""Rows as plain data and bytes, and back by their types alone: what is read is what was asked for, or an error.

None, bool, int, float, str, Literal    as they are; int: of 64 bits
a dataclass      {its name: [its fields]}, made by its constructor
tuple            a list
bytes            how many; they follow
NDArray[X]       [the kind of X, lengths]; its values follow, C order, little endian
Annotated[pa.Array, a list of numbers]    how many; they follow
"""

import dataclasses
import math
import types
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
import pyarrow as pa

_INT64 = 1 << 63


class Bodies(Protocol):
    """Bytes that follow a text, in order. `left`: how many there are still to be."""

    left: int

    def read(self, size: int) -> bytes: ...

    def fill(self, into: memoryview) -> None: ...


Read = Callable[[Any, Bodies], Any]


def plain(value: Any, bodies: list[memoryview]) -> Any:
    """A value as JSON takes it; the bytes of its arrays are added to `bodies`. TypeError for what has no such form."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case tuple():
            return [plain(item, bodies) for item in value]
        case np.generic():
            return value.item()
        case bytes() | np.ndarray() | pa.Array():
            return _body(value, bodies)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [plain(getattr(value, field.name), bodies) for field in dataclasses.fields(value)]
        return {type(value).__name__: fields}
    raise TypeError(
        f"{type(value).__module__}.{type(value).__name__} is no part of a row: bytes go as bytes, not as paths"
    )


def _body(value: Any, bodies: list[memoryview]) -> Any:
    """How much it is; its bytes go to the others."""
    if isinstance(value, bytes):
        bodies.append(memoryview(value))
        return len(value)
    values = value.to_numpy() if isinstance(value, pa.Array) else value
    kind = values.dtype.newbyteorder("<")
    bodies.append(np.ascontiguousarray(values, kind).reshape(-1).view(np.uint8).data)
    return len(values) if isinstance(value, pa.Array) else [kind.str, *values.shape]


@cache
def reader(hint: Any) -> Read:
    """What makes a value of a type; TypeError, at once, for a type that is no part of a row."""
    if hint in _SCALARS:
        return _SCALARS[hint]
    if (made := _MADE.get(get_origin(hint))) is not None:
        return made(get_args(hint))
    if dataclasses.is_dataclass(get_origin(hint) or hint):
        return _row(hint)
    raise TypeError(f"a child cannot give a {hint}")


def _held(value: Any, holds: bool) -> Any:
    if not holds:
        raise ValueError(f"{str(value)[:80]!r} where it may not be")
    return value


def _text(value: Any, _: Bodies) -> str:
    _held(value, isinstance(value, str))
    value.encode()  # half of a pair of surrogates is no text
    return str(value)


def _bytes(value: Any, bodies: Bodies) -> bytes:
    return bodies.read(_held(value, type(value) is int and 0 <= value <= bodies.left))


_SCALARS: dict[Any, Read] = {
    type(None): lambda value, _: _held(value, value is None),
    bool: lambda value, _: _held(value, isinstance(value, bool)),
    int: lambda value, _: _held(value, type(value) is int and -_INT64 <= value < _INT64),
    float: lambda value, _: float(_held(value, type(value) in (int, float))),
    str: _text,
    bytes: _bytes,
}


def _one_of(options: tuple[Any, ...]) -> Read:
    """One of several dataclasses by its name, or the one other thing that there is; a path is never taken."""
    rows = {
        (get_origin(one) or one).__name__: one for one in options if dataclasses.is_dataclass(get_origin(one) or one)
    }
    others = [one for one in options if one not in (type(None), Path) and one not in rows.values()]
    if len(others) > 1:
        raise TypeError(f"a child cannot give one of {others}")

    def read(value: Any, bodies: Bodies) -> Any:
        if value is None:
            return _held(value, type(None) in options)
        if isinstance(value, dict):
            return reader(rows[next(iter(value))])(value, bodies)
        return reader(_held(others, bool(others))[0])(value, bodies)

    return read


def _tuple(items: tuple[Any, ...]) -> Read:
    if items[1:] == (...,):
        one = reader(items[0])
        return lambda value, bodies: tuple(one(item, bodies) for item in _held(value, isinstance(value, list)))
    each = [reader(item) for item in items]

    def read(value: Any, bodies: Bodies) -> tuple[Any, ...]:
        _held(value, isinstance(value, list) and len(value) == len(each))
        return tuple(one(item, bodies) for one, item in zip(each, value, strict=True))

    return read


def _choice(words: tuple[Any, ...]) -> Read:
    return lambda value, _: _held(value, isinstance(value, str) and value in words)


def _column(arguments: tuple[Any, ...]) -> Read:
    kind: pa.DataType = arguments[1].value_type

    def read(value: Any, bodies: Bodies) -> pa.Array:
        size = _held(value, type(value) is int and value >= 0) * kind.bit_width // 8
        return pa.Array.from_buffers(kind, value, [None, pa.py_buffer(_bytes(size, bodies))])

    return read


def _numbers(arguments: tuple[Any, ...]) -> Read:
    kind = np.dtype(get_args(arguments[1])[0])

    def read(value: Any, bodies: Bodies) -> Any:
        _held(value, isinstance(value, list) and value[:1] == [kind.newbyteorder("<").str])
        _held(value, all(type(length) is int and length >= 0 for length in value[1:]))
        _held(value, math.prod(value[1:]) * kind.itemsize <= bodies.left)
        made = np.empty(value[1:], kind)
        bodies.fill(made.reshape(-1).view(np.uint8).data)
        return made

    return read


_MADE: dict[Any, Callable[[tuple[Any, ...]], Read]] = {
    Union: _one_of,
    types.UnionType: _one_of,
    Literal: _choice,
    tuple: _tuple,
    Annotated: _column,
    np.ndarray: _numbers,
}


def _row(hint: Any) -> Read:
    cls = get_origin(hint) or hint
    known = dict(zip(getattr(cls, "__parameters__", ()), get_args(hint), strict=True))
    hints = get_type_hints(cls, include_extras=True)
    fields = [(field.name, reader(_known(hints[field.name], known))) for field in dataclasses.fields(cls)]

    def read(value: Any, bodies: Bodies) -> Any:
        _held(value, isinstance(value, dict) and [*value] == [cls.__name__])
        listed = value[cls.__name__]
        _held(listed, isinstance(listed, list) and len(listed) == len(fields))
        return cls(**{name: read_one(item, bodies) for (name, read_one), item in zip(fields, listed, strict=True)})

    return read


def _known(hint: Any, types_: dict[TypeVar, Any]) -> Any:
    """A type with what is known of its variables."""
    if isinstance(hint, TypeVar):
        return types_[hint]
    variables = getattr(hint, "__parameters__", ())
    return hint[tuple(types_[one] for one in variables)] if variables else hint
