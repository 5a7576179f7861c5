"""How much two small pictures differ."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

REACH = 2  # pixels of a thumb that the picture may have moved: a sixteenth of its width
BATCH = 64  # pairs at a time, so that all shifts of them stay in the cache
BLACK = 10  # grey levels that are black in both pictures, and no part of them: borders


def moved_difference(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.float32]:
    """a, b: [N, 18, 32] luma. [N]: mean |a - b|, at the shift of b (none or `REACH` pixels) where it is least."""
    height, width = a.shape[1] - 2 * REACH, a.shape[2] - 2 * REACH
    rows = range(0, height, 2)  # every second row tells as much for half the work
    mean = np.full(len(rows) * width, 1 / (len(rows) * width), np.float32)
    out = np.empty(len(a), np.float32)
    for start in range(0, len(a), BATCH):
        inner = a[start : start + BATCH, None, None, REACH : REACH + height : 2, REACH:-REACH]
        shifted = sliding_window_view(b[start : start + BATCH], (height, width), (1, 2))[:, ::REACH, ::REACH, ::2]
        difference = np.maximum(inner, shifted)
        difference -= np.minimum(inner, shifted)
        values = difference.reshape(-1, len(mean)).astype(np.float32) @ mean
        out[start : start + BATCH] = values.reshape(len(inner), -1).min(1)
    return out


def correlations(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.float32]:
    """a, b: [N, 18, 32] luma. [N]: their greatest correlation over shifts of one pixel; 0 for a flat picture."""
    count, height, width = a.shape
    inner = a[:, 1:-1, 1:-1].reshape(count, -1).astype(np.float32)
    others = sliding_window_view(b, (height - 2, width - 2), (1, 2)).reshape(count, 9, -1).astype(np.float32)
    inner -= inner.mean(1, keepdims=True)
    others -= others.mean(2, keepdims=True)
    products = np.einsum("nkp,np->nk", others, inner)
    power = np.sqrt(np.einsum("nkp,nkp->nk", others, others) * np.einsum("np,np->n", inner, inner)[:, None])
    best: NDArray[np.float32] = np.maximum((products / np.maximum(power, 1e-6)).max(1), 0)
    return best


def changed_shares(a: NDArray[np.uint8], b: NDArray[np.uint8], step: NDArray[np.float64]) -> NDArray[np.float64]:
    """a, b: [N, 18, 32] luma, step: [N]. [N]: share of the picture, black borders left out, that differs by more."""
    higher = np.maximum(a, b)
    picture = higher > BLACK
    changed = picture & (higher - np.minimum(a, b) > step[:, None, None])
    shares: NDArray[np.float64] = changed.sum((1, 2)) / np.maximum(picture.sum((1, 2)), 1)
    return shares
