"""What a child says is read with care."""

import io
import os
import pickle
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.media.wire import UntrustedPickle, decode, frame, read_frame, write_frame
from curate.stage import Outcome
from schemas.media import Blob
from schemas.trace import Failure
from tests.media.misbehaviour import Order

NONE: frozenset[str] = frozenset()


def rebuilt(body: bytes, modules: frozenset[str] = NONE) -> Any:
    return decode(io.BytesIO(body), modules)


class _Calls:
    """Pickles as a call of something."""

    def __init__(self, call: Any, *arguments: object) -> None:
        self.call, self.arguments = call, arguments

    def __reduce__(self) -> tuple[Any, tuple[object, ...]]:
        return self.call, self.arguments


@pytest.mark.parametrize("call", [os.system, eval, getattr, pickle.loads, frame, decode, Failure.__init__])
def test_nothing_is_called_that_a_row_is_not_made_of(call: Any) -> None:
    with pytest.raises(UntrustedPickle, match=r"which is no row"):
        rebuilt(pickle.dumps(_Calls(call, "true"), protocol=5))


def test_rows_of_other_modules_need_leave() -> None:
    body = pickle.dumps(Order("a", "b"), protocol=5)
    with pytest.raises(UntrustedPickle, match=r"tests\.media\.misbehaviour\.Order"):
        rebuilt(body)
    assert rebuilt(body, frozenset({"tests.media.misbehaviour"})).what == "b"


def test_outcomes_with_rows_and_failures_come_back() -> None:
    sent = ("outcome", Outcome("a", (Blob("s", 1, 2, "c"),), Failure("gone", "é")))
    assert rebuilt(pickle.dumps(sent, protocol=5)) == sent


@pytest.mark.parametrize(
    "array",
    [
        pa.array([1.5, None], pa.float32()),
        pa.array([], pa.int64()),
        pa.array(range(100))[90:],
        pa.array(["a", None]),
        pa.array([[1, 2], []], pa.list_(pa.int64())),
    ],
)
def test_arrow_arrays_come_back(array: pa.Array) -> None:
    assert rebuilt(pickle.dumps(array, protocol=5)).equals(array)


@pytest.mark.parametrize(
    "array", [np.arange(6, dtype=np.float16).reshape(2, 3), np.zeros(0), np.arange(9)[::2], np.float32(3)]
)
def test_numpy_arrays_come_back(array: Any) -> None:
    found = rebuilt(pickle.dumps(array, protocol=5))
    assert found.dtype == array.dtype
    assert np.array_equal(found, array)


def test_nothing_may_follow_an_answer() -> None:
    with pytest.raises(UntrustedPickle, match="more than an answer"):
        rebuilt(pickle.dumps(1) + b"x")


@pytest.mark.parametrize("value", [bytes(1 << 20), np.arange(1 << 20), np.ones((300, 400)).T, pa.array(range(1 << 18))])
def test_large_values_go_out_in_pieces_that_are_a_message_together(value: Any) -> None:
    header, *pieces = frame((value, "after"))
    body = b"".join(pieces)
    assert int.from_bytes(header, "big") == len(body)
    found, after = rebuilt(body)
    assert after == "after"
    assert found.equals(value) if isinstance(value, pa.Array) else np.array_equal(found, value)


def test_large_bytes_are_not_copied_on_their_way_out() -> None:
    pixels = bytes(1 << 20)
    assert any(piece.obj is pixels for piece in frame(Failure("gone", "")) + frame(pixels))


@given(st.lists(st.binary(max_size=3000), max_size=5))
def test_frames_follow_each_other_on_a_pipe(messages: list[bytes]) -> None:
    reader, writer = os.pipe()
    for message in messages:
        write_frame(writer, message)
    os.close(writer)
    found = []
    while (body := read_frame(reader)) is not None:
        found.append(pickle.loads(body))  # noqa: S301
    os.close(reader)
    assert found == messages
