"""Words as pictures: the stroke font filled through its distance field."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.film.pixels import Pixels, mix
from curate.film.strokes import ASCENT, CAPITAL_HEIGHT, DESCENT, advance, segments

_WEIGHT = 0.52  # half a stroke's width, in grid units
_OUTLINE = 0.55  # how far the rim goes beyond it
_GAP = 1.75  # between two skeletons


@dataclass(frozen=True, slots=True)
class Lettering:
    """Weights for `mix`, 0..256, of one line of text; the ink touches all four sides of the array less the rim."""

    fill: NDArray[np.uint32]
    rim: NDArray[np.uint32]
    margin: int  # pixels around the ink, where only the rim goes


def letter(text: str, capital_px: float) -> Lettering:
    """Draw one line; `capital_px` is the height of a capital in pixels."""
    unit = capital_px / CAPITAL_HEIGHT
    pen, lines = 0.0, []
    for glyph in text:
        if glyph != " ":
            lines.append(segments(glyph) + np.array([pen, 0, pen, 0]))
        pen += advance(glyph) + _GAP
    reach = _WEIGHT + _OUTLINE + 1 / unit
    high = round((ASCENT + DESCENT + 2 * reach) * unit)
    wide = round((pen - _GAP + 2 * reach) * unit)
    away = np.full((high, wide), 99.0)
    y = ASCENT + reach - (np.arange(high) + 0.5) / unit
    for strokes in lines:
        left = max(0, int((strokes[:, [0, 2]].min()) * unit) - 1)
        right = min(wide, int((strokes[:, [0, 2]].max() + 2 * reach) * unit) + 2)
        x = (np.arange(left, right) + 0.5) / unit - reach
        away[:, left:right] = np.minimum(away[:, left:right], _distance(x, y, strokes))
    fill = np.clip(0.5 + (_WEIGHT - away) * unit, 0, 1)
    rim = np.clip(0.5 + (_WEIGHT + _OUTLINE - away) * unit, 0, 1)
    return _trimmed(fill, rim, round(reach * unit))


def _distance(x: NDArray[Any], y: NDArray[Any], strokes: NDArray[np.float64]) -> NDArray[np.float64]:
    """[len(y), len(x)]: how far each point is from the nearest of the segments [S, 4]."""
    x0, y0, x1, y1 = (strokes[:, k, None, None] for k in range(4))
    dx, dy = x1 - x0, y1 - y0
    along = ((x[None, None, :] - x0) * dx + (y[None, :, None] - y0) * dy) / np.maximum(dx * dx + dy * dy, 1e-9)
    along = np.clip(along, 0, 1)
    return np.asarray(np.hypot(x0 + along * dx - x[None, None, :], y0 + along * dy - y[None, :, None]).min(0))


def _trimmed(fill: NDArray[np.float64], rim: NDArray[np.float64], margin: int) -> Lettering:
    rows, columns = np.flatnonzero((fill > 0.5).any(1)), np.flatnonzero((fill > 0.5).any(0))
    padded = [np.pad(plane, margin) for plane in (fill, rim)]
    area = (slice(rows[0], rows[-1] + 1 + 2 * margin), slice(columns[0], columns[-1] + 1 + 2 * margin))
    cut = [(plane[area] * 256).astype(np.uint32) for plane in padded]
    return Lettering(cut[0], cut[1], margin)


def write(frame: Pixels, lettering: Lettering, left: int, top: int, ink: np.uint32, rim: np.uint32) -> None:
    """Write onto `frame`, the ink's upper left corner at (left, top); raises ValueError where it does not fit."""
    x, y = left - lettering.margin, top - lettering.margin
    high, wide = lettering.fill.shape
    if x < 0 or y < 0 or y + high > frame.shape[0] or x + wide > frame.shape[1]:
        raise ValueError(f"text does not fit: {left=} {top=} {wide=} {high=} in {frame.shape}")
    part = frame[y : y + high, x : x + wide]
    frame[y : y + high, x : x + wide] = mix(mix(part, rim, lettering.rim), ink, lettering.fill)
