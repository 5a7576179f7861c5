"""duplicate: a fingerprint by which near-duplicates are found."""

import numpy as np
from numpy.typing import NDArray

from curate.score.measured import Measured
from curate.score.window import Window, crop_box

FRAMES = 5  # evenly spaced over the clip's time
SIDE = 16  # of the picture that is hashed
BITS = 64
FLAT = 0.5  # grey levels: a coefficient that is smaller is noise


def duplicate(window: Window) -> Measured:
    """How much the picture becomes another one: mean share of hash bits that change from frame to frame, 0..1.

    0: the composition stays; 0.5: unrelated pictures. Detail: `{"frames": ["<16 hex digits>", ...]}`, perceptual hashes
    of up to 5 frames inside the crop box, evenly spaced. Two hashes that differ in few bits (Hamming distance) show the
    same picture, whatever its size, borders, compression or brightness.
    """
    luma = chosen(window)
    bits = np.stack([frame_bits(picture) for picture in luma])
    changed = float((bits[1:] != bits[:-1]).mean()) if len(bits) > 1 else 0.0
    return Measured(changed, {"frames": [hex_digits(one) for one in bits]})


def chosen(window: Window) -> NDArray[np.uint8]:
    """[n, h, w]: thumbs inside the crop box, of the frames shown in the middle of each fifth of the clip."""
    frames, clip = window.frames, window.clip
    rows, columns = crop_box(clip, window.media, *frames.luma.shape[1:])
    times = clip.start_us + (clip.end_us - clip.start_us) * (2 * np.arange(FRAMES) + 1) // (2 * FRAMES)
    shown = np.unique(np.searchsorted(frames.pts_us, times, "right") - 1)
    return frames.luma[shown][:, rows, columns]


def frame_bits(luma: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """luma: [h, w]. [64]: which of the low frequencies lie above their median, mean left out (pHash, Zauner 2010)."""
    height, width = luma.shape
    small = area_weights(height, SIDE) @ luma.astype(np.float64) @ area_weights(width, SIDE).T
    basis = cosines(SIDE)
    values = (basis @ small @ basis.T).ravel()[lowest(SIDE)]
    values[np.abs(values) < FLAT] = 0
    return np.asarray(values > np.median(values))


def hex_digits(bits: NDArray[np.bool_]) -> str:
    """bits: [64], lowest frequency first. 16 hex digits."""
    return np.packbits(bits).tobytes().hex()


def area_weights(size: int, cells: int) -> NDArray[np.float64]:
    """[cells, size]: means over equal parts of a line of `size` pixels."""
    edges = np.linspace(0, size, cells + 1)
    pixels = np.arange(size)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    weights: NDArray[np.float64] = overlap.clip(0) / (size / cells)
    return weights


def cosines(size: int) -> NDArray[np.float64]:
    """[size, size]: the orthonormal DCT-II, frequencies by pixels."""
    angle = np.pi * np.outer(np.arange(size), 2 * np.arange(size) + 1) / (2 * size)
    basis: NDArray[np.float64] = np.cos(angle) * np.sqrt(2 / size)
    basis[0] /= np.sqrt(2)
    return basis


def lowest(size: int) -> NDArray[np.int64]:
    """[64]: positions in a [size, size] spectrum, from low to high, without the mean."""
    rows, columns = np.divmod(np.arange(size * size), size)
    return np.lexsort((columns, rows, rows**2 + columns**2))[1 : BITS + 1]
