"""Clips of strips made from pictures."""

import numpy as np
from numpy.typing import NDArray

from curate.score.clip_strip import ClipStrip
from curate.score.measured import Measured
from curate.score.metrics import METRICS
from curate.score.window import Window, window
from schemas.clip import Clip, clip_id
from schemas.strip import Strip
from tests.split.strips import Pictures, hold, media, scene, strip


def clip(
    measured: Strip, start_us: int = 0, end_us: int | None = None, crop: tuple[int, int, int, int] | None = None
) -> Clip:
    """A span of a strip; the crop box is the whole of 640x360 if not given."""
    end = measured.end_us if end_us is None else end_us
    pts = measured.pts_us.to_numpy()
    frames = int(((pts >= start_us) & (pts < end)).sum())
    box = crop or (0, 0, 640, 360)
    still = len(pts) == 1
    return Clip(clip_id("m" * 64, start_us, end), "m" * 64, start_us, end, frames, "edge", "edge", 0, still, *box)


def seen(measured: Strip, **where: int) -> Window:
    """The window of a clip of `measured`."""
    return window(ClipStrip(clip(measured, **where), media(still=len(measured.pts_us) == 1), measured))


def measure(name: str, measured: Strip, **where: int) -> Measured | None:
    """One metric of a clip of `measured`."""
    return METRICS[name](seen(measured, **where))


def value(name: str, measured: Strip, **where: int) -> float:
    """Its value, where it can be measured."""
    found = measure(name, measured, **where)
    assert found is not None
    return found.value


def plain(level: int, count: int) -> Pictures:
    """Frames of one grey."""
    return np.full((count, 72, 128, 3), level, np.uint8)


def moving(count: int = 50, **flow: float) -> Strip:
    """A strip of two seconds whose samples all have the given flow; the first has none before it."""
    samples = (count * 40_000 - 40_000) // 200_000 + 1
    names = ("motion_px_s", "local_px_s", "pan_x_px_s", "pan_y_px_s", "zoom_per_s", "roll_deg_s", "camera_fit")
    rest = dict.fromkeys(names, 0.0) | {"camera_fit": 1.0}
    columns = {name: np.full(samples, speed, np.float32) for name, speed in (rest | flow).items()}
    for column in columns.values():
        column[0] = np.nan
    return strip(hold(scene(1), count), motion=columns)


def heard(**hops: NDArray[np.float32]) -> Strip:
    """Two seconds of a still picture with the given sound from its first frame on."""
    return strip(hold(scene(1), 50), sound=hops, audio_start_us=0)
