"""What is measured on about five frames a second: sharpness, black borders, motion."""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from curate.media.planes import Planes
from curate.scan.camera import Motion, motion, optical_flow, small_size
from curate.scan.frames import eight_bits
from curate.scan.overlay import Persistence

BLACK_MEAN = 10.0  # of a line, 0..255 full range: mean and brightest pixel of a line that belongs to a border
BLACK_PEAK = 48.0
LOOK_US = 1_000_000  # between two looks for what stays in its place
BATCH = 32  # samples whose motion is measured in a row: code that stays in the cache takes two thirds of the time


@dataclass(frozen=True, slots=True)
class Borders:
    """Black lines at each side, in pixels of the plane."""

    top: int
    bottom: int
    left: int
    right: int


def borders(luma: NDArray[np.uint8], black: float, gain: float) -> Borders | None:
    """luma: [H, W]; full range is (luma - black) * gain. None: the whole picture is black."""
    rows = _dark_ends(luma, 0, black, gain)
    if rows is None:
        return None
    columns = _dark_ends(luma[rows[0] : len(luma) - rows[1]], 1, black, gain)
    return None if columns is None else Borders(*rows, *columns)


def _dark_ends(luma: NDArray[np.uint8], axis: int, black: float, gain: float) -> tuple[int, int] | None:
    """Black rows (axis 0) or columns (1) at the beginning and at the end of [H, W]; None where all are."""
    lines = luma if axis == 0 else luma.T
    if min(lines[0].max(), lines[-1].max()) > BLACK_PEAK / gain + black:
        return 0, 0
    (lit,) = np.nonzero(~_dark(luma, axis, black, gain))
    return (int(lit[0]), len(lines) - 1 - int(lit[-1])) if len(lit) else None


def _dark(luma: NDArray[np.uint8], axis: int, black: float, gain: float) -> NDArray[np.bool_]:
    mean = cv2.reduce(luma, 1 - axis, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel()
    dark: NDArray[np.bool_] = (luma.max(1 - axis) <= BLACK_PEAK / gain + black) & (mean <= BLACK_MEAN / gain + black)
    return dark


def sharpness(luma: NDArray[np.uint8], gain: float) -> float:
    """Variance of the Laplacian (4 neighbours) of a plane [H, W], on the scale of full-range luma."""
    edges = cv2.Laplacian(luma, cv2.CV_16S)
    variance = cv2.norm(edges, cv2.NORM_L2SQR) / edges.size - cv2.mean(edges)[0] ** 2
    return float(max(0.0, variance) * gain * gain)


@dataclass(frozen=True, slots=True)
class Sample:
    """One sampled frame. Borders: shares, top, bottom, left, right as displayed; None: all is black."""

    pts_us: int
    sharpness: float
    borders: tuple[float, float, float, float] | None
    motion: Motion | None


class SampleTrack:
    """Picks the frames to sample by time, and measures them."""

    def __init__(self, rotation_deg: int, aspect: float, rate_hz: float) -> None:
        self._turns = rotation_deg // 90
        self._size = small_size(aspect, 1.0)
        self._step_us = 1e6 / rate_hz
        self._next_us = 0.0
        self._flow = optical_flow()
        self.borders: Borders | None = None  # of the sample seen last, as coded
        self.overlay = Persistence()
        self._looked_us = -LOOK_US
        self._seen: list[tuple[int, float, tuple[float, float, float, float] | None]] = []
        self._moves: list[Motion | None] = [None]
        self._waiting: list[tuple[int, NDArray[np.uint8]]] = []

    def due(self, pts_us: int) -> bool:
        """Is a frame shown at `pts_us` to be sampled?"""
        return pts_us >= self._next_us

    def add(self, pts_us: int, planes: Planes) -> None:
        """Measure one frame that is due."""
        self._next_us = (pts_us // self._step_us + 1) * self._step_us
        luma = eight_bits(planes.luma, planes.depth)
        black, gain = (0.0, 1.0) if planes.full_range else (16.0, 255 / 219)
        found = borders(luma, black, gain)
        inside = (
            luma
            if found is None
            else luma[found.top : len(luma) - found.bottom, found.left : luma.shape[1] - found.right]
        )
        self.borders, small = found, self._small(luma)
        self._seen.append((pts_us, sharpness(inside, gain), self._displayed(found, luma.shape)))
        self._waiting.append((pts_us, small))
        if found is not None and pts_us >= self._looked_us + LOOK_US:
            self._looked_us = pts_us
            self.overlay.add(small)
        if len(self._waiting) > BATCH:
            self._move()

    @property
    def samples(self) -> list[Sample]:
        """All samples so far."""
        self._move()
        return [Sample(*seen, moved) for seen, moved in zip(self._seen, self._moves, strict=False)]

    def _displayed(self, found: Borders | None, shape: tuple[int, ...]) -> tuple[float, float, float, float] | None:
        if found is None:
            return None
        around = [found.top / shape[0], found.right / shape[1], found.bottom / shape[0], found.left / shape[1]]
        top, right, bottom, left = np.roll(around, self._turns).tolist()
        return top, bottom, left, right

    def _small(self, luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
        width, height = self._size if self._turns % 2 == 0 else self._size[::-1]
        probes = cv2.resize(luma, (width * 2, height * 2), interpolation=cv2.INTER_LINEAR)
        small = cv2.resize(probes, (width, height), interpolation=cv2.INTER_AREA)
        return np.ascontiguousarray(np.rot90(small, -self._turns))

    def _move(self) -> None:
        for (before_us, earlier), (pts_us, later) in pairwise(self._waiting):
            flow = self._flow.calc(earlier, later, None)
            self._moves.append(motion(earlier, later, flow, (pts_us - before_us) / 1e6))
        del self._waiting[:-1]
