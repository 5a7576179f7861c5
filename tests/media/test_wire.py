"""What a child says is read by the types that were asked for."""

import io
import json
import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from curate.media.answer import Broken, Ready, Strange, answers, checked
from curate.media.confine import Confinement
from curate.media.typed import reader
from curate.media.wire import decode, encoded, frame, read_frame, write_pieces
from curate.stage import Heavy, Outcome
from schemas.clip import Score
from schemas.media import Blob
from schemas.row import F32List, I64List
from schemas.trace import Failure


class Body:
    """An answer that has come whole."""

    def __init__(self, body: bytes) -> None:
        self.left, self._stream = len(body), io.BytesIO(body)

    def read(self, size: int) -> bytes:
        self.left -= size
        return self._stream.read(size)

    def fill(self, into: memoryview) -> None:
        into[:] = self.read(len(into))


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that a row may hold."""

    clip_id: str
    size: tuple[int, int]
    kind: Literal["near", "far"]
    share: float | None
    still: bool
    pixels: bytes
    at_us: I64List
    values: F32List
    frames: NDArray[np.uint8]
    wave: NDArray[np.float32] | None
    parts: tuple[str | Blob, ...]


def measured(**other: Any) -> Measured:
    whole: dict[str, Any] = {
        "clip_id": "a", "size": (1, 2), "kind": "far", "share": 0.5, "still": True, "pixels": b"\x00\xff" * 9,
        "at_us": pa.array([1, 1 << 40]), "values": pa.array([0.5, float("nan")], pa.float32())[1:],
        "frames": np.arange(24, dtype=np.uint8).reshape(2, 3, 4)[:, ::2], "wave": None,
        "parts": ("é", Blob("s", 1, 2, "c")),
    }  # fmt: skip
    return Measured(**{**whole, **other})


def body(answer: object) -> bytes:
    return b"".join(encoded(answer)[1:])


def told(text: Any, rest: bytes = b"") -> bytes:
    raw = text if isinstance(text, bytes) else json.dumps(text).encode()
    return len(raw).to_bytes(8, "big") + raw + rest


def rebuilt(data: bytes, hint: Any) -> Any:
    return decode(Body(data), hint)


def test_a_row_comes_back_as_it_was() -> None:
    sent = measured(wave=np.zeros((2, 0), np.float32))
    found = rebuilt(body(sent), Measured)
    for name in ("clip_id", "size", "kind", "share", "still", "pixels", "parts"):
        assert getattr(found, name) == getattr(sent, name)
    assert found.at_us.equals(sent.at_us)
    assert found.at_us.type == pa.int64()
    assert np.array_equal(found.values.to_numpy(), sent.values.to_numpy(), equal_nan=True)
    assert np.array_equal(found.frames, sent.frames)
    assert (found.wave.shape, found.wave.dtype) == ((2, 0), np.float32)


@pytest.mark.parametrize(
    "answer",
    [
        Ready(Confinement(network=True, calls=False, files=True)),
        Broken("Traceback"),
        Outcome("a", (Score("a", "motion", 1.0, None),)),
        Outcome("a", (Heavy(Score("a", "motion", 1, None), b"film", (b"", b"x")),)),
        Outcome("a", (), Failure("gone", "é")),
    ],
)
def test_answers_of_all_kinds_come_back(answer: Any) -> None:
    assert rebuilt(body(answer), answers(Score)) == answer


@pytest.mark.parametrize(
    "other",
    [
        {"clip_id": 1}, {"clip_id": b"x"}, {"size": (1, 2, 3)}, {"size": (1, 1 << 63)}, {"size": (1, 2.0)},
        {"kind": "else"}, {"share": "0.5"}, {"still": 1}, {"pixels": "text"}, {"at_us": (1, 2)}, {"at_us": None},
        {"frames": np.zeros(3, np.uint16)}, {"frames": None}, {"parts": (b"bytes",)}, {"parts": (Failure("a", "b"),)},
        {"clip_id": "\ud800"}, {"share": pa.array([1])},
    ],
)  # fmt: skip
def test_what_is_of_another_type_is_no_answer(other: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        rebuilt(body(measured(**other)), Measured)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xff" * 8, told(b"{"), told(b"[" * 100_000), told(b"9" * 10_000), told(None), told([]), told({}),
        told({"Score": []}), told({"Score": ["a", "b", 1.0, None], "more": []}), told({"Ready": [{"Ready": [True]}]}),
        told({"Outcome": ["a", 3, None]}), told({"Outcome": ["a", [], None]}, b"more"), told({"os.system": ["true"]}),
        told({"Outcome": ["a", [{"Heavy": [{"Score": ["a", "m", 1.0, None]}, 1 << 50, []]}], None]}, b"x"),
        pickle.dumps(Outcome("a", ())),
    ],
)  # fmt: skip
def test_bytes_that_are_no_answer_raise_and_take_no_memory(data: bytes) -> None:
    with pytest.raises(Exception) as raised:
        rebuilt(data, answers(Score))
    assert not isinstance(raised.value, MemoryError)


@pytest.mark.parametrize("lengths", [[1 << 60], [1 << 40, 1 << 40], [-1], [2, 3], ["3"], [True]])
def test_an_array_is_no_larger_than_what_comes_of_it(lengths: list[Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        rebuilt(told(["|u1", *lengths], b"abc"), NDArray[np.uint8])
    assert rebuilt(told(["|u1", 3], b"abc"), NDArray[np.uint8]).tolist() == [97, 98, 99]


@pytest.mark.parametrize("value", [Path("/etc/passwd"), {"a": 1}, [1], {1}, object(), Path])
def test_what_is_no_part_of_a_row_is_not_sent(value: object) -> None:
    with pytest.raises(TypeError, match="is no part of a row"):
        encoded((value,))


@pytest.mark.parametrize("hint", [Path, dict[str, int], list[int], Any, int | str])
def test_a_type_that_is_no_part_of_a_row_is_not_asked_for(hint: Any) -> None:
    with pytest.raises(TypeError, match="a child cannot give"):
        reader(hint)


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_raise(data: bytes) -> None:
    try:
        rebuilt(told(data), answers(Score))
    except Exception as error:  # noqa: BLE001  of any kind
        assert not isinstance(error, MemoryError)


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome("b", ()),
        Outcome("a", (), Failure("no_such_kind", "")),
        Outcome("a", (Score("a", "m", 1.0, None),), Failure("gone", "")),
        Outcome("a", (Score("a", "m", 1.0, None), Score("b", "m", 1.0, None))),
        Outcome("a", (Score("a/1", "m", 1.0, None),)),
        Outcome("a", (Heavy(Score("b", "m", 1.0, None), b""),)),
    ],
)
def test_who_speaks_of_another_row_is_not_believed(outcome: Outcome[Any]) -> None:
    row = Score("a", "asked", 0.0, None)
    with pytest.raises(Strange):
        checked(outcome, _Named("a", row))
    good = Outcome("a", (Score("a", "m", 1.0, None),))
    assert checked(good, _Named("a", row)) == good


@dataclass(frozen=True, slots=True)
class _Named:
    id: str
    score: Score


def test_a_detail_is_no_longer_than_one_of_ours() -> None:
    told = checked(Outcome("a", (), Failure("gone", "x" * 10_000)), _Named("a", Score("a", "m", 0.0, None))).failure
    assert told == Failure("gone", "x" * 2000)


@pytest.mark.parametrize("value", [bytes(1 << 20), np.arange(1 << 20), np.ones((300, 400)).T, pa.array(range(1 << 18))])
def test_large_values_go_out_in_pieces_that_are_a_message_together(value: Any) -> None:
    header, *pieces = frame((value, "after"))
    whole = b"".join(pieces)
    assert int.from_bytes(header, "big") == len(whole)
    found, after = pickle.loads(whole)  # noqa: S301  our own
    assert after == "after"
    assert found.equals(value) if isinstance(value, pa.Array) else np.array_equal(found, value)


def test_large_bytes_are_not_copied_on_their_way_out() -> None:
    pixels = bytes(1 << 20)
    assert any(piece.obj is pixels for piece in frame(pixels))
    assert any(piece.obj is pixels for piece in encoded(Heavy(None, pixels)))


@given(st.lists(st.binary(max_size=3000), max_size=5))
def test_frames_follow_each_other_on_a_pipe(messages: list[bytes]) -> None:
    reading, writing = os.pipe()
    for message in messages:
        write_pieces(writing, frame(message))
    os.close(writing)
    found = []
    while (got := read_frame(reading)) is not None:
        found.append(pickle.loads(got))  # noqa: S301
    os.close(reading)
    assert found == messages
