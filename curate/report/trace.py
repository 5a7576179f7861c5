"""Measurements of a strip as lines of a drawing, 1000 wide and 100 high."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.report.clock import number
from curate.report.window import Window
from schemas.strip import HOP_US, Strip

WIDTH, HEIGHT = 1000, 100
COLUMNS = 500
QUIET_DB = -60.0


@dataclass(frozen=True, slots=True)
class Trace:
    """One plot: what it shows, from where to where it goes, and its outline as an SVG path."""

    name: str
    kind: str
    says: str
    scale: str
    path: str


def squeeze(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Merge points (x ascending, 0..1000) that fall in one column; mean x, lowest and highest y of each column."""
    column = np.clip((x * COLUMNS / WIDTH).astype(np.int64), 0, COLUMNS - 1)
    first = np.flatnonzero(np.diff(column, prepend=-1))
    count = np.diff(np.append(first, len(x)))
    return np.add.reduceat(x, first) / count, np.minimum.reduceat(y, first), np.maximum.reduceat(y, first)


def outline(x: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> str:
    """A closed path along `high` from left to right and back along `low`; y is 0 at the top."""
    there = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, high, strict=True))
    back = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x[::-1], low[::-1], strict=True))
    return f"M{there} L{back}Z"


def _inside(
    window: Window, times_us: NDArray[np.int64], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], ...]:
    """Points of the window, with one neighbour on each side so that lines reach its edges, and as x 0..1000."""
    begin = max(0, int(np.searchsorted(times_us, window.start_us)) - 1)
    end = int(np.searchsorted(times_us, window.end_us)) + 1
    times, values = times_us[begin:end], values[begin:end]
    kept = np.isfinite(values)
    x = (times[kept] - window.start_us) * (WIDTH / (window.end_us - window.start_us))
    return np.clip(x, 0, WIDTH), values[kept]


def luma(strip: Strip, window: Window) -> Trace | None:
    """Mean luma with one standard deviation on each side, 0..255."""
    times = np.asarray(strip.pts_us)
    mean, spread = np.asarray(strip.luma_mean, np.float64), np.asarray(strip.luma_std, np.float64)
    x, low = _inside(window, times, mean - spread)
    _, high = _inside(window, times, mean + spread)
    if not x.size:
        return None
    middle, lowest, _ = squeeze(x, low)
    _, _, highest = squeeze(x, high)
    scaled = [HEIGHT - np.clip(v, 0, 255) * (HEIGHT / 255) for v in (lowest, highest)]
    says = "Mean luma of each frame, one standard deviation on each side; 0 is black, 255 white"
    return Trace("luma", "luma", says, "0–255", outline(middle, *scaled))


def content(strip: Strip, window: Window) -> Trace | None:
    """Mean change of hue, saturation and value from frame to frame, from 0 to the highest in the window."""
    parts = (strip.delta_hue, strip.delta_saturation, strip.delta_value)
    delta = np.mean([np.asarray(part, np.float64) for part in parts], axis=0)
    x, change = _inside(window, np.asarray(strip.pts_us), delta)
    if not x.size:
        return None
    middle, _, highest = squeeze(x, change)
    top = max(30.0, float(highest.max()))
    high = HEIGHT - highest * (HEIGHT / top)
    says = "Mean change of hue, saturation and value from the frame before; cuts are peaks"
    return Trace("change", "content", says, f"0–{number(top)}", outline(middle, np.full_like(high, HEIGHT), high))


def loudness(strip: Strip, window: Window) -> Trace | None:
    """The level of the sound, mirrored about the middle: nothing at -60 dBFS, the whole height at 0."""
    if strip.audio_start_us is None or not len(strip.rms_db):
        return None
    times = strip.audio_start_us + HOP_US * np.arange(len(strip.rms_db), dtype=np.int64)
    x, level = _inside(window, times, np.asarray(strip.rms_db, np.float64))
    if not x.size:
        return None
    middle, _, highest = squeeze(x, level)
    half = np.clip(1 - highest / QUIET_DB, 0.008, 1) * (HEIGHT / 2)
    says = "Level of the sound, mirrored: a line in the middle at -60 dBFS or less, the whole height at 0"
    return Trace("level", "level", says, "dBFS", outline(middle, HEIGHT / 2 + half, HEIGHT / 2 - half))


def traces(strip: Strip, window: Window) -> tuple[Trace, ...]:
    """The plots that this strip has in this window."""
    return tuple(made for made in (plot(strip, window) for plot in (luma, content, loudness)) if made is not None)
