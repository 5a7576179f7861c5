"""Where a measured number gets another word: the one definition of "dark", "slow" and "loud"."""

from typing import Literal

from captioners.record import Amount, Brightness, Pace, Place, Volume

STILL_PX_S, MOVING_PX_S = 0.3, 1.0
"""Mean flow of the picture at 256 px short side: below the first nothing moves, from the second on something does.
What lies between may be noise, and has no word."""

Way = Literal["left", "right", "up", "down"]
STRAIGHT = 0.5
"""Tangent of the angle up to which something that goes aslant is said to go left, right, up or down."""

_BRIGHTNESS: tuple[tuple[float, Brightness], ...] = ((12.0, "very dark"), (70.0, "dark"), (150.0, "medium"))
_AMOUNT: tuple[tuple[float, Amount], ...] = ((5.0, "little"), (25.0, "moderate"))
_PACE: tuple[tuple[float, Pace], ...] = ((20.0, "slow"), (80.0, "moderate"))
_VOLUME: tuple[tuple[float, Volume], ...] = ((-30.0, "quiet"), (-16.0, "moderate"))


def brightness(luma: float) -> Brightness:
    """The word for a mean luma, 0..255."""
    return next((name for below, name in _BRIGHTNESS if luma < below), "bright")


def pace(camera_px_s: float) -> Pace:
    """The word for the speed of a moving camera, at 256 px short side."""
    return next((name for below, name in _PACE if camera_px_s < below), "fast")


def amount(local_px_s: float) -> Amount | None:
    """The word for how much a picture moves in itself; None: not at all, or too little to tell."""
    if local_px_s < MOVING_PX_S:
        return None
    return next((name for below, name in _AMOUNT if local_px_s < below), "much")


def way(x: float, y: float) -> Way | None:
    """The word for a direction (right and down positive); None: too far from straight left, right, up or down."""
    if abs(y) <= STRAIGHT * abs(x):
        return "right" if x > 0 else "left" if x < 0 else None
    if abs(x) <= STRAIGHT * abs(y):
        return "down" if y > 0 else "up"
    return None


def volume(loudness_lufs: float) -> Volume:
    """The word for an integrated loudness (EBU R 128 has broadcasts at -23)."""
    return next((name for below, name in _VOLUME if loudness_lufs < below), "loud")


def place(x: float, y: float, width: float, height: float) -> Place:
    """The ninth of the picture that holds the middle of a box (shares of the picture, from the top left)."""
    column = _third(x + width / 2)
    row = _third(y + height / 2)
    names: tuple[tuple[Place, Place, Place], ...] = (
        ("top left", "top", "top right"),
        ("left", "centre", "right"),
        ("bottom left", "bottom", "bottom right"),
    )
    return names[row][column]


def _third(share: float) -> Literal[0, 1, 2]:
    if share < 1 / 3:
        return 0
    return 1 if share < 2 / 3 else 2
