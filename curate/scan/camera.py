"""How the camera and the things before it move between two small pictures."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

SHORT_SIDE = 72  # px of the pictures that flow is measured on
UNIT = 256  # px of short side that speeds are given at
GRID = 6  # px between two probes of the flow
TEXTURE = 3e-5  # least smaller eigenvalue of the structure tensor (OpenCV's scale) for a flow to mean anything
TOLERANCE = 0.5  # px at SHORT_SIDE that a flow may differ from the camera's and still be explained by it
LEAST_PROBES = 24


@dataclass(frozen=True, slots=True)
class Motion:
    """Between two pictures, per second. What cannot be told is NaN: the camera's part where there is no texture."""

    motion_px: float
    local_px: float = math.nan
    pan_x_px: float = math.nan
    pan_y_px: float = math.nan
    zoom: float = math.nan
    roll_deg: float = math.nan
    fit: float = math.nan


UNKNOWN = Motion(math.nan)
"""Of a frame that none comes before."""


def optical_flow() -> cv2.DISOpticalFlow:
    """DIS flow with patches half as large as its presets have: zoom and roll come out three times as exact."""
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    flow.setFinestScale(1)
    return flow


def small_size(width: float, height: float) -> tuple[int, int]:
    """(width, height) of the picture that flow is measured on: SHORT_SIDE, at most four times as long."""
    short, long = min(width, height), max(width, height)
    other = min(round(SHORT_SIDE * long / short), 4 * SHORT_SIDE)
    return (other, SHORT_SIDE) if width >= height else (SHORT_SIDE, other)


def probes(picture: NDArray[np.uint8]) -> NDArray[np.intp]:
    """[N, 2] x, y of the grid points of a grey picture [H, W] where both directions have texture (Shi and Tomasi)."""
    corners = cv2.cornerMinEigenVal(picture, blockSize=9, ksize=3)
    height, width = picture.shape
    y, x = np.nonzero(corners[GRID : height - GRID : GRID, GRID : width - GRID : GRID] > TEXTURE)
    return np.stack([x, y], 1) * GRID + GRID


def motion(earlier: NDArray[np.uint8], flow: NDArray[np.float32], seconds: float) -> Motion:
    """earlier: [H, W] grey; flow: [H, W, 2] px from it to the later picture. Speeds are at UNIT px of short side."""
    height, width = earlier.shape
    unit = UNIT / min(height, width) / seconds
    length = cv2.mean(cv2.magnitude(*cv2.split(flow)))[0] * unit
    at = probes(earlier)
    if len(at) < LEAST_PROBES:
        return Motion(length)
    moves = flow[at[:, 1], at[:, 0]]
    source = (at - [width / 2, height / 2]).astype(np.float32)
    model, _ = cv2.estimateAffinePartial2D(
        source, source + moves, method=cv2.RANSAC, ransacReprojThreshold=TOLERANCE * 2, refineIters=5, maxIters=500
    )
    if model is None:
        return Motion(length)
    rest = np.hypot(*(source @ model[:, :2].T + model[:, 2] - source - moves).T)
    scale, turn = np.hypot(model[0, 0], model[1, 0]), np.arctan2(model[1, 0], model[0, 0])
    return Motion(
        motion_px=length,
        local_px=float(rest.mean()) * unit,
        pan_x_px=float(-model[0, 2]) * unit,
        pan_y_px=float(-model[1, 2]) * unit,
        zoom=float(np.log(scale)) / seconds,
        roll_deg=float(-np.degrees(turn)) / seconds,
        fit=float((rest <= TOLERANCE).mean()),
    )
