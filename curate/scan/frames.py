"""What is kept of every frame: small luma and chroma pictures, and how much each differs from the one before."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from curate.media.planes import Codes, Matrix, Planes
from schemas.strip import CHROMA_HEIGHT, THUMB_HEIGHT

HEIGHT, WIDTH = 36, 64  # the grid on which frames are compared
BATCH = 64
SPACING = 8  # px

_KR_KB: dict[Matrix, tuple[float, float]] = {
    "bt601": (0.299, 0.114),
    "bt709": (0.2126, 0.0722),
    "bt2020": (0.2627, 0.0593),
}


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
    """yuv: [H, W, 3] full range. Hue 0..179, saturation and value 0..255, as OpenCV defines them."""
    return np.asarray(cv2.cvtColor(cv2.transform(yuv, bgr_matrix(matrix)), cv2.COLOR_BGR2HSV), np.uint8)


def deltas(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """[T, H, W, 3] to [T - 1, 3]: mean absolute change of each channel to the picture before.

    Hue differs as a plain number, not around its circle: so PySceneDetect's ContentDetector has it.
    """
    flat = pictures.reshape(len(pictures), -1, 3)
    change = cv2.reduce(cv2.absdiff(flat[1:], flat[:-1]), 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F)
    return np.asarray(change, np.float32).reshape(-1, 3)


def mean_and_std(rows: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """[T, N] to mean and standard deviation of each row."""
    mean = cv2.reduce(rows, 1, cv2.REDUCE_AVG, dtype=cv2.CV_64F).ravel()
    square = cv2.reduce(rows, 1, cv2.REDUCE_SUM2, dtype=cv2.CV_64F).ravel() / rows.shape[1]
    return mean.astype(np.float32), np.sqrt(np.maximum(square - mean * mean, 0)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class FrameRows:
    """The frame clock of a strip."""

    luma_mean: NDArray[np.float32]  # [T]
    luma_std: NDArray[np.float32]  # [T]
    deltas: NDArray[np.float32]  # [T, 3]
    thumbs: bytes


def taps(plane: Codes, least: int) -> int:
    """Bilinear probes across a cell of the grid, so that they are at most SPACING pixels apart (16 at the most)."""
    cell = max(max(plane.shape) / WIDTH, min(plane.shape) / HEIGHT)
    return int(min(16, max(least, math.ceil(cell / SPACING))))


def _grid(shape: tuple[int, int, int], depth: int) -> Codes:
    return np.zeros(shape, np.uint8) if depth == 8 else np.zeros(shape, np.uint16)


class FrameTrack:
    """Gathers frames in batches; what it keeps is under 1 kB a frame."""

    def __init__(self, rotation_deg: int) -> None:
        self._turns = rotation_deg // 90
        self._kind: tuple[int, bool, Matrix, tuple[int, ...]] | None = None  # depth, full range, matrix, luma shape
        self._filled = 0
        self._last: NDArray[np.uint8] | None = None  # [1, H, W, 3] HSV of the frame before the batch
        self._means: list[NDArray[np.float32]] = []
        self._stds: list[NDArray[np.float32]] = []
        self._deltas: list[NDArray[np.float32]] = []
        self._thumbs = bytearray(), bytearray(), bytearray()  # each grows in one piece: no hour of crumbs on the heap

    def add(self, planes: Planes) -> None:
        """Keep one frame: a grid of bilinear probes of each plane."""
        kind = planes.depth, planes.full_range, planes.matrix, planes.luma.shape
        if self._filled == BATCH or kind != self._kind:
            self._flush()
            if kind != self._kind:
                self._kind = kind
                self._begin(planes)
        for probes, plane in zip(self._probes, (planes.luma, planes.u, planes.v), strict=True):
            cell = probes[self._filled]
            if plane is None:
                cell[:] = 128 << (planes.depth - 8)
            else:
                cv2.resize(plane, cell.shape[::-1], cell, interpolation=cv2.INTER_LINEAR)
        self._filled += 1

    def _begin(self, planes: Planes) -> None:
        height, width = (HEIGHT, WIDTH) if self._turns % 2 == 0 else (WIDTH, HEIGHT)
        chroma = 1 if planes.u is None else taps(planes.u, 1)
        self._taps = taps(planes.luma, 2), chroma, chroma
        self._probes = [_grid((BATCH, height * n, width * n), planes.depth) for n in self._taps]

    def _cells(self, probes: Codes, across: int, table: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """[T, H * across, W * across] codes to [T, H, W] as displayed, full range."""
        assert self._kind is not None  # noqa: S101  a batch has a kind
        depth, full, _, _ = self._kind
        codes = pooled(eight_bits(probes.reshape(-1, probes.shape[2]), depth), across)
        if not full:
            codes = cv2.LUT(codes, table)
        pictures = codes.reshape(len(probes), -1, codes.shape[1])
        return np.ascontiguousarray(np.rot90(pictures, -self._turns, (1, 2)))

    def _flush(self) -> None:
        count = self._filled
        if not count or self._kind is None:
            return
        luma, u, v = (
            self._cells(probes[:count], across, table)
            for probes, across, table in zip(self._probes, self._taps, (_LUMA, _CHROMA, _CHROMA), strict=True)
        )
        mean, std = mean_and_std(luma.reshape(count, -1))
        self._means.append(mean)
        self._stds.append(std)
        tall = [picture.reshape(-1, WIDTH) for picture in (luma, u, v)]
        colours = hsv(cv2.merge(tall), self._kind[2]).reshape(count, HEIGHT, WIDTH, 3)
        self._deltas.append(deltas(np.concatenate([colours[:1] if self._last is None else self._last, colours])))
        self._last = colours[-1:].copy()
        for kept, picture, cells in zip(self._thumbs, tall, _CELLS, strict=True):
            kept.extend(pooled(picture, cells).tobytes())
        self._filled = 0

    def rows(self) -> FrameRows:
        """All frames so far; the track is not used after."""
        self._flush()
        return FrameRows(
            np.concatenate(self._means),
            np.concatenate(self._stds),
            np.concatenate(self._deltas),
            b"".join(self._thumbs),
        )


def pooled(picture: NDArray[np.uint8], cells: int) -> NDArray[np.uint8]:
    """[H, W] to [H / cells, W / cells] by means, rounded."""
    if cells == 1:
        return picture
    size = picture.shape[1] // cells, picture.shape[0] // cells
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


_CODES = np.arange(256, dtype=np.float32)
_LUMA = full_range(_CODES, 219, 16)
_CHROMA = full_range(_CODES, 224, 128 - 128 * 224 / 255)
_CELLS = (HEIGHT // THUMB_HEIGHT, HEIGHT // CHROMA_HEIGHT, HEIGHT // CHROMA_HEIGHT)
