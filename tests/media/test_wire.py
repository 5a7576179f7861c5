"""What a child says is read with care."""

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


class _Calls:
    """Pickles as a call of something."""

    def __init__(self, call: Any, *arguments: object) -> None:
        self.call, self.arguments = call, arguments

    def __reduce__(self) -> tuple[Any, tuple[object, ...]]:
        return self.call, self.arguments


@pytest.mark.parametrize("call", [os.system, eval, getattr, pickle.loads, frame, decode, Failure.__init__])
def test_nothing_is_called_that_a_row_is_not_made_of(call: Any) -> None:
    with pytest.raises(UntrustedPickle, match=r"which is no row"):
        decode(pickle.dumps(_Calls(call, "true"), protocol=5), NONE)


def test_rows_of_other_modules_need_leave() -> None:
    body = pickle.dumps(Order("a", "b"), protocol=5)
    with pytest.raises(UntrustedPickle, match=r"tests\.media\.misbehaviour\.Order"):
        decode(body, NONE)
    assert decode(body, frozenset({"tests.media.misbehaviour"})).what == "b"


def test_outcomes_with_rows_and_failures_come_back() -> None:
    sent = ("outcome", Outcome("a", (Blob("s", 1, 2),), Failure("gone", "é")))
    assert decode(pickle.dumps(sent, protocol=5), NONE) == sent


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
    assert decode(pickle.dumps(array, protocol=5), NONE).equals(array)


@pytest.mark.parametrize(
    "array", [np.arange(6, dtype=np.float16).reshape(2, 3), np.zeros(0), np.arange(9)[::2], np.float32(3)]
)
def test_numpy_arrays_come_back(array: Any) -> None:
    found = decode(pickle.dumps(array, protocol=5), NONE)
    assert found.dtype == array.dtype
    assert np.array_equal(found, array)


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
