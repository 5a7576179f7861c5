"""Chance that can be computed again: numbers that depend on a seed and on what is drawn for, never on order."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_ROUNDS = 10
_AT_ONCE = 1 << 18
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def stable_hash(keys: pl.Series) -> NDArray[np.uint64]:
    """A 64-bit hash of ASCII keys, the same on every machine and in every version: [N] uint64."""
    state = np.zeros(len(keys), np.uint64)
    for start in range(0, len(keys), _AT_ONCE):
        words = _words(keys.slice(start, _AT_ONCE))
        piece = state[start : start + len(words)]
        for word in words.T:
            piece[:] = np.where(word != 0, _mix(piece ^ word), piece)
    return _mix(state)


def _words(keys: pl.Series) -> NDArray[np.uint64]:
    """Keys side by side, filled up with zeros: [N, words]."""
    longest = int(keys.str.len_bytes().to_numpy().max(initial=1))
    words = -(-longest // 8)
    padded = keys.str.pad_end(words * 8, "\0").to_arrow()
    return np.frombuffer(padded.buffers()[2], "<u8", len(keys) * words).reshape(len(keys), words)


def joined_hash(keys: NDArray[np.uint64], name: str) -> NDArray[np.uint64]:
    """Hashes of the same things under a name: of another name they are others."""
    return _mix(keys ^ stable_hash(pl.Series([name]))[0])


def _mix(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser (Steele, Lea, Flood, 2014)."""
    state = state + np.uint64(_WEYL[0] << 32 | 0x7F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * _MIX[0]
    state = (state ^ (state >> np.uint64(27))) * _MIX[1]
    return state ^ (state >> np.uint64(31))


def philox(counters: NDArray[np.uint32], key: tuple[int, int]) -> NDArray[np.uint32]:
    """Philox4x32-10 (Salmon et al., SC 2011): counters [4, N] to random words [4, N]; `key` is two 32-bit words."""
    x0, x1, x2, x3 = (row.astype(np.uint64) for row in counters)
    for turn in range(_ROUNDS):
        k0, k1 = (np.uint64((k + turn * w) & 0xFFFFFFFF) for k, w in zip(key, _WEYL, strict=True))
        product0, product1 = x0 * np.uint64(_MULTIPLIERS[0]), x2 * np.uint64(_MULTIPLIERS[1])
        high0, high1 = product0 >> np.uint64(32), product1 >> np.uint64(32)
        x0, x1, x2, x3 = high1 ^ x1 ^ k0, product1 & _LOW, high0 ^ x3 ^ k1, product0 & _LOW
    return np.stack([x0, x1, x2, x3]).astype(np.uint32)


def draw(seed: int, keys: NDArray[np.uint64], first: int, second: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Four random 32-bit words [4, N] for each key [N], a number `first` and numbers `second` [N]."""
    words = np.empty((4, len(keys)), np.uint32)
    for start in range(0, len(keys), _AT_ONCE):  # what is multiplied is several times as large as what is drawn
        piece = slice(start, start + _AT_ONCE)
        counters = np.empty((4, len(keys[piece])), np.uint32)
        counters[0], counters[1] = keys[piece] & _LOW, keys[piece] >> np.uint64(32)
        counters[2], counters[3] = first, second[piece]
        words[:, piece] = philox(counters, (seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF))
    return words


def uniform(words: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Random words as numbers in [0, 1)."""
    return words / 2.0**32
