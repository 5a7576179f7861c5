"""What is kept of every frame: small luma and chroma pictures, and how much each differs from the one before."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from curate.media.planes import Codes, Matrix, Planes
from schemas.strip import CHROMA_HEIGHT, CHROMA_WIDTH, THUMB_HEIGHT, THUMB_WIDTH

HEIGHT, WIDTH = 36, 64  # the grid on which frames are compared
BATCH = 64

_KR_KB: dict[Matrix, tuple[float, float]] = {
    "bt601": (0.299, 0.114),
    "bt709": (0.2126, 0.0722),
    "bt2020": (0.2627, 0.0593),
}


def shrink(plane: Codes, height: int, width: int, taps: int) -> Codes:
    """A plane on a grid of [height, width]: each cell is the mean of taps x taps bilinear probes. Depth is kept."""
    probes = cv2.resize(plane, (width * taps, height * taps), interpolation=cv2.INTER_LINEAR)
    small: Codes = cv2.resize(probes, (width, height), interpolation=cv2.INTER_AREA)
    return small


def eight_bits(plane: Codes, depth: int) -> NDArray[np.uint8]:
    """A plane of any depth as 8-bit codes."""
    if depth == 8:
        return plane.astype(np.uint8, copy=False)
    return np.asarray(cv2.convertScaleAbs(plane, alpha=1 / (1 << (depth - 8))), np.uint8)


def full_range(values: NDArray[np.float32], span: int, offset: float) -> NDArray[np.uint8]:
    """Codes to 0..255: `span` codes from `offset` on are black to white (219 from 16 for limited luma)."""
    codes: NDArray[np.uint8] = np.clip(np.rint((values - offset) * (255.0 / span)), 0, 255).astype(np.uint8)
    return codes


def bgr_matrix(matrix: Matrix) -> NDArray[np.float32]:
    """[3, 4]: full-range Y', Cb, Cr (0..255) to B, G, R."""
    kr, kb = _KR_KB[matrix]
    kg = 1 - kr - kb
    b, r = 2 * (1 - kb), 2 * (1 - kr)
    rows = [[1, b, 0], [1, -b * kb / kg, -r * kr / kg], [1, 0, r]]
    return np.array([[*row, -128 * (row[1] + row[2])] for row in rows], np.float32)


def hsv(yuv: NDArray[np.uint8], matrix: Matrix) -> NDArray[np.uint8]:
    """yuv: [..., 3] full range. Hue 0..179, saturation and value 0..255, as OpenCV defines them."""
    bgr = cv2.transform(yuv.reshape(-1, 1, 3), bgr_matrix(matrix))
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2HSV).reshape(yuv.shape)  # type: ignore[no-any-return]


def deltas(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """[T, H, W, 3] to [T - 1, 3]: mean absolute change of each channel to the picture before.

    Hue differs as a plain number, not around its circle: so PySceneDetect's ContentDetector has it.
    """
    later, earlier = pictures[1:], pictures[:-1]
    change = np.maximum(later, earlier) - np.minimum(later, earlier)
    means: NDArray[np.float32] = change.reshape(len(change), -1, 3).mean(1, dtype=np.float32)
    return means


@dataclass(frozen=True, slots=True)
class FrameRows:
    """The frame clock of a strip."""

    luma_mean: NDArray[np.float32]  # [T]
    luma_std: NDArray[np.float32]  # [T]
    deltas: NDArray[np.float32]  # [T, 3]
    thumbs: bytes


class FrameTrack:
    """Gathers frames in batches; what it keeps is under 1 kB a frame."""

    def __init__(self, rotation_deg: int) -> None:
        self._turns = rotation_deg // 90
        self._yuv = np.full((BATCH, 3, HEIGHT, WIDTH), 128, np.uint8)
        self._filled = 0
        self._last: NDArray[np.uint8] | None = None  # HSV of the frame before the batch
        self._matrix: Matrix | None = None
        self._means: list[NDArray[np.float32]] = []
        self._stds: list[NDArray[np.float32]] = []
        self._deltas: list[NDArray[np.float32]] = []
        self._thumbs: tuple[list[bytes], list[bytes], list[bytes]] = ([], [], [])

    def add(self, planes: Planes) -> None:
        """Keep one frame."""
        if self._filled == BATCH or self._matrix not in (None, planes.matrix):
            self._flush()
        self._matrix = planes.matrix
        slot = self._yuv[self._filled]
        slot[0] = self._cells(planes.luma, planes, 4, luma=True)
        for channel, plane in ((1, planes.u), (2, planes.v)):
            slot[channel] = 128 if plane is None else self._cells(plane, planes, 2, luma=False)
        self._filled += 1

    def _cells(self, plane: Codes, planes: Planes, taps: int, *, luma: bool) -> NDArray[np.uint8]:
        upright = self._turns % 2 == 0
        height, width = (HEIGHT, WIDTH) if upright else (WIDTH, HEIGHT)
        small = shrink(plane, height, width, taps)
        codes: NDArray[np.uint8] = eight_bits(small, planes.depth)
        if not planes.full_range:
            codes = (_LUMA if luma else _CHROMA)[codes]
        return np.rot90(codes, -self._turns) if self._turns else codes

    def _flush(self) -> None:
        if not self._filled or self._matrix is None:
            return
        yuv = self._yuv[: self._filled]
        luma = yuv[:, 0].reshape(self._filled, -1)
        self._means.append(luma.mean(1, dtype=np.float32))
        self._stds.append(luma.std(1, dtype=np.float32))
        colours = hsv(np.ascontiguousarray(yuv.transpose(0, 2, 3, 1)), self._matrix)
        first = colours[:1] if self._last is None else self._last
        self._deltas.append(deltas(np.concatenate([first, colours])))
        self._last = colours[-1:].copy()
        for kept, channel, size in zip(self._thumbs, range(3), _THUMB_SIZES, strict=True):
            kept.append(pooled(yuv[:, channel], *size).tobytes())
        self._filled = 0

    def rows(self) -> FrameRows:
        """All frames so far; the track is not used after."""
        self._flush()
        return FrameRows(
            np.concatenate(self._means),
            np.concatenate(self._stds),
            np.concatenate(self._deltas),
            b"".join(part for kept in self._thumbs for part in kept),
        )


def pooled(pictures: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """[T, H, W] to [T, height, width] by means of whole cells, rounded."""
    count, tall, wide = pictures.shape
    cells = pictures.reshape(count, height, tall // height, width, wide // width)
    means: NDArray[np.float32] = cells.mean((2, 4), dtype=np.float32)
    return np.rint(means).astype(np.uint8)


_CODES = np.arange(256, dtype=np.float32)
_LUMA = full_range(_CODES, 219, 16)
_CHROMA = full_range(_CODES, 224, 128 - 128 * 224 / 255)
_THUMB_SIZES = ((THUMB_HEIGHT, THUMB_WIDTH), (CHROMA_HEIGHT, CHROMA_WIDTH), (CHROMA_HEIGHT, CHROMA_WIDTH))
