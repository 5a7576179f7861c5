"""Jump cuts and slides on pictures of known make."""

import numpy as np
import pytest

from curate.split.frames import frames_of
from curate.split.house import house
from tests.split.strips import Pictures, hold, scene, strip

A = scene(1, width=512)


def found(pictures: Pictures) -> list[tuple[int, str]]:
    boundaries = house(frames_of(strip(pictures)), 0.55)
    return [(one.start, one.after) for one in boundaries if one.start == one.end]


def slide(seed: int) -> Pictures:
    """One frame of lines of dark words on white."""
    rng = np.random.default_rng(seed)
    page = np.full((1, 72, 128, 3), 250, np.uint8)
    for line in range(6, 66, 7):
        for word in range(int(rng.integers(2, 12))):
            page[:, line : line + 4, 8 + 9 * word : 8 + 9 * word + int(rng.integers(3, 8))] = 40
    return page


@pytest.mark.parametrize("aside", [6.0, 8.0])
def test_the_same_place_seen_from_beside_is_a_jump(aside: float) -> None:
    assert found(np.concatenate([hold(A, 40), hold(A, 40, x=aside)])) == [(40, "jump")]


@pytest.mark.parametrize("aside", [14.0, 30.0])
def test_from_far_aside_it_is_found_too(aside: float) -> None:
    assert [at for at, _ in found(np.concatenate([hold(A, 40), hold(A, 40, x=aside)]))] == [40]


def test_a_jump_within_a_slow_pan_is_found() -> None:
    pan = hold(A, 140, speed=0.4)
    assert [at for at, _ in found(np.concatenate([pan[:40], pan[90:]]))] == [40]


@pytest.mark.parametrize("speed", [3.0, 6.0])
def test_fast_motion_is_no_jump(speed: float) -> None:
    assert found(hold(scene(3, width=1024), 90, speed=speed)) == []


def test_a_camera_that_starts_and_stops_is_no_jump() -> None:
    place = np.concatenate([np.zeros(30), np.cumsum(np.full(30, 2.0)), np.full(30, 60.0)])
    assert found(np.concatenate([hold(A, 1, x=float(x)) for x in place])) == []


def test_slides_that_share_their_paper_are_found() -> None:
    assert [at for at, _ in found(np.concatenate([np.repeat(slide(k), 40, 0) for k in range(4)]))] == [40, 80, 120]


def test_words_that_come_up_are_no_jump() -> None:
    titled = hold(A, 60)
    titled[20:50, 54:64, 20:108] = 255
    assert found(titled) == []


def test_the_steps_of_a_slow_animation_are_no_cuts() -> None:
    """A picture of which a piece turns dark or bright every fifth frame; one step alone, at the start, may be a cut."""
    pictures = np.repeat(hold(A, 1), 100, 0)
    for k in range(5, 100, 5):
        pictures[k:, :, ((k // 5) * 41) % 128 :][:, :, :60] = np.uint8(30 + 200 * (k % 2))
    assert [at for at, _ in found(pictures) if at > 5] == []
