"""What lies between two shots."""

from dataclasses import dataclass

from schemas.clip import Transition


@dataclass(frozen=True, slots=True)
class Boundary:
    """Frames `[start, end)` that belong to no shot; a hard cut takes none of them (`start == end`).

    `before` is how the shot before ends, `after` how the next one begins: they differ where a shot fades out and the
    next one follows the black with a cut. A boundary at an end of the media (a fade in from black) has `edge` on the
    side where there is no shot.
    """

    start: int
    end: int
    before: Transition
    after: Transition
    strength: float  # how far beyond its threshold, in the detector's own unit; 1 is just enough


def cut(frame: int, strength: float) -> Boundary:
    """A hard cut: `frame` is the first of the new shot."""
    return Boundary(frame, frame, "cut", "cut", strength)
