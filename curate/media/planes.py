"""The planes of a decoded frame as the decoder left them: no copy, no conversion, but for the few that need one."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import av
import numpy as np
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from curate.media.opaque import opaque

Matrix = Literal["bt601", "bt709", "bt2020"]
Codes = NDArray[np.uint8] | NDArray[np.uint16]
_PLANAR = re.compile(r"(?:yuv(?P<full>j?)a?4\d\dp|(?P<grey>gray))(?P<depth>\d+)?(?:le)?")
_MATRICES: dict[int, Matrix] = {1: "bt709", 4: "bt601", 5: "bt601", 6: "bt601", 7: "bt601", 9: "bt2020", 10: "bt2020"}


@dataclass(frozen=True, slots=True)
class Planes:
    """Views into one decoded frame, as coded but upside up: before rotation. `u` and `v` are None where it is grey."""

    luma: Codes  # [H, W], 0 .. 2 ** depth - 1
    u: Codes | None  # [H or H / 2, W or W / 2]
    v: Codes | None
    depth: int  # bits
    full_range: bool  # False: luma 16..235, chroma 16..240 (at 8 bits)
    matrix: Matrix


@dataclass(frozen=True, slots=True)
class _Layout:
    depth: int
    full_range: bool
    grey: bool


@lru_cache(maxsize=64)
def _layout(pixel_format: str) -> _Layout | None:
    """How a planar Y'CbCr or grey format of native byte order lies in memory; None for any other."""
    found = _PLANAR.fullmatch(pixel_format)
    if found is None:
        return None
    grey = found["grey"] is not None
    return _Layout(int(found["depth"] or 8), grey or found["full"] == "j", grey)


def _view(plane: VideoPlane, depth: int) -> Codes:
    rows: NDArray[np.uint8] = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)  # type: ignore[call-overload]  # a plane is a buffer
    return rows[:, : plane.width] if depth == 8 else rows.view(np.uint16)[:, : plane.width]


def matrix(frame: av.VideoFrame) -> Matrix:
    """The Y'CbCr matrix of a frame; where it says none, BT.709 from 720 lines up and BT.601 below, as players do."""
    return _MATRICES.get(int(frame.colorspace), "bt709" if min(frame.height, frame.width) >= 720 else "bt601")


def planes(frame: av.VideoFrame, flipped: bool = False) -> Planes:
    """Planes without a copy; only a format that is not planar Y'CbCr or grey is converted (to full-range 4:4:4).

    What is transparent is laid on white first; a picture that is coded `flipped` is put right, by copying.
    """
    seen = _planes(opaque(frame))
    if not flipped:
        return seen
    u, v = (None if plane is None else _upright(plane) for plane in (seen.u, seen.v))
    return replace(seen, luma=_upright(seen.luma), u=u, v=v)


def _upright(plane: Codes) -> Codes:
    turned: Codes = np.ascontiguousarray(plane[::-1])  # type: ignore[assignment]  # of the type that it was
    return turned


def _planes(frame: av.VideoFrame) -> Planes:
    layout = _layout(frame.format.name)
    if layout is None:
        frame = frame.reformat(format="yuv444p", dst_colorspace=Colorspace.ITU601, dst_color_range=ColorRange.JPEG)
        y, u, v = (_view(plane, 8) for plane in frame.planes[:3])
        return Planes(y, u, v, 8, True, "bt601")
    full = layout.full_range or int(frame.color_range) == int(ColorRange.JPEG)
    if layout.grey:
        return Planes(_view(frame.planes[0], layout.depth), None, None, layout.depth, full, "bt601")
    y, u, v = (_view(plane, layout.depth) for plane in frame.planes[:3])
    return Planes(y, u, v, layout.depth, full, matrix(frame))
