"""The script of a film: what stands on every frame, before anything is drawn. Tests may write their own."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from curate.film.camera import Pose
from curate.film.spec import FilmSpec
from schemas.truth import CameraKind, ColourName, JoinKind, ShapeName


@dataclass(frozen=True, slots=True)
class Move:
    """What the camera does; speeds as in `schemas.truth.Camera`."""

    kind: CameraKind = "static"
    pan_x_px_s: float = 0.0
    pan_y_px_s: float = 0.0
    zoom_per_s: float = 0.0
    roll_deg_s: float = 0.0
    shake_px: float = 0.0
    seed: int = 0  # of the shaking


@dataclass(frozen=True, slots=True)
class Prop:
    """A thing: the middle of its box at shot time 0, its side, and its way; pixels of the displayed picture."""

    shape: ShapeName
    colour: ColourName
    side: float
    x: float
    y: float
    x_per_s: float = 0.0
    y_per_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Crop:
    """The picture inside its black borders, in displayed pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Copy:
    """This shot shows shot `of` again."""

    of: int
    scale: float
    gain: float
    rate: float


@dataclass(frozen=True, slots=True)
class Take:
    """One shot; `[first_frame, end_frame)` shows it alone. Its clock is 0 at first_frame and stands while frozen."""

    first_frame: int
    end_frame: int
    scene: str  # a name of `world.SCENES`, or "black"
    crop: Crop
    hue: float = 0.0
    value: float = 0.7
    seed: int = 0
    move: Move = Move()
    scale: float = 1.0  # magnification at clock 0
    props: tuple[Prop, ...] = ()
    frozen: tuple[int, int] | None = None  # frames that repeat the one before them
    copy: Copy | None = None
    x_px: float = 0.0  # where the camera stands at clock 0, right and down, in pixels at 256 px short side
    y_px: float = 0.0


@dataclass(frozen=True, slots=True)
class Wipe:
    """The way of a front behind which the new shot stands; its edge is `soft` of the picture wide."""

    towards: Literal["left", "right", "up", "down"]
    soft: float = 0.0


@dataclass(frozen=True, slots=True)
class Join:
    """The frames between two takes, none for a cut or a jump; a fade stays black for `hold` frames."""

    kind: JoinKind
    first_frame: int
    end_frame: int
    hold: int = 0
    wipe: Wipe = Wipe("right")  # of a wipe


@dataclass(frozen=True, slots=True)
class Title:
    """Words on `[first_frame, end_frame)`; left and top are the upper left corner of the ink, in displayed pixels."""

    text: str
    capital_px: float
    left: int
    top: int
    first_frame: int
    end_frame: int
    colour: tuple[int, int, int] = (255, 255, 255)
    plate: tuple[int, int, int] | None = None  # a plate behind it, instead of a dark rim


@dataclass(frozen=True, slots=True)
class Script:
    """All of a film but its sound."""

    spec: FilmSpec
    pts_us: tuple[int, ...]
    end_us: int
    takes: tuple[Take, ...]
    joins: tuple[Join, ...]  # one fewer than takes
    titles: tuple[Title, ...] = ()
    flashes: tuple[tuple[int, int], ...] = ()  # frames
    hits_us: tuple[int, ...] = ()  # when the ball hits the ground; none: there is no ball

    @property
    def unit_px(self) -> float:
        """Pixels of this film in one pixel at 256 px short side."""
        return min(self.spec.size) / 256

    def time_us(self, frame: int) -> int:
        """The pts of a frame, or the end of the film for the frame after the last."""
        return self.pts_us[frame] if frame < len(self.pts_us) else self.end_us

    def clock_s(self, take: Take, frame: int) -> float:
        """The take's own time at a frame."""
        at = self.pts_us[frame] - self.pts_us[take.first_frame]
        if take.frozen and frame >= take.frozen[0]:
            first, end = take.frozen
            at -= self.pts_us[min(frame, end - 1)] - self.pts_us[first - 1]
        return at / 1e6 * (take.copy.rate if take.copy else 1.0)


def pose(take: Take, clock_s: float, unit_px: float) -> Pose:
    """Where the camera of a take looks at an instant of its clock."""
    move = take.move
    shake = _shaking(move, clock_s)
    scale = take.scale * math.exp(move.zoom_per_s * clock_s) * (take.copy.scale if take.copy else 1.0)
    return Pose(
        (take.x_px + move.pan_x_px_s * clock_s + shake[0]) * unit_px,
        (take.y_px + move.pan_y_px_s * clock_s + shake[1]) * unit_px,
        scale,
        math.radians(move.roll_deg_s * clock_s),
    )


def _shaking(move: Move, clock_s: float) -> tuple[float, float]:
    """A hand's tremble: three sines a direction, RMS distance `shake_px`."""
    if not move.shake_px:
        return 0.0, 0.0
    rng = np.random.default_rng((move.seed, 5))
    rate_hz, phase = rng.uniform(1.5, 4.5, (2, 3)), rng.uniform(0, 2 * math.pi, (2, 3))
    x, y = np.sin(2 * math.pi * rate_hz * clock_s + phase).sum(1) * move.shake_px / math.sqrt(3)
    return float(x), float(y)


def box(take: Take, prop: Prop, clock_s: float, size: tuple[int, int]) -> tuple[float, float, float]:
    """Left, top and side of a thing at an instant of the take's clock, in displayed pixels."""
    scale = take.copy.scale if take.copy else 1.0
    side = prop.side * scale
    x = size[0] / 2 + scale * (prop.x + prop.x_per_s * clock_s - size[0] / 2)
    y = size[1] / 2 + scale * (prop.y + prop.y_per_s * clock_s - size[1] / 2)
    return x - side / 2, y - side / 2, side
