"""How much two small pictures differ."""

from typing import TypeVar

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

REACH = 2  # pixels of a thumb that the picture may have moved: a sixteenth of its width
BATCH = 64  # pairs at a time, so that all shifts of them stay in the cache
P = TypeVar("P", bound=np.generic)
BLACK = 10  # grey levels that are black in both pictures, and no part of them: borders


def moved_difference(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.float32]:
    """a, b: [N, 18, 32] luma. [N]: mean |a - b|, at the shift of b (none or `REACH` pixels) where it is least.

    Every second row is looked at. A shift is an offset into the flat picture, so the columns that would wrap around to
    the next row are given no weight.
    """
    count, height, width = a.shape
    inner = _flat(a[:, REACH : height - REACH : REACH])[:, REACH:-REACH]
    other = _flat(np.ascontiguousarray(b[:, ::REACH]))
    weights = _weights(inner.shape[1], width, width - 2 * REACH)
    weights /= weights.sum()
    out = np.empty(count, np.float32)
    for start in range(0, count, BATCH):
        one, shifted = inner[start : start + BATCH, None, None], _shifted(other[start : start + BATCH], width, REACH)
        difference = np.maximum(one, shifted)
        difference -= np.minimum(one, shifted)
        values = difference.reshape(-1, len(weights)).astype(np.float32) @ weights
        out[start : start + BATCH] = values.reshape(-1, 9).min(1)
    return out


def _flat(pictures: NDArray[P]) -> NDArray[P]:
    """pictures: [N, h, w]. [N, h * w]."""
    count, height, width = pictures.shape
    return pictures.reshape(count, height * width)


def _weights(size: int, width: int, inside: int) -> NDArray[np.float32]:
    """[size]: 1 for the first `inside` of every `width` pixels, else 0."""
    return (np.arange(size) % width < inside).astype(np.float32)


def _shifted(flat: NDArray[P], width: int, step: int) -> NDArray[P]:
    """flat: [N, rows * width]. [N, 3, 3, size]: views of it that begin 0, 1 or 2 rows and `step` columns on."""
    item = flat.itemsize
    size = flat.shape[1] - 2 * width - 2 * step
    return as_strided(
        flat, (len(flat), 3, 3, size), (flat.strides[0], width * item, step * item, item), writeable=False
    )


def _centred(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """[N, pixels]: grey levels less 128; their sums and those of their products are exact in float32."""
    return _flat(pictures).astype(np.float32) - np.float32(128)


def variances(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    """pictures: [N, 18, 32]. [N]: variance of the grey levels of each."""
    pixels = _centred(pictures)
    count = float(pixels.shape[1])
    mean = pixels.sum(1).astype(np.float64) / count
    squares: NDArray[np.float64] = np.einsum("np,np->n", pixels, pixels).astype(np.float64)
    return np.asarray(squares / count - mean**2, np.float64)


def contrasts(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.float64]:
    """a, b: [N, 18, 32] luma. [N]: their common standard deviation."""
    contrast: NDArray[np.float64] = np.sqrt((variances(a) + variances(b)) / 2)
    return contrast


def correlations(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.float32]:
    """a, b: [N, 18, 32] luma. [N]: their greatest correlation over shifts of one pixel; 0 for a flat picture."""
    width = a.shape[2]
    others = _centred(b)
    shifted, squares = _shifted(others, width, 1), _shifted(others**2, width, 1)
    weights = _weights(shifted.shape[-1], width, width - 2)
    count = weights.sum()
    inner = _centred(a)[:, width + 1 : -width - 1] * weights
    total = inner.sum(1)[:, None, None]
    sums = np.einsum("nyxp,p->nyx", shifted, weights)
    products = np.einsum("nyxp,np->nyx", shifted, inner) - sums * total / count
    power = np.einsum("nyxp,p->nyx", squares, weights) - sums**2 / count
    power *= np.einsum("np,np->n", inner, inner)[:, None, None] - total**2 / count
    alike = products / np.maximum(np.sqrt(np.maximum(power, 0)), 1e-6)
    best: NDArray[np.float32] = np.maximum(alike.max((1, 2)), 0)
    return best


def changed_shares(a: NDArray[np.uint8], b: NDArray[np.uint8], step: NDArray[np.float64]) -> NDArray[np.float64]:
    """a, b: [N, 18, 32] luma, step: [N], 0..255. [N]: share of the picture inside black borders that changes more."""
    higher = np.maximum(a, b)
    picture = higher > BLACK
    changed = higher - np.minimum(a, b) > step.astype(np.uint8)[:, None, None]
    changed &= picture
    shares: NDArray[np.float64] = _counts(changed) / np.maximum(_counts(picture), 1)
    return shares


def _counts(masks: NDArray[np.bool_]) -> NDArray[np.int64]:
    """masks: [N, h, w]. [N]: how many are True."""
    counts: NDArray[np.int64] = np.bitwise_count(np.packbits(_flat(masks), axis=1)).sum(1, dtype=np.int64)
    return counts
