"""Metrics of the picture."""

import numpy as np
import pytest

from curate.score.palette import NAMES, names
from tests.score.windows import clip, measure, plain, seen, value
from tests.split.strips import hold, scene, strip, times

A = hold(scene(1), 25)


def test_brightness_and_contrast_are_those_of_luma() -> None:
    halves = plain(0, 10)
    halves[:, :, 64:] = 255
    assert value("brightness", strip(halves)) == pytest.approx(127.5, abs=1)
    assert value("contrast", strip(halves)) == pytest.approx(127.5, abs=1)
    assert value("contrast", strip(plain(90, 10))) == 0


def test_shares_are_of_time_not_of_frames() -> None:
    pictures = np.concatenate([plain(0, 5), hold(scene(1), 5, speed=2.0)])
    pts = np.concatenate([np.arange(5) * 400_000, 2_000_000 + np.arange(5) * 100_000])
    assert value("black_share", strip(pictures, pts)) == pytest.approx(2.0 / 2.5)


def test_a_picture_held_for_half_a_second_is_frozen() -> None:
    moving = hold(scene(2), 25, speed=1.0)
    held = np.concatenate([moving, np.repeat(moving[-1:], 25, 0)])
    assert value("frozen_share", strip(held)) == pytest.approx(26 / 50)
    assert value("frozen_share", strip(moving)) == 0
    twos = np.repeat(moving, 2, 0)
    assert value("frozen_share", strip(twos)) == 0


def test_a_clip_sees_its_own_frames_only() -> None:
    measured = strip(np.concatenate([plain(0, 25), plain(200, 25)]))
    assert value("brightness", measured, start_us=1_000_000) == 200
    assert value("black_share", measured, end_us=1_000_000) == 1
    assert value("frozen_share", measured, start_us=1_000_000) == 1


def test_border_share_is_what_the_crop_box_leaves_out() -> None:
    assert measure("border_share", strip(A)).value == 0  # type: ignore[union-attr]
    assert value("border_share", strip(A), crop=(0, 45, 640, 270)) == pytest.approx(0.25)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((10, 10, 10), "black"), ((250, 250, 250), "white"), ((128, 128, 128), "grey"), ((220, 20, 20), "red"),
        ((240, 140, 20), "orange"), ((240, 220, 40), "yellow"), ((30, 160, 50), "green"), ((40, 200, 220), "cyan"),
        ((30, 60, 220), "blue"), ((130, 40, 180), "purple"), ((250, 130, 180), "pink"), ((120, 70, 30), "brown"),
    ],
)  # fmt: skip
def test_basic_colours_have_their_names(rgb: tuple[int, int, int], name: str) -> None:
    assert NAMES[int(names(np.array([rgb], np.float32))[0])] == name


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((146, 143, 55), "green"), ((121, 116, 56), "green"), ((143, 133, 115), "grey"), ((141, 134, 110), "grey"),
        ((189, 159, 122), "beige"), ((234, 200, 156), "beige"), ((215, 150, 90), "orange"), ((100, 80, 51), "brown"),
        ((255, 239, 140), "yellow"),
    ],
)  # fmt: skip
def test_grass_stone_and_wood_are_not_yellow_or_orange(rgb: tuple[int, int, int], name: str) -> None:
    assert NAMES[int(names(np.array([rgb], np.float32))[0])] == name


def test_the_palette_is_of_the_picture_inside_its_borders() -> None:
    pictures = plain(0, 10)
    pictures[:, 12:60] = (220, 20, 20)
    pictures[:, 12:60, 96:] = (30, 60, 220)
    found = measure("palette", strip(pictures), crop=(0, 60, 640, 240))  # type: ignore[arg-type]
    assert found is not None
    red, blue = found.detail  # type: ignore[misc]
    assert (red["name"], blue["name"]) == ("red", "blue")  # type: ignore[call-overload,index]
    assert found.value == pytest.approx(0.75, abs=0.02)
    assert red["rgb"] == pytest.approx([220, 20, 20], abs=6)  # type: ignore[call-overload,index]


def test_flashes_are_counted_by_time() -> None:
    lit = hold(scene(3), 50)
    lit[10:12] = lit[30:31] = 255
    found = measure("flashes", strip(lit))
    assert found is not None
    assert found.detail == {"count": 2}
    assert found.value == pytest.approx(1.0)
    slow = np.concatenate([plain(50, 25), plain(200, 25)])
    assert value("flashes", strip(slow)) == 0


def test_rates_are_by_time_stamps() -> None:
    even = measure("fps", strip(A, times(25, 30000 / 1001)))
    assert even is not None
    assert even.value == pytest.approx(29.97, abs=0.01)
    assert even.detail["variable"] is False  # type: ignore[call-overload,index]
    pts = np.cumsum(np.tile([20_000, 60_000, 40_000, 40_000, 40_000], 5))
    odd = measure("fps", strip(A, pts - pts[0]))
    assert odd is not None
    assert odd.detail == {"variable": True, "longest_us": 60_000}


def test_a_still_has_no_rate_no_duration_and_no_motion() -> None:
    one = strip(A[:1], end_us=1)
    for name in ("fps", "duration", "motion", "local_motion", "camera", "frozen_share", "flashes", "bits_per_pixel"):
        assert measure(name, one) is None
    assert value("brightness", one) > 0


def test_resolution_and_duration_are_of_the_clip() -> None:
    assert value("resolution", strip(A)) == 360
    assert value("resolution", strip(A), crop=(0, 60, 640, 240)) == 240  # type: ignore[arg-type]
    assert value("duration", strip(A), start_us=200_000) == pytest.approx(0.8)


def test_sharpness_is_the_median_of_the_clip() -> None:
    assert value("sharpness", strip(A)) == 100
    assert seen(strip(A), start_us=40_000, end_us=80_000).sharpness.size == 0
    assert measure("sharpness", strip(A), start_us=40_000, end_us=80_000) is None


def test_clip_builder_counts_frames() -> None:
    assert clip(strip(A), 400_000, 600_000).frames == 5
