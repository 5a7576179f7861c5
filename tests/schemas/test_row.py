"""Rows survive the trip to Arrow and back."""

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.row import F32List, arrow_schema, from_table, to_table, volatile, volatile_columns


@dataclass(frozen=True, slots=True)
class Inner:
    a: int
    b: str | None


@dataclass(frozen=True, slots=True)
class Outer:
    name: str
    kind: Literal["x", "y"]
    inner: Inner | None
    many: tuple[Inner, ...]
    numbers: tuple[int, ...]
    body: bytes
    ratio: float | None
    when: int = volatile()


inner = st.builds(Inner, st.integers(-(2**63), 2**63 - 1), st.none() | st.text(max_size=5))
outer = st.builds(
    Outer,
    st.text(max_size=5),
    st.sampled_from(["x", "y"]),
    st.none() | inner,
    st.lists(inner, max_size=3).map(tuple),
    st.lists(st.integers(0, 9), max_size=3).map(tuple),
    st.binary(max_size=5),
    st.none() | st.floats(allow_nan=False),
    st.integers(0, 9),
)


@dataclass(frozen=True, slots=True)
class Pixels:
    pixels: bytes | None


@given(st.lists(outer, max_size=5))
def test_round_trip(rows: list[Outer]) -> None:
    assert list(from_table(Outer, to_table(Outer, rows))) == rows


def test_schema_names_types_and_nullability() -> None:
    schema = arrow_schema(Outer)
    assert schema.field("kind").type == pa.string()
    assert not schema.field("name").nullable
    assert schema.field("inner").nullable
    assert schema.field("many").type.value_type == pa.struct(
        [pa.field("a", pa.int64(), False), pa.field("b", pa.string())]
    )
    assert volatile_columns(Outer) == {"when"}


@dataclass(frozen=True, slots=True)
class Measured:
    id: str
    values: F32List


def test_array_fields_stay_arrays() -> None:
    rows = [Measured("a", pa.array([1.0, 2.5], pa.float32())), Measured("b", pa.array([], pa.float32()))]
    back = list(from_table(Measured, to_table(Measured, rows)))
    assert [row.values.to_pylist() for row in back] == [[1.0, 2.5], []]
    assert back[0].values.type == pa.float32()


def test_one_value_of_bytes_is_not_copied() -> None:
    pixels = bytes(range(256))
    column = to_table(Pixels, [Pixels(pixels)]).column("pixels")
    assert column.to_pylist() == [pixels]
    column.validate(full=True)
    assert column.chunk(0).buffers()[2].address == pa.py_buffer(pixels).address
    assert to_table(Pixels, [Pixels(None)]).column("pixels").to_pylist() == [None]
    assert [row.pixels for row in from_table(Pixels, to_table(Pixels, [Pixels(b""), Pixels(pixels)]))] == [b"", pixels]


def test_none_where_the_class_allows_none_is_refused() -> None:
    bad = Inner(a=None, b="x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"Inner\.a"):
        to_table(Inner, [bad])


@dataclass(frozen=True, slots=True)
class Unmappable:
    value: object


def test_a_type_without_arrow_form_is_named() -> None:
    with pytest.raises(TypeError, match="object"):
        arrow_schema(Unmappable)
