"""A contact sheet: the frames of a clip side by side, each with its time burnt in."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from curate.report.clock import clock

SHEET_WIDTH = 960
GAP = 4
QUALITY = 80


@dataclass(frozen=True, slots=True)
class ContactSheet:
    """Frames of one size side by side, `across` in a row, `GAP` pixels apart; `width` and `height` are those of one."""

    jpeg: bytes
    across: int
    frames: int
    width: int
    height: int


def columns(count: int, width: int, height: int) -> int:
    """How many columns bring the sheet of `count` frames of that size nearest to 16:9."""
    wanted = math.log(16 / 9)
    ratios = ((n, n * width / (math.ceil(count / n) * height)) for n in range(1, count + 1))
    holes = {n: math.ceil(count / n) * n - count for n in range(1, count + 1)}
    return min(ratios, key=lambda pair: abs(math.log(pair[1]) - wanted) + 0.15 * holes[pair[0]])[0]


def contact_sheet(frames: NDArray[np.uint8], times_us: Sequence[int]) -> ContactSheet:
    """Join frames [N, H, W, 3] (RGB, 0..255), left to right and down; `times_us` are burnt in."""
    if frames.ndim != 4 or frames.shape[3] != 3 or not len(frames) or len(frames) != len(times_us):
        raise ValueError(f"a sheet takes frames [N, H, W, 3] and N times: {frames.shape=} {len(times_us)=}")
    count, height, width = frames.shape[:3]
    across = columns(count, width, height)
    cell_width = (SHEET_WIDTH - GAP * (across - 1)) // across
    cell_height = max(1, round(cell_width * height / width))
    down = math.ceil(count / across)
    sheet = np.full((down * (cell_height + GAP) - GAP, across * (cell_width + GAP) - GAP, 3), 24, np.uint8)
    for i, (frame, at_us) in enumerate(zip(frames, times_us, strict=True)):
        y, x = (i // across) * (cell_height + GAP), (i % across) * (cell_width + GAP)
        shrink = cell_width < width
        cell = cv2.resize(frame, (cell_width, cell_height), interpolation=cv2.INTER_AREA if shrink else cv2.INTER_CUBIC)
        sheet[y : y + cell_height, x : x + cell_width] = burn(cell, clock(at_us))
    done, body = cv2.imencode(".jpg", np.ascontiguousarray(sheet[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise ValueError(f"the sheet could not be encoded: {sheet.shape=}")
    return ContactSheet(bytes(body), across, count, cell_width, cell_height)


def burn(cell: NDArray[np.uint8], label: str) -> NDArray[np.uint8]:
    """Write a label in the upper left corner, white on a darkened ground; titles and subtitles are mostly lower."""
    scale = float(np.clip(cell.shape[1] / 520, 0.34, 0.9))
    thick = 1 if scale < 0.7 else 2
    (width, height), below = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    pad = max(2, round(6 * scale))
    out = cell.copy()
    ground = out[: height + below + 2 * pad, : width + 2 * pad]
    ground[:] = (ground * 0.35).astype(np.uint8)
    at = (pad, pad + height)
    cv2.putText(out, label, at, cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), thick, cv2.LINE_AA)
    return out
