"""Windows are planned by time; frames and pixels keep to what a model can take, whatever the length of the clip."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioners.seeing.profile import PROFILES, Sight
from captioners.seeing.window import budget, windows
from curate.errors import RecipeError
from schemas.clip import Clip

SIGHT = Sight(2.0, 32, 28 * 28 * 64, 28 * 28 * 512, 28 * 28 * 64 * 40, 28, "images", "named", sound=False)


def clip(
    length_us: int, width: int = 1920, height: int = 1080, start_us: int = 5_000_000, *, still: bool = False
) -> Clip:
    end_us = start_us + length_us
    return Clip("m/c", "m", start_us, end_us, 1, "cut", "cut", 0, still, 0, 0, width, height)


@given(
    length_us=st.integers(40_000, 900_000_000),
    width=st.integers(8, 4096),
    height=st.integers(8, 4096),
    profile=st.sampled_from(sorted(PROFILES)),
)
def test_no_window_asks_more_than_a_model_takes_nor_shows_less_than_it_needs(
    length_us: int, width: int, height: int, profile: str
) -> None:
    sight = PROFILES[profile].sight
    plan, of = budget(sight), clip(length_us, width, height)
    made = windows(of, sight)
    assert made[0].start_us == of.start_us and made[-1].end_us == of.end_us
    assert all(one.end_us == other.start_us for one, other in pairwise(made))
    for one in made:
        assert one.at_us[0] == one.start_us and one.at_us[-1] == one.end_us - 1
        assert list(one.at_us) == sorted(set(one.at_us))
        assert len(one.at_us) <= plan.max_frames + 1
        step_us = max(later - sooner for sooner, later in pairwise(one.at_us))
        assert step_us <= 1e6 / plan.rate_hz + 1
        assert one.width % plan.multiple_px == 0 and one.height % plan.multiple_px == 0
        narrow = plan.multiple_px in (one.width, one.height)  # no side is less
        assert narrow or one.width * one.height <= plan.max_pixels


def test_a_longer_clip_has_more_windows_not_fewer_pixels() -> None:
    counts = [len(windows(clip(seconds * 1_000_000), SIGHT)) for seconds in (2, 15, 16, 31, 60)]
    assert counts == [1, 1, 2, 2, 4]
    (one, other) = windows(clip(30_000_000), SIGHT)
    assert one.end_us - one.start_us == other.end_us - other.start_us == 15_000_000
    assert one.width * one.height >= 0.85 * 28 * 28 * 64


def test_a_short_clip_has_all_its_pixels_and_its_first_and_last_frame() -> None:
    (one,) = windows(clip(400_000, 640, 360), SIGHT)
    assert one.at_us == (5_000_000, 5_399_999)
    assert (one.width, one.height) == (616, 336)


def test_a_still_is_one_frame() -> None:
    (one,) = windows(clip(0, still=True), SIGHT)
    assert one.at_us == (5_000_000,)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (Sight(max_frames=1), "less than two"),
        (Sight(budget_pixels=28 * 28 * 100), "not enough for two frames"),
        (Sight(rate_hz=0.0), "see.sight.rate_hz must be more than 0"),
        (Sight(min_pixels=10_000_000), "is more than"),
    ],
)
def test_a_sight_that_cannot_be_is_refused(change: Sight, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        budget(change.over(SIGHT))


def test_what_is_not_said_is_as_the_profile_has_it() -> None:
    assert Sight(rate_hz=4.0).over(SIGHT) == replace(SIGHT, rate_hz=4.0)
