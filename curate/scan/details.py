"""What is measured on about one frame a second, on full-size luma: noise, combing, blocks, detail, exposure, overlays.

Each is taken from a few bands of rows, so that a large picture costs hardly more than a small one.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from curate.media.planes import Planes
from curate.scan.frames import eight_bits
from curate.scan.samples import Borders
from schemas.strip import SPECTRUM

Luma = NDArray[np.uint8]

PERIOD_US = 1_000_000
PATIENCE_US = 500_000  # how long a frame is waited for that was deblocked
BANDS, ROWS, REACH = 8, 16, 2  # bands of so many rows, with as many more at both ends for what looks around
BLOCK = 8  # columns of a transform's block
COMB = 12  # grey levels by which the rows of one field must lie above or below those of the other
FLAT = 0.1  # the share of blocks that are taken for flat: what varies in them is noise
FINE = 2  # steps of a grey level: noise is measured to 0.1, and up to about 15
FLATTEST = 0.9  # of the noise is what the flattest tenth of blocks has
STEP_DB = 0.25  # that spectra are rounded to: they take a third of the space
CLIPPED = (20, 235)  # mean of a block outside of which noise is cut off
LEAST = 0.25  # of the blocks must not be: what lights up a black picture is seldom flat
DARK, BRIGHT = 16, 250  # luma, full range: where shadows and lights have lost their drawing


@dataclass(frozen=True, slots=True)
class Detail:
    """One frame; units as in `schemas.strip`. NaN: nothing there that it could be measured on."""

    pts_us: int
    noise: float
    combed: float
    blockiness: float
    dark_share: float
    bright_share: float
    spectrum: NDArray[np.float32]  # [SPECTRUM]


def bands(luma: Luma) -> NDArray[np.uint8]:
    """[n, ROWS + 2 * REACH, W]: rows spread evenly over [H, W], n at most BANDS; n = 0 where it is too low for one."""
    height, tall = len(luma), ROWS + 2 * REACH
    count = min(BANDS, height // tall)
    starts = np.linspace(0, height - tall, count).astype(int) if count > 1 else [0] * count
    if not count:
        return np.zeros((0, tall, luma.shape[1]), np.uint8)
    return np.stack([luma[start : start + tall] for start in starts])


def noise(rows: NDArray[np.uint8]) -> float:
    """Standard deviation of noise in grey levels, from the flattest blocks (Immerkaer 1996). rows: see `bands`."""
    count, tall, width = rows.shape
    across = width // ROWS
    mask = np.array([1, -2, 1], np.float32)
    edges = cv2.convertScaleAbs(cv2.sepFilter2D(rows.reshape(-1, width), cv2.CV_16S, mask, mask), alpha=FINE)
    levels = _blocks(edges.reshape(count, tall, width), across)
    means = _blocks(rows, across)
    whole = (means >= CLIPPED[0]) & (means <= CLIPPED[1])
    levels = levels[whole]
    if len(levels) < max(1 / FLAT, LEAST * len(whole)):
        return float("nan")
    place = int(len(levels) * FLAT)
    return float(np.partition(levels, place)[place]) / FINE * float(np.sqrt(np.pi / 2)) / 6 / FLATTEST


def _blocks(rows: NDArray[np.uint8], across: int) -> NDArray[np.uint8]:
    """[n * across]: means of the blocks of ROWS x ROWS pixels."""
    inside = rows[:, REACH:-REACH, : across * ROWS].reshape(-1, across * ROWS)
    return np.asarray(cv2.resize(inside, (across, len(rows)), interpolation=cv2.INTER_AREA), np.uint8).ravel()


def combed(rows: NDArray[np.uint8]) -> float:
    """Share of pixels in the teeth of a comb: five rows in turn darker and lighter, as two fields of a movement are."""
    width = rows.shape[2]
    flat = rows.reshape(-1, width)
    above, middle, below = flat[:-2], flat[1:-1], flat[2:]
    sunk = cv2.subtract(cv2.min(above, below), middle)
    raised = cv2.subtract(middle, cv2.max(above, below))
    teeth = cv2.max(
        cv2.min(cv2.min(sunk[:-2], raised[1:-1]), sunk[2:]), cv2.min(cv2.min(raised[:-2], sunk[1:-1]), raised[2:])
    )
    padded = np.zeros((len(flat), width), np.uint8)
    padded[2:-2] = teeth
    inside = padded.reshape(rows.shape)[:, REACH:-REACH]
    return float(np.count_nonzero(inside > COMB) / inside.size)


def blockiness(rows: NDArray[np.uint8]) -> float:
    """How much larger steps between blocks of eight columns are than the steps beside them; 1: no blocks.

    The median over all edges of blocks, so that a few things drawn at one of them do not count (after Wang, Bovik and
    Evans 2000, in the picture instead of its spectrum). rows begin at the edge of a block.
    """
    flat = rows.reshape(-1, rows.shape[2])
    steps = cv2.reduce(cv2.absdiff(flat[:, 1:], flat[:, :-1]), 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel()
    at = np.arange(BLOCK - 1, len(steps) - 2, BLOCK)
    beside = (steps[at - 2] + steps[at - 1] + steps[at + 1] + steps[at + 2]) / 4
    known = beside > 0
    return float(np.median(steps[at][known] / beside[known])) if np.count_nonzero(known) >= BLOCK else float("nan")


def spectrum(rows: NDArray[np.uint8]) -> NDArray[np.float32]:
    """[SPECTRUM] dB: power of the rows' frequencies in equal parts from 0 to the Nyquist frequency."""
    side = SIDES[rows.shape[2] >= SIDES[True]]
    chosen = rows[:, REACH:-REACH:4].reshape(-1, rows.shape[2])
    starts = np.linspace(0, rows.shape[2] - side, -(-rows.shape[2] // side)).astype(int)
    lines = np.concatenate([chosen[:, start : start + side] for start in starts]).astype(np.float32)
    lines -= lines.mean(1, keepdims=True)
    lines *= _HANNS[side]
    parts = np.square(cv2.dft(lines, flags=cv2.DFT_ROWS))  # packed: real and imaginary part of each frequency in turn
    power = cv2.reduce(parts, 0, cv2.REDUCE_AVG).ravel()
    power = np.append(power[1:], 0.0).reshape(SPECTRUM, -1).sum(1) / (side * side / SPECTRUM)
    levels: NDArray[np.float32] = (np.rint(10 * np.log10(power + 1e-6) / STEP_DB) * STEP_DB).astype(np.float32)
    return levels


SIDES = {False: 64, True: 512}  # samples of a row that are taken at once, of narrow pictures and of others
_HANNS = {side: np.hanning(side).astype(np.float32) for side in SIDES.values()}


class DetailTrack:
    """Picks about one frame a second, deblocked if one comes in time, and measures it."""

    def __init__(self) -> None:
        self._next_us = 0
        self.details: list[Detail] = []

    def due(self, pts_us: int, deblocked: bool) -> bool:
        """Is a frame shown at `pts_us` to be measured?"""
        return pts_us >= self._next_us and (deblocked or pts_us >= self._next_us + PATIENCE_US)

    def add(self, pts_us: int, planes: Planes, framed: Borders | None) -> None:
        """Measure one frame that is due; `framed`: the borders seen last, None: all was black."""
        self._next_us = (pts_us // PERIOD_US + 1) * PERIOD_US
        luma = eight_bits(planes.luma, planes.depth)
        black, gain = (0.0, 1.0) if planes.full_range else (16.0, 255 / 219)
        rows = bands(luma if framed is None else _inside(luma, framed))
        self.details.append(detail(pts_us, rows, black, gain))


def detail(pts_us: int, rows: NDArray[np.uint8], black: float, gain: float) -> Detail:
    """rows: see `bands`. Full range is (luma - black) * gain."""
    if not len(rows) or rows.shape[2] < SIDES[False]:
        nothing = np.full(SPECTRUM, np.nan, np.float32)
        return Detail(pts_us, *(float("nan"),) * 5, nothing)
    dark = np.count_nonzero(rows < DARK / gain + black) / rows.size
    bright = np.count_nonzero(rows > BRIGHT / gain + black) / rows.size
    return Detail(pts_us, noise(rows) * gain, combed(rows), blockiness(rows), dark, bright, spectrum(rows))


def _inside(luma: Luma, framed: Borders) -> Luma:
    """The picture inside its borders, from the edge of a block on."""
    left = -(-framed.left // BLOCK) * BLOCK
    return luma[framed.top : len(luma) - framed.bottom, left : luma.shape[1] - framed.right]
