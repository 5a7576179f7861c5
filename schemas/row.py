"""Frozen dataclasses to Arrow and back.

A row class is a frozen, slotted dataclass whose annotations name its Arrow types:

    str -> string        int -> int64          float -> float64      bool -> bool
    bytes -> binary      tuple[X, ...] -> list<X>    a dataclass -> struct
    Literal["a", "b"] -> string                Annotated[pa.Array, pa.list_(pa.float32())] -> that type, zero copy

`X | None` is a nullable field. A field marked with `volatile()` says where or when, not what: two runs of the same work
may differ in it.
"""

import dataclasses
import types
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import pyarrow as pa

R = TypeVar("R")

I64List = Annotated[pa.Array, pa.list_(pa.int64())]
F32List = Annotated[pa.Array, pa.list_(pa.float32())]

_SCALARS: Mapping[object, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    bytes: pa.binary(),
}
VOLATILE = {"volatile": True}
"""Metadata of a field that says where or when a row was made."""


def volatile(**kwargs: Any) -> Any:
    """A dataclass field that says where or when a row was made; left out when two lakes are compared."""
    return dataclasses.field(metadata=VOLATILE, **kwargs)


def _optional(hint: object) -> tuple[object, bool]:
    if get_origin(hint) in (Union, types.UnionType):
        rest = [arg for arg in get_args(hint) if arg is not type(None)]
        if len(rest) != 1:
            raise TypeError(f"a field has one type or None: {hint}")
        return rest[0], True
    return hint, False


def arrow_type(hint: object) -> pa.DataType:
    """The Arrow type of one annotation; TypeError names an annotation that has none."""
    origin = get_origin(hint)
    if origin is Annotated:
        return cast(pa.DataType, get_args(hint)[1])
    if origin is Literal:
        return pa.string()
    if origin is tuple:
        item, nullable = _optional(get_args(hint)[0])
        return pa.list_(pa.field("element", arrow_type(item), nullable))
    if dataclasses.is_dataclass(hint):
        return pa.struct(list(arrow_schema(cast(type, hint))))
    if hint in _SCALARS:
        return _SCALARS[hint]
    raise TypeError(f"no Arrow type for {hint}")


def arrow_schema(cls: type) -> pa.Schema:
    """The Arrow schema of a row class, one column per field, in order."""
    return _schema(cls)


@cache
def _schema(cls: type) -> pa.Schema:
    hints = get_type_hints(cls, include_extras=True)
    columns = []
    for field in dataclasses.fields(cls):
        hint, nullable = _optional(hints[field.name])
        columns.append(pa.field(field.name, arrow_type(hint), nullable, metadata=_flags(field)))
    return pa.schema(columns)


def _flags(field: "dataclasses.Field[Any]") -> dict[bytes, bytes] | None:
    return {b"volatile": b"true"} if field.metadata.get("volatile") else None


def volatile_columns(cls: type) -> frozenset[str]:
    """Names of the columns of `cls` that say where or when."""
    return frozenset(f.name for f in dataclasses.fields(cls) if f.metadata.get("volatile"))


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _column(rows: list[Any], field: pa.Field) -> pa.Array:
    values = [getattr(row, field.name) for row in rows]
    if values and pa.types.is_list(field.type) and any(isinstance(v, pa.Array) for v in values):
        return _list_column([pa.array(v, field.type.value_type) for v in values], field.type)
    if pa.types.is_binary(field.type) and len(values) == 1 and values[0] is not None:
        return _single(values[0])
    return pa.array([_plain(v) for v in values] if pa.types.is_nested(field.type) else values, field.type)


def _list_column(values: list[pa.Array], kind: pa.ListType) -> pa.Array:
    offsets = [0]
    for value in values:
        offsets.append(offsets[-1] + len(value))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.concat_arrays(values), type=kind)


def _single(value: bytes) -> pa.Array:
    """A column of one value, which is not copied: pixels of an hour are a hundred megabytes."""
    offsets = pa.array([0, len(value)], pa.int32())
    return pa.Array.from_buffers(pa.binary(), 1, [None, offsets.buffers()[1], pa.py_buffer(value)])


def to_table(cls: type, rows: Iterable[Any]) -> pa.Table:
    """Rows of one class as an Arrow table; a None where the class allows none raises ValueError."""
    listed, schema = list(rows), arrow_schema(cls)
    columns = [_column(listed, field) for field in schema]
    for field, column in zip(schema, columns, strict=True):
        if not field.nullable and column.null_count:
            raise ValueError(f"{cls.__name__}.{field.name} may not be None")
    return pa.table(columns, schema=schema)


def _reader(hint: object) -> Any:
    """A function from an Arrow-made Python value to the field's own type."""
    hint, _ = _optional(hint)
    origin = get_origin(hint)
    if origin is tuple:
        item = _reader(get_args(hint)[0])
        return lambda v: None if v is None else tuple(item(x) for x in v)
    if dataclasses.is_dataclass(hint):
        cls: Any = hint
        fields = _readers(cls)
        return lambda v: None if v is None else cls(**{name: read(v[name]) for name, read in fields.items()})
    return lambda v: v


_BINARY = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)


@cache
def _readers(cls: type) -> dict[str, Any]:
    hints = get_type_hints(cls, include_extras=True)
    return {f.name: _reader(hints[f.name]) for f in dataclasses.fields(cls)}


def from_table(cls: type[R], table: pa.Table) -> Iterator[R]:
    """Rows of `cls` from a table that has at least its columns; bytes are copied out when their row is asked for."""
    readers, arrays = _readers(cast(Any, cls)), _array_fields(cast(Any, cls))
    columns: dict[str, list[Any]] = {}
    bodies: dict[str, pa.ChunkedArray] = {}
    for name in readers:
        column = table.column(name)
        if name in arrays:
            columns[name] = [item.values for item in column]
        elif any(kind(column.type) for kind in _BINARY):
            bodies[name] = column
        else:
            columns[name] = column.to_pylist()
    for i in range(table.num_rows):
        values = {name: column[i] for name, column in columns.items()}
        values.update({name: column[i].as_py() for name, column in bodies.items()})
        yield cls(**{name: read(values[name]) for name, read in readers.items()})


@cache
def _array_fields(cls: type) -> frozenset[str]:
    """Fields that stay Arrow arrays; a null list is read as None."""
    hints = get_type_hints(cls, include_extras=True)
    return frozenset(name for name, hint in hints.items() if get_origin(_optional(hint)[0]) is Annotated)
