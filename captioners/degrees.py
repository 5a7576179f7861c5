"""Where a measured number gets another word: the one definition of "dark", "slow" and "loud"."""

from typing import Literal

from captioners.record import Brightness, Pace, Place, Volume

STILL_PX_S = 2.0
"""Below this, at 256 px short side, nothing moves."""

_BRIGHTNESS: tuple[tuple[float, Brightness], ...] = ((8.0, "black"), (70.0, "dark"), (150.0, "medium"))
_PACE: tuple[tuple[float, Pace], ...] = ((20.0, "slow"), (80.0, "moderate"))
_VOLUME: tuple[tuple[float, Volume], ...] = ((-30.0, "quiet"), (-16.0, "moderate"))


def brightness(luma: float) -> Brightness:
    """The word for a mean luma, 0..255."""
    return next((name for below, name in _BRIGHTNESS if luma < below), "bright")


def pace(motion_px_s: float) -> Pace | None:
    """The word for a movement at 256 px short side; None: no movement."""
    if motion_px_s < STILL_PX_S:
        return None
    return next((name for below, name in _PACE if motion_px_s < below), "fast")


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
