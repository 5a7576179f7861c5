"""drift: on strips of blocks that pass, and on films whose things are known."""

import json

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from infra.bench.drift import passing
from tests.score.windows import measure
from tests.split.films import film
from tests.split.strips import scene, strip

FPS = 25
Pictures = NDArray[np.uint8]


def _ground() -> NDArray[np.uint8]:
    return cv2.GaussianBlur(scene(3, width=128), (0, 0), 8).astype(np.uint8)


def _passing(*things: tuple[float, float, float, float], seconds: float = 2.0) -> Pictures:
    """Soft discs on a ground that stands; of each: x, y at the middle of the clip and its speed in px a second."""
    ground = _ground()
    frames = []
    for at in range(round(seconds * FPS)):
        picture = ground.copy()
        for x, y, vx, vy in things:
            since = at / FPS - seconds / 2
            cv2.circle(picture, (round(x + vx * since), round(y + vy * since)), 14, (250, 240, 60), -1, cv2.LINE_AA)
        frames.append(picture)
    return np.stack(frames)


def _still_camera(count: int, **flow: float) -> dict[str, NDArray[np.float32]]:
    names = ("motion_px_s", "local_px_s", "pan_x_px_s", "pan_y_px_s", "zoom_per_s", "roll_deg_s", "camera_fit")
    rest = dict.fromkeys(names, 0.0) | {"camera_fit": 1.0} | flow
    columns = {name: np.full((count * 40_000 - 40_000) // 200_000 + 1, rest[name], np.float32) for name in names}
    for column in columns.values():
        column[0] = np.nan
    return columns


def _drift(pictures: Pictures, **flow: float) -> dict[str, float] | None:
    found = measure("drift", strip(pictures, motion=_still_camera(len(pictures), **flow)))
    return None if found is None else {"value": found.value, **json.loads(json.dumps(found.detail))}


@pytest.mark.parametrize(
    ("velocity", "x", "y"), [((30, 0), 1, 0), ((-30, 0), -1, 0), ((0, 15), 0, 1), ((0, -15), 0, -1), ((20, 14), 1, 0.7)]
)
def test_what_passes_gives_the_way_that_it_goes(velocity: tuple[float, float], x: float, y: float) -> None:
    found = _drift(_passing((64, 36, *velocity)))
    assert found is not None
    speed = np.hypot(*velocity) * 256 / 72
    assert found["value"] == pytest.approx(speed, rel=0.4)
    way = np.array([found["dx_px_s"], found["dy_px_s"]]) / np.hypot(found["dx_px_s"], found["dy_px_s"])
    assert way @ (np.array([x, y]) / np.hypot(x, y)) > 0.95
    assert found["agreement"] > 0.9
    assert found["share"] > 0.3


def test_things_that_pass_each_other_do_not_agree() -> None:
    found = _drift(_passing((64, 18, 35, 0), (64, 54, -35, 0)))
    assert found is not None
    assert found["agreement"] < 0.5


def test_what_only_appears_goes_nowhere() -> None:
    pictures = np.stack([_ground()] * 50)
    pictures[20:, 20:50, 40:90] = 240
    assert _drift(pictures) is None


def test_where_nothing_moves_or_the_camera_does_there_is_no_row() -> None:
    assert _drift(np.stack([_ground()] * 50)) is None
    assert _drift(_passing((64, 36, 40, 0)), pan_x_px_s=20.0) is None
    assert _drift(_passing((64, 36, 40, 0)), camera_fit=0.1) is None
    assert _drift(_passing((64, 36, 40, 0))[:8]) is None


FILMS = ((10, False), (11, True), (13, False))


def test_things_of_films_go_where_the_truth_has_them_go() -> None:
    found = [one for which in FILMS for measured, truth in (film(*which),)
             for one in passing(measured.media, measured.strip, truth)]  # fmt: skip
    sure = [one for one in found if one.sure]
    assert len(sure) >= 4
    assert [one for one in sure if one.ways != {one.sure}] == []
