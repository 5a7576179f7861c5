"""camera: how the camera moves, and how fast."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.score.measured import Json, Measured
from curate.score.window import Floats, MotionWindow, Window

FIT = 0.4  # share of the flow that the camera must explain for a sample to count
KNOWN = 0.5  # share of the samples that must count
STATIC_PX_S = 4.0  # slower than this the camera stands still: things that pass pull the estimate about so much
SAMPLES, SHAKEN = 3, 6  # that must count: to name a movement, and to tell shaking from things that pass
RADIUS_PX = 128.0  # from the middle to the nearer edge at 256 px short side: where zoom and roll are turned to speed
SECOND = 0.6  # a second component of so much of the first makes the movement mixed
SHAKE = 1.2  # shake is a kind of its own when it is so much faster than the steady movement


@dataclass(frozen=True, slots=True)
class Components:
    """Speeds at 256 px short side. Signs are the camera's: right, down, in, clockwise."""

    pan_px_s: float
    tilt_px_s: float
    zoom_px_s: float
    roll_px_s: float
    shake_px_s: float
    samples: int

    @property
    def steady(self) -> dict[str, float]:
        """Signed speed of each steady movement."""
        return {"pan": self.pan_px_s, "tilt": self.tilt_px_s, "zoom": self.zoom_px_s, "roll": self.roll_px_s}


WORDS = {
    "pan": ("pan left", "pan right"),
    "tilt": ("tilt up", "tilt down"),
    "zoom": ("zoom out", "zoom in"),
    "roll": ("roll counterclockwise", "roll clockwise"),
}


def camera(window: Window) -> Measured | None:
    """Speed of the camera, in pixels per second at 256 px short side; zoom and roll as seen at the nearer edge.

    0 is a camera that stands still; detail: `kind` (the camera's movement: "pan right" shifts the picture left) and the
    signed components. Nothing where the picture has too little texture to tell, or moves in ways that no camera does,
    or the clip is too short.
    """
    found = components(window.motion)
    if found is None:
        return None
    name, speed = kind(found)
    if name == "shake" and found.samples < SHAKEN:
        return None
    detail: dict[str, Json] = {
        "kind": name,
        "pan_px_s": round(found.pan_px_s, 2),
        "tilt_px_s": round(found.tilt_px_s, 2),
        "zoom_per_s": round(found.zoom_px_s / RADIUS_PX, 4),
        "roll_deg_s": round(float(np.degrees(found.roll_px_s / RADIUS_PX)), 2),
        "shake_px_s": round(found.shake_px_s, 2),
    }
    return Measured(speed, detail)


def components(motion: MotionWindow) -> Components | None:
    """The usual movement over the samples whose flow a camera explains, and what shakes around it."""
    fit = np.nan_to_num(motion.camera_fit, nan=0.0)
    good = fit >= FIT
    if np.count_nonzero(good) < SAMPLES or good.mean() < KNOWN:
        return None
    weights = motion.seconds[good] * fit[good]
    x, y = motion.pan_x_px_s[good], motion.pan_y_px_s[good]
    return Components(
        pan_px_s=middle(x, weights),
        tilt_px_s=middle(y, weights),
        zoom_px_s=middle(motion.zoom_per_s[good], weights) * RADIUS_PX,
        roll_px_s=float(np.radians(middle(motion.roll_deg_s[good], weights))) * RADIUS_PX,
        shake_px_s=float(np.hypot(unsteadiness(x), unsteadiness(y))),
        samples=int(np.count_nonzero(good)),
    )


def middle(values: Floats, weights: NDArray[np.float64]) -> float:
    """values, weights: [N]. The weighted mean of the middle half: a sample led astray by what passes does not count."""
    order = np.argsort(values, kind="stable")
    ends = np.cumsum(weights[order]) / weights.sum()
    starts = np.concatenate([[0.0], ends[:-1]])
    inside = np.clip(np.minimum(ends, 0.75) - np.maximum(starts, 0.25), 0, None)
    return float(np.average(values[order], weights=inside))


def unsteadiness(speed: Floats) -> float:
    """speed: [N] of consecutive samples. How far each lies from the mean of its two neighbours: 0 for any even change.

    A typical value (1.48 x the median), not the RMS: a single jolt is no shake.
    """
    if len(speed) < 3:
        return 0.0
    bend = np.abs(speed[1:-1] - (speed[:-2] + speed[2:]) / 2)
    return float(1.4826 * np.median(bend) / np.sqrt(1.5))


def kind(found: Components) -> tuple[str, float]:
    """The name of the movement and its speed in px/s."""
    ranked = sorted(found.steady.items(), key=lambda item: -abs(item[1]))
    (name, speed), (_, second) = ranked[:2]
    if found.shake_px_s >= STATIC_PX_S and found.shake_px_s > SHAKE * abs(speed):
        return "shake", found.shake_px_s
    if abs(speed) < STATIC_PX_S:
        return "static", abs(speed)
    if abs(second) >= max(SECOND * abs(speed), STATIC_PX_S):
        return "mixed", float(np.hypot(speed, second))
    return WORDS[name][speed > 0], abs(speed)
