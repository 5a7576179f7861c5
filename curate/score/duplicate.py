"""duplicate: a fingerprint by which near-duplicates are found."""

import numpy as np
from numpy.typing import NDArray

from curate.score.measured import Json, Measured
from curate.score.window import Window
from schemas.strip import THUMB_HEIGHT, THUMB_WIDTH

RATE_HZ = 8.0  # how often the clip is looked at
SIDE = 16  # of the picture that is hashed
BITS = 64
FLAT = 8  # grey levels from the 5th to the 95th percentile: a picture with less shows nothing to know it by
FAR = 8  # bits: a picture that is further from the last one kept is kept too
MOST = 16  # pictures of a clip
PLAIN, DARK = 4, 40  # grey levels: a border that is not quite black
MOST_BORDER = 0.7  # of a side that borders may take

Bits = NDArray[np.bool_]
Codes = NDArray[np.uint8]
Floats = NDArray[np.float32]


def duplicate(window: Window) -> Measured:
    """How much the picture becomes another one: share of hash bits that differ between two moments, 0..0.5.

    0: the composition stays; 0.5: unrelated pictures. Detail: `{"frames": ["<16 hex digits>", ...], "ms": [...]}`:
    perceptual hashes inside the crop box, in order, and how long the picture stays like each. They are chosen by what
    is seen, not by the clock (up to 16, one wherever the picture has become another), so that a copy that is trimmed or
    faster has the same ones. Two hashes that differ in few bits (Hamming distance) show the same picture, whatever its
    size, borders, compression, brightness or small logo; of a mirrored one, the bits of odd horizontal frequencies are
    turned. Flat pictures (black, white, a line on black) have no hash.
    """
    luma, each_ms = looked_at(window)
    edges = edges_of(window, luma)
    inside = luma[:, whole(*edges[:2]), whole(*edges[2:])]
    greys, spread = clipped(inside.reshape(len(luma), -1))
    bits = greys @ projection(edges).T > 0
    flat = spread < FLAT
    spans = like(packed(bits), flat)
    ones = bits[~flat].mean(axis=0) if not flat.all() else np.zeros(BITS)
    detail: Json = {
        "frames": [f"{packed(bits[(start + end) // 2])[0]:016x}" for start, end in spans],
        "ms": [round((end - start) * each_ms) for start, end in spans],
    }
    return Measured(float((2 * ones * (1 - ones)).mean()), detail)


def looked_at(window: Window) -> tuple[Codes, float]:
    """[n, 18, 32]: thumbs at even steps of time, each from the middle of its step; and the length of a step in ms."""
    frames, clip = window.frames, window.clip
    length_us = clip.end_us - clip.start_us
    count = min(len(frames.pts_us), max(1, round(length_us * RATE_HZ / 1e6)))
    times = clip.start_us + length_us * (2 * np.arange(count) + 1) // (2 * count)
    shown = np.maximum(np.searchsorted(frames.pts_us, times, "right") - 1, 0)
    return frames.luma[shown], length_us / 1e3 / count


def edges_of(window: Window, luma: Codes) -> tuple[float, float, float, float]:
    """Top, bottom, left and right of the picture, in cells of a thumb.

    The crop box; but where a logo in a border, or a border that is not quite black, has kept it from being found, as
    many cells as are dark and plain for three quarters of their length.
    """
    clip, picture = window.clip, window.media.picture
    mean = luma.mean(axis=0)
    tall, wide = (1, 1) if picture is None else (picture.height, picture.width)
    high, long = (tall, wide) if picture is None else (clip.crop_height, clip.crop_width)
    top, left = (0, 0) if picture is None else (clip.crop_y, clip.crop_x)
    rows = plain_borders(mean)
    columns = plain_borders(mean[int(rows[0]) : THUMB_HEIGHT - int(rows[1])].T)
    return (
        beyond(top * THUMB_HEIGHT / tall, rows[0]),
        THUMB_HEIGHT - beyond((tall - top - high) * THUMB_HEIGHT / tall, rows[1]),
        beyond(left * THUMB_WIDTH / wide, columns[0]),
        THUMB_WIDTH - beyond((wide - left - long) * THUMB_WIDTH / wide, columns[1]),
    )


def plain_borders(mean: Floats) -> tuple[float, float]:
    """mean: [h, w]. How many rows at the top and at the bottom are; none where one side has more: a dark picture."""
    before, after = plain_border(mean), plain_border(mean[::-1])
    even = abs(before - after) <= 1 and before + after <= MOST_BORDER * len(mean)
    return (before, after) if even else (0.0, 0.0)


def plain_border(mean: Floats) -> float:
    """mean: [h, w]. How many rows from the top are dark and plain, and what share of the next is; 0 if all are."""
    order = np.sort(mean, axis=1)
    low, high = order[:, mean.shape[1] // 8], order[:, -1 - mean.shape[1] // 4]
    border = (high - low <= PLAIN) & (high <= DARK)
    count = int((~border).argmax())
    if count == 0 or count + 1 >= len(mean) or border.all():
        return 0.0
    level = float(np.median(mean[:count]))
    mixed, full = mean[count] - level, mean[count + 1] - level
    share = float((mixed * full).sum() / max(float((full * full).sum()), 1.0))
    return count + 1 - min(max(share, 0.0), 1.0)


def beyond(cropped: float, plain: float) -> float:
    """The crop box where it reaches as far as the plain cells, which are less exact."""
    return cropped if cropped > plain - 1 else plain


def whole(start: float, end: float) -> slice:
    """Cells that lie inside `[start, end)`, but for a twentieth of one."""
    first, last = int(np.ceil(start - 0.05)), int(np.floor(end + 0.05))
    return slice(first, last) if first < last else slice(int(start), int(start) + 1)


def clipped(pictures: Codes) -> tuple[Floats, NDArray[np.int64]]:
    """pictures: [n, pixels]. Without the darkest and the brightest twentieth, and the grey levels between these: [n].

    A logo, which is often the brightest thing of a picture, has no more weight than what it lies on.
    """
    edge = pictures.shape[1] // 20
    order = np.partition(pictures, [edge, pictures.shape[1] - 1 - edge], axis=1)
    low, high = order[:, edge, None], order[:, -1 - edge, None]
    return np.clip(pictures, low, high).astype(np.float32), (high[:, 0] - low[:, 0]).astype(np.int64)


def projection(edges: tuple[float, float, float, float]) -> Floats:
    """[64, pixels]: from the whole cells inside `edges` to the lowest frequencies of the picture, mean left out.

    Their signs are the hash (pHash, Zauner 2010, with 0 for the median, so that a mirrored picture is known).
    """
    rows = cosines(SIDE) @ area_weights(*edges[:2])
    columns = cosines(SIDE) @ area_weights(*edges[2:])
    v, u = np.divmod(lowest(SIDE), SIDE)
    return (rows[v][:, :, None] * columns[u][:, None, :]).reshape(BITS, -1).astype(np.float32)


def packed(bits: Bits) -> NDArray[np.uint64]:
    """bits: [n, 64] or [64], lowest frequency first. Each row as a number, its first bit the highest."""
    return np.packbits(bits.reshape(-1, BITS), axis=1).view(">u8").ravel().astype(np.uint64)


def like(hashes: NDArray[np.uint64], flat: Bits) -> list[tuple[int, int]]:
    """At most `MOST` spans in which every picture is like the first: as many bits off as that takes."""
    far = FAR
    while len(spans := spans_within(hashes, flat, far)) > MOST and far < BITS:
        far += 2
    return sorted(sorted(spans, key=lambda span: span[0] - span[1])[:MOST])


def spans_within(hashes: NDArray[np.uint64], flat: Bits, far: int) -> list[tuple[int, int]]:
    """Divide what is not flat into spans whose hashes differ from that of their first in at most `far` bits."""
    spans = []
    start, count = 0, len(hashes)
    while start < count:
        if flat[start]:
            start += 1
            continue
        other = (np.bitwise_count(hashes[start:] ^ hashes[start]) > far) | flat[start:]
        end = start + int(other.argmax()) if other.any() else count
        spans.append((start, end))
        start = end
    return spans


def area_weights(start: float, end: float) -> NDArray[np.float64]:
    """[SIDE, cells]: means over equal parts of `[start, end)`, of the whole cells inside.

    A cell that lies partly outside is mixed with a border: its neighbour stands for it.
    """
    cells = whole(start, end)
    parts = np.linspace(start, end, SIDE + 1)
    left = np.arange(cells.start, cells.stop, dtype=np.float64)
    right = left + 1
    left[0], right[-1] = min(left[0], start), max(right[-1], end)
    weights = (np.minimum(parts[1:, None], right) - np.maximum(parts[:-1, None], left)).clip(0)
    means: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return means


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
