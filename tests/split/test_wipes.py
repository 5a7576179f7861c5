"""Wipes on pictures of known make."""

import numpy as np
import pytest

from curate.split.frames import frames_of
from curate.split.house import house
from curate.split.media_strip import MediaStrip
from curate.split.stage import Split
from tests.split.strips import Pictures, hold, media, scene, strip, wiped

A, B = scene(1, width=512), scene(2, width=512)


def found(pictures: Pictures) -> list[tuple[int, int, str]]:
    boundaries = house(frames_of(strip(pictures)), 0.55)
    assert all(one.before == one.after for one in boundaries)
    return [(one.start, one.end, one.after) for one in boundaries]


def film(way: str, length: int, *, soft: float = 0.0, speed: float = 0.0) -> Pictures:
    """Forty frames of one shot, a wipe, forty of the next; the two pan apart."""
    a, b = hold(A, 40 + length, speed), hold(B, 40 + length, -speed, x=100)
    return np.concatenate([a[:40], wiped(a[40:], b[:length], way, soft), b[length:]])


@pytest.mark.parametrize("length", [10, 20, 40])
@pytest.mark.parametrize("way", ["left", "right", "up", "down", "corner", "iris"])
def test_a_wipe_is_the_frames_that_show_both(way: str, length: int) -> None:
    ((start, end, kind),) = found(film(way, length))
    assert kind == "wipe"
    slack = 4 if way in ("left", "right", "up", "down") else max(4, length // 6)  # a corner comes and goes slowly
    assert abs(start - 40) <= slack
    assert abs(end - 40 - length) <= slack


@pytest.mark.parametrize("way", ["left", "down"])
def test_a_soft_edge_belongs_to_the_wipe(way: str) -> None:
    ((start, end, kind),) = found(film(way, 24, soft=0.5))
    assert kind == "wipe"
    assert abs(start - 40) <= 3
    assert abs(end - 64) <= 3


def test_a_wipe_between_moving_pictures_is_found() -> None:
    ((start, end, kind),) = found(film("right", 20, speed=0.5))
    assert kind == "wipe"
    assert abs(start - 40) <= 4
    assert abs(end - 60) <= 4


def test_a_thing_that_crosses_the_picture_is_no_wipe() -> None:
    pictures = hold(A, 80)
    for k in range(40):
        pictures[20 + k, 10:, max(0, 6 * k - 100) : max(0, 6 * k)] = (200, 60, 40)
    assert found(pictures) == []


def test_a_door_that_closes_is_no_wipe() -> None:
    door = hold(A, 80)
    for k in range(40):
        door[20 + k :, :, : k + 1] = (90, 80, 70)
    assert found(door) == []


@pytest.mark.parametrize("speed", [2.0, 5.0])
def test_a_pan_is_no_wipe(speed: float) -> None:
    assert found(hold(scene(3, width=1024), 90, speed=speed)) == []


def test_the_clips_on_both_sides_have_nothing_of_a_wipe() -> None:
    (outcome,) = Split().open()([MediaStrip(media(), strip(film("left", 20)))])
    first, second = outcome.rows
    assert (first.end_kind, second.start_kind) == ("wipe", "wipe")
    assert first.frames <= 40
    assert second.frames <= 40
    assert first.frames + second.frames >= 72
