"""shake: how much the camera trembles."""

import numpy as np
from numpy.typing import NDArray

from curate.score.measured import Measured
from curate.score.window import MotionWindow, Window

FIT = 0.4  # share of the flow that the camera must explain for a sample to count
HELD_PX_S = 0.25  # a picture that moves less is shown again: its time does not count
STRETCH = 11  # positions of the camera, two seconds, through which one even path is laid
LEAST = 7  # positions that tell a path from what trembles around it
DEGREE = 2  # of the path: speed and acceleration

Doubles = NDArray[np.float64]


def shake(window: Window) -> Measured | None:
    """RMS distance of the camera from its own even path, in pixels at 256 px short side.

    0 to 0.1: a tripod, a drone, a made picture; 0.5 to 2: held by hand; over 3: running. Even pans, also those that
    become faster, do not count. Positions are known five times a second: what trembles faster is seen in full, but not
    how fast. Nothing where the camera's movement is unknown, and for a clip of less than a second and a half.
    """
    value = tremble_px(window.motion)
    return None if value is None else Measured(value)


def tremble_px(motion: MotionWindow) -> float | None:
    """RMS distance from the path over all stretches of samples that follow each other; None where there are none."""
    squares, freedom = 0.0, 0
    for run in runs(known(motion)):
        steps = np.stack([motion.pan_x_px_s[run], motion.pan_y_px_s[run]], 1) * motion.seconds[run, None]
        path = np.concatenate([np.zeros((1, 2)), np.cumsum(steps.astype(np.float64), 0)])
        at = np.concatenate([[0.0], np.cumsum(motion.seconds[run])])
        if len(path) < LEAST:
            continue
        for part in np.array_split(np.arange(len(path)), max(1, round(len(path) / STRETCH))):
            squares += float(np.square(away(path[part], at[part])).sum())
            freedom += len(part) - DEGREE - 1
    return float(np.sqrt(squares / freedom)) if freedom else None


def known(motion: MotionWindow) -> NDArray[np.bool_]:
    """[N]: the flows that tell how the camera moved, those of pictures that are shown again left out."""
    good: NDArray[np.bool_] = np.nan_to_num(motion.camera_fit, nan=0.0) >= FIT
    moved = good & (motion.motion_px_s >= HELD_PX_S)
    return moved if 2 * np.count_nonzero(moved) >= np.count_nonzero(good) else good


def runs(mask: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """The positions of each run of what holds."""
    at = np.flatnonzero(mask)
    return [run for run in np.split(at, np.flatnonzero(np.diff(at) > 1) + 1) if len(run)]


def away(path: Doubles, at_s: Doubles) -> Doubles:
    """path: [N, 2] px at the times at_s [N]. [N, 2]: what is left without the even path that fits best."""
    terms = np.vander((at_s - at_s.mean()) / max(np.ptp(at_s), 1e-9), DEGREE + 1)
    rest: Doubles = path - terms @ np.linalg.lstsq(terms, path, rcond=None)[0]
    return rest
