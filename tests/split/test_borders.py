"""The crop box."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.split.borders import crop_box
from schemas.media import Picture


def picture(width: int, height: int) -> Picture:
    return Picture(0, "h264", width, height, width, height, 0, "yuv420p", 25.0, None, False)


def shares(*sides: float, samples: int = 10) -> "np.typing.NDArray[np.float32]":
    return np.repeat(np.array(sides, np.float32)[:, None], samples, 1)


def test_no_border_is_the_full_frame_of_any_size() -> None:
    assert crop_box(shares(0, 0, 0, 0), picture(161, 121)) == (0, 0, 161, 121)


def test_a_letterbox_is_cut_off_at_even_numbers() -> None:
    assert crop_box(shares(47 / 360, 47 / 360, 0, 0), picture(640, 360)) == (0, 48, 640, 264)


def test_a_border_that_wavers_is_none() -> None:
    wavering = shares(0.1, 0.1, 0, 0)
    wavering[0, ::2] = 0.3
    x, y, _, height = crop_box(wavering, picture(640, 360))
    assert (x, y, height) == (0, 0, 324)


def test_samples_that_are_all_black_do_not_count() -> None:
    some = shares(0.1, 0.1, 0, 0)
    some[:, 3:6] = np.nan
    assert crop_box(some, picture(640, 360)) == (0, 36, 640, 288)
    assert crop_box(np.full((4, 5), np.nan, np.float32), picture(640, 360)) == (0, 0, 640, 360)


@pytest.mark.parametrize("sides", [(0.5, 0.5, 0, 0), (0.45, 0.4, 0.0, 0.0)])
def test_borders_that_leave_next_to_nothing_are_none(sides: tuple[float, ...]) -> None:
    assert crop_box(shares(*sides), picture(640, 360)) == (0, 0, 640, 360)


@given(st.lists(st.floats(0, 0.5), min_size=4, max_size=4), st.integers(2, 4000), st.integers(2, 4000))
def test_the_box_lies_in_the_frame(sides: list[float], width: int, height: int) -> None:
    x, y, w, h = crop_box(shares(*sides), picture(width, height))
    assert 0 <= x < x + w <= width
    assert 0 <= y < y + h <= height
    assert (x % 2, y % 2) == (0, 0)
    assert w == width or w % 2 == 0
