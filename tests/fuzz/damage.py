"""Good input gone bad: what transport, editors and attackers make of bytes and of data."""

import copy
from collections.abc import Callable
from random import Random
from typing import Any

_STRANGE: tuple[Any, ...] = (
    None, True, -1, 0, 1 << 63, 1 << 70, 1e308, float("nan"), float("-inf"), "", "\x00", "\ud800", "é" * 5000,
    "../../etc/passwd", "http://[::1", [], {}, [[]], {"": {}}, "2026-01-01", b"\xff",
)  # fmt: skip


def _flipped(data: bytearray, draw: Random) -> None:
    for _ in range(draw.randint(1, 16)):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)


def _cut_off(data: bytearray, draw: Random) -> None:
    del data[draw.randrange(len(data)) :]


def _cut_out(data: bytearray, draw: Random) -> None:
    begin = draw.randrange(len(data))
    del data[begin : begin + draw.randint(1, 256)]


def _doubled(data: bytearray, draw: Random) -> None:
    begin = draw.randrange(len(data))
    data[begin:begin] = data[begin : begin + draw.randint(1, 4096)]


def _spliced(data: bytearray, draw: Random) -> None:
    """A piece of the file over another: an atom in the place of another's."""
    length = draw.randint(1, 4096)
    begin, to = draw.randrange(len(data)), draw.randrange(len(data))
    data[to : to + length] = data[begin : begin + length]


def _extreme(data: bytearray, draw: Random) -> None:
    """Sizes, counts and times as large or as small as they can be."""
    begin = draw.randrange(len(data))
    data[begin : begin + 4] = draw.choice([b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", bytes(4), b"\x80\x00\x00\x00"])


def _noise(data: bytearray, draw: Random) -> None:
    begin = draw.randrange(len(data))
    data[begin : begin + 64] = draw.randbytes(64)


DAMAGES: tuple[Callable[[bytearray, Random], None], ...] = (
    _flipped, _cut_off, _cut_out, _doubled, _spliced, _extreme, _noise,
)  # fmt: skip


def damaged(data: bytes, draw: Random) -> bytes:
    """The same with one to three things wrong, in half of the cases where containers say what is in them."""
    head = 4096 if draw.random() < 0.5 else len(data)
    part, rest = bytearray(data[:head]), data[head:]
    for _ in range(draw.randint(1, 3)):
        if part:
            draw.choice(DAMAGES)(part, draw)
    return bytes(part) + rest


def deranged(data: Any, draw: Random) -> Any:
    """The same data with a strange value, key or absence in one to three places."""
    whole = copy.deepcopy(data)
    for _ in range(draw.randint(1, 3)):
        _derange(whole, draw)
    return whole


def _derange(node: Any, draw: Random) -> None:
    while True:
        keys: list[Any] = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return
        key = draw.choice(keys)
        if not isinstance(node[key], dict | list) or draw.random() < 0.2:
            break
        node = node[key]
    if isinstance(node, dict) and draw.random() < 0.2:
        node[draw.choice(["", "name", "\x00", f"{key} "])] = node.pop(key)
    else:
        node[key] = copy.deepcopy(draw.choice(_STRANGE))
