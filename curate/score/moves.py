"""What the camera does one after the other."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curate.score.measured import Json
from curate.score.shake import known
from curate.score.window import Floats, MotionWindow

SECOND = 0.6  # a second component of so much of the first makes the movement mixed
SMOOTH = 5  # flows, a second, whose median is one: a jolt is no move
STATIC_PX_S = 4.0  # of a second, not of a clip: more passes before the camera in a short time
LEAST_S = 0.6  # a shorter move is part of what is around it
GAP_US = 1_000_000  # in which nothing is known: the same move may go on for as long
MOST = 16  # moves of a clip
RADIUS_PX = 128.0  # from the middle to the nearer edge at 256 px short side: where zoom and roll are turned to speed

WORDS = {
    "pan": ("pan left", "pan right"),
    "tilt": ("tilt up", "tilt down"),
    "zoom": ("zoom out", "zoom in"),
    "roll": ("roll counterclockwise", "roll clockwise"),
}


class Speeds(NamedTuple):
    """Speeds at 256 px short side, zoom and roll as seen at the nearer edge. Signs are the camera's."""

    pan: float
    tilt: float
    zoom: float
    roll: float


def name_of(steady: Speeds, static_px_s: float) -> tuple[str, float]:
    """The name of a movement and its speed in px/s."""
    ranked = sorted(zip(WORDS, steady, strict=True), key=lambda item: -abs(item[1]))
    (name, speed), (_, second) = ranked[:2]
    if abs(speed) < static_px_s:
        return "static", abs(speed)
    if abs(second) >= max(SECOND * abs(speed), static_px_s):
        return "mixed", float(np.hypot(speed, second))
    return WORDS[name][speed > 0], abs(speed)


def moves(motion: MotionWindow, each: Floats, whole: str, speed: float) -> Json:
    """each: [N, 4] px/s of the flows; whole, speed: of the clip. Of a clip that shakes, no steady moves are told."""
    static = STATIC_PX_S if whole in ("static", "shake") else min(STATIC_PX_S, speed / 2)
    at = np.flatnonzero(known(motion))
    gaps = np.flatnonzero(motion.start_us[at[1:]] - motion.end_us[at[:-1]] > GAP_US) + 1
    found: list[Json] = []
    for run in np.split(at, gaps):
        steady = [name_of(Speeds(*one), static)[0] for one in even(each[run]).tolist()]
        names = [whole] * len(run) if whole == "shake" else steady
        for name, first, end in joined(names, motion.seconds[run]):
            part = run[first:end]
            if motion.seconds[part].sum() >= LEAST_S:
                found.append(move(name, motion, each, part))
    return found[:MOST]


def move(name: str, motion: MotionWindow, each: Floats, part: NDArray[np.intp]) -> Json:
    """One move of the flows `part`."""
    seconds = float(motion.seconds[part].sum())
    speeds = Speeds(*np.average(each[part], axis=0, weights=motion.seconds[part]).tolist())
    said: dict[str, Json] = {"kind": name, "start_us": int(motion.start_us[part[0]])}
    said |= {"end_us": int(motion.end_us[part[-1]]), "px_s": round(max(map(abs, speeds)), 2)}
    amount = amount_of(name, speeds, seconds)
    return said if amount is None else {**said, "amount": round(amount, 3)}


def even(each: Floats) -> Floats:
    """each: [N, 4]. The running median over SMOOTH."""
    reach = min(SMOOTH // 2, (len(each) - 1) // 2)
    if not reach:
        return each
    padded = np.pad(each, ((reach, reach), (0, 0)), mode="reflect")
    smooth: Floats = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, 0), -1)
    return smooth


def joined(names: list[str], seconds: NDArray[np.float64]) -> list[tuple[str, int, int]]:
    """Name, first and end of each move; one shorter than LEAST_S is given to the longer of its neighbours."""
    parts = list(_runs_of(names))
    while len(parts) > 1:
        lasts = [float(seconds[first:end].sum()) for _, first, end in parts]
        short = int(np.argmin(lasts))
        if lasts[short] >= LEAST_S:
            break
        around = [k for k in (short - 1, short + 1) if 0 <= k < len(parts)]
        into = max(around, key=lambda k: lasts[k])
        for at in range(parts[short][1], parts[short][2]):
            names[at] = parts[into][0]
        parts = list(_runs_of(names))
    return parts


def _runs_of(names: list[str]) -> Iterator[tuple[str, int, int]]:
    at = 0
    for name, same in groupby(names):
        end = at + len(list(same))
        yield name, at, end
        at = end


def amount_of(name: str, speeds: Speeds, seconds: float) -> float | None:
    """How far a move goes in all: px, the factor things grow by, or degrees; None for what has no one direction."""
    match name.split(maxsplit=1)[0]:
        case "pan":
            return speeds.pan * seconds
        case "tilt":
            return speeds.tilt * seconds
        case "zoom":
            return float(np.exp(speeds.zoom / RADIUS_PX * seconds))
        case "roll":
            return float(np.degrees(speeds.roll / RADIUS_PX * seconds))
    return None
