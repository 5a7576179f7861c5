"""Which pictures may be close to which: locality-sensitive hashing by sorting."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from curate.pick.fingerprints import Fingerprints, Hashes, Indices, far, upright

TABLES = 12
REACH = 8  # neighbours in sorted order that are looked at, on either side
_LOW = 32  # the first bits are those of the lowest frequencies: they change least
_CHUNK = 1 << 22

Pairs = tuple[Indices, Indices]


def candidates(prints: Fingerprints, bits: int) -> Pairs:
    """Pairs of clips `a < b` with two pictures at most `bits` apart that stand side by side in some order.

    The hashes are sorted by their bits in several orders (Charikar 2002); two that share the first bits of an order
    come to stand together, and the more hashes there are the more bits that takes: cost is that of sorting. Of the many
    clips that show one common picture (a title), those that show little else are neighbours.
    """
    few = np.argsort(np.repeat(prints.counts, prints.counts), kind="stable")
    hashes, owners = upright(prints.hashes)[few], prints.owners[few]
    found = np.empty(0, np.uint64)
    for table in orders():
        order = np.argsort(permuted(hashes, table), kind="stable")
        ordered, clips = hashes[order], owners[order]
        new = [_packed(*pair) for pair in _side_by_side(ordered, clips, bits)]
        found = np.unique(np.concatenate([found, *new]))
    return (found >> np.uint64(32)).astype(np.int64), (found & np.uint64(0xFFFFFFFF)).astype(np.int64)


def candidates_between(prints: Fingerprints, others: Fingerprints, bits: int) -> Pairs:
    """The same of a clip of `prints` and one of the (fewer) `others`: each picture looks among those of the others."""
    hashes, owners = upright(prints.hashes), prints.owners
    theirs, their_owners = upright(others.hashes), others.owners
    found = np.empty(0, np.uint64)
    for table in orders() if len(theirs) else ():
        keys = permuted(theirs, table)
        order = np.argsort(keys, kind="stable")
        for start in range(0, len(hashes), _CHUNK):
            mine, clips = hashes[start : start + _CHUNK], owners[start : start + _CHUNK]
            at = np.searchsorted(keys[order], permuted(mine, table))
            for step in range(-REACH, REACH):
                other = order[np.clip(at + step, 0, len(order) - 1)]
                close = far(mine, theirs[other]) <= bits
                pair = clips[close].astype(np.uint64) << np.uint64(32) | their_owners[other[close]]
                found = np.union1d(found, pair)
    return (found >> np.uint64(32)).astype(np.int64), (found & np.uint64(0xFFFFFFFF)).astype(np.int64)


def orders() -> Iterator[NDArray[np.intp]]:
    """[64] each: the bits in the order in which they count, the lowest frequencies before the others, both shuffled."""
    chance = np.random.default_rng(0)
    for _ in range(TABLES):
        yield np.concatenate([chance.permutation(_LOW), _LOW + chance.permutation(64 - _LOW)])


def permuted(hashes: Hashes, order: NDArray[np.intp]) -> Hashes:
    """Bit `order[i]` (0: the first, highest) becomes bit i; a byte at a time, by tables."""
    place = np.empty(64, np.uint64)
    place[order] = np.uint64(1) << np.arange(63, -1, -1, dtype=np.uint64)
    result = np.zeros(len(hashes), np.uint64)
    values = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.uint64)
    for byte, column in enumerate(hashes.astype(">u8").view(np.uint8).reshape(-1, 8).T):
        result |= (values * place[8 * byte : 8 * byte + 8]).sum(axis=1, dtype=np.uint64)[column]
    return result


def _side_by_side(hashes: Hashes, owners: NDArray[np.uint32], bits: int) -> Iterator[tuple[Hashes, Hashes]]:
    for step in range(1, min(REACH, len(hashes) - 1) + 1):
        close = far(hashes[step:], hashes[:-step]) <= bits
        a, b = owners[:-step][close].astype(np.uint64), owners[step:][close].astype(np.uint64)
        yield a[a != b], b[a != b]


def _packed(a: Hashes, b: Hashes) -> Hashes:
    """Each pair once: `low << 32 | high`."""
    return np.unique(np.minimum(a, b) << np.uint64(32) | np.maximum(a, b))
