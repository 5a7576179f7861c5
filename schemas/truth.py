"""What is true of a generated film: exact to the frame and to the sample.

Spans are half-open, in frames and in microseconds from the first presented frame, and say the same in both:
`start_us == pts_us[first_frame]`, and `end_us` is the pts of `end_frame` (or the film's end). Speeds are those of
`schemas.strip.Strip`: pixels per second where the short side of the whole displayed picture is 256. Sounds lie in the
decoded file at sample `round(start_us * sample_rate_hz / 1e6)`, counted from the first presented frame.
"""

from dataclasses import dataclass
from typing import Literal

from schemas.clip import Clip, Sound, Text

CameraKind = Literal["static", "pan", "tilt", "zoom", "roll", "shake"]
Direction = Literal["still", "left", "right", "up", "down"]
ShapeName = Literal["circle", "square", "triangle", "diamond", "star", "cross"]
ColourName = Literal["red", "green", "blue", "yellow", "white", "black", "orange", "purple", "pink", "cyan"]
JoinKind = Literal["cut", "jump", "dissolve", "fade", "wipe"]


@dataclass(frozen=True, slots=True)
class Camera:
    """The virtual camera of one shot; its speeds do not change during the shot."""

    kind: CameraKind
    pan_x_px_s: float  # the camera goes right: the picture moves left
    pan_y_px_s: float  # the camera goes down: the picture moves up
    zoom_per_s: float  # ln(scale) per second: positive zooms in
    roll_deg_s: float  # the camera turns clockwise: the picture turns counter-clockwise
    shake_px: float  # RMS distance from the resting place; 0 unless it shakes
    flow_px_s: float  # mean length of the background's own flow over picture and shot


@dataclass(frozen=True, slots=True)
class Box:
    """Where a thing is at one frame, in shares of the displayed picture: its shape touches all four sides."""

    frame: int
    pts_us: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Thing:
    """One coloured thing; a shot has as many of a kind as it has rows. It moves straight, at constant speed."""

    shape: ShapeName
    colour: ColourName
    red: int  # 0..255
    green: int
    blue: int
    direction: Direction
    speed_px_s: float
    path: tuple[Box, ...]  # first frame, about two a second, last frame of the shot's own span


@dataclass(frozen=True, slots=True)
class Swatch:
    """A colour of the picture and the share of its pixels near it."""

    red: int
    green: int
    blue: int
    share: float


@dataclass(frozen=True, slots=True)
class Shot:
    """One shot: the frames that show it alone, without what the transitions at both ends take."""

    index: int
    first_frame: int
    end_frame: int
    start_us: int
    end_us: int
    start_kind: Literal["edge", "cut", "jump", "dissolve", "fade", "wipe"]
    end_kind: Literal["edge", "cut", "jump", "dissolve", "fade", "wipe"]
    scene: str  # what the background shows: hills, clouds, city, bricks, marble, bokeh, cells; black: nothing
    camera: Camera
    things: tuple[Thing, ...]
    palette: tuple[Swatch, ...]  # of its middle frame inside the borders, most common first
    luma_mean: float  # 0..255, full range, of its middle frame inside the borders
    crop_x: int  # the picture inside its black borders, in displayed pixels
    crop_y: int
    crop_width: int
    crop_height: int


@dataclass(frozen=True, slots=True)
class TransitionTruth:
    """How shot `index` joins shot `index + 1`.

    `[first_frame, end_frame)` are the frames that show neither shot alone; for a cut or a jump (a cut to the same
    scene, seen from beside or later) there are none, and `first_frame` is the first frame of the new shot.
    """

    index: int
    kind: JoinKind
    first_frame: int
    end_frame: int
    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames that are all black, all equal to the one before the stretch (frozen), or flashed white (no cut)."""

    kind: Literal["black", "frozen", "flash"]
    first_frame: int
    end_frame: int
    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Shot `shot` shows shot `of` again: `scale` times larger, `gain` times brighter, `rate` times faster."""

    shot: int
    of: int
    scale: float
    gain: float
    rate: float


@dataclass(frozen=True, slots=True)
class Film:
    """All that is true of one film, or of one still (a film of one frame).

    `clips` are what a perfect splitter finds. `sounds` and `texts` belong to one clip that is the whole film.
    """

    media_id: str  # sha256 of the file
    seed: int
    width: int  # as displayed
    height: int
    rotation_deg: int  # clockwise, as the container asks of the player: 0, 90, 180, 270
    fps: float  # of a variable rate: the nominal one
    vfr: bool
    still: bool
    frames: int
    end_us: int
    sample_rate_hz: int | None  # None: no sound
    samples: int | None
    pts_us: tuple[int, ...]
    shots: tuple[Shot, ...]
    transitions: tuple[TransitionTruth, ...]
    stretches: tuple[Stretch, ...]
    duplicates: tuple[Duplicate, ...]
    clips: tuple[Clip, ...]
    sounds: tuple[Sound, ...]
    texts: tuple[Text, ...]
    hits_us: tuple[int, ...] = ()  # when a ball is seen to hit the ground; its knocks are in `sounds`

    @property
    def id(self) -> str:
        return self.media_id
