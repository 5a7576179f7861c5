"""Which frame is shown at which instant."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import NoFrames
from curate.proxy.rate import USUAL
from curate.proxy.timing import at_rate, frame_count

RATE = Fraction(25)
Shown = list[tuple[int, int]]


def brought(times_us: list[int], start_us: int, count: int, rate: Fraction = RATE) -> list[int]:
    return list(at_rate([(t, n) for n, t in enumerate(times_us)], start_us, count, rate))


def test_frames_before_the_span_are_not_shown_in_it() -> None:
    assert brought([0, 40_000, 80_000, 120_000], 80_000, 2) == [2, 3]


def test_the_frame_that_stands_when_the_span_begins_is_its_first() -> None:
    assert brought([0, 500_000, 2_000_000], 1_000_000, 3) == [1, 1, 1]


def test_a_span_that_begins_before_the_first_frame_shows_it_at_once() -> None:
    assert brought([80_000, 120_000], 0, 5) == [0, 0, 0, 1, 1]


def test_nothing_to_show_is_a_failure() -> None:
    with pytest.raises(NoFrames):
        brought([], 0, 3)


@pytest.mark.parametrize("rate", USUAL)
def test_stamps_that_are_off_by_less_than_half_a_frame_change_nothing(rate: Fraction) -> None:
    step_us = float(1_000_000 / rate)
    times = [round(n * step_us + (1 - 2 * (n % 2)) * 0.3 * step_us) for n in range(500)]
    assert brought(times, 0, 500, rate) == list(range(500))


@pytest.mark.parametrize("rate", USUAL)
def test_an_hour_does_not_drift(rate: Fraction) -> None:
    count = int(3600 * rate)
    times = [int(n * 1_000_000 / rate) for n in range(count)]
    assert frame_count(0, int(count * 1_000_000 / rate), rate) == count
    assert brought(times, 0, count, rate) == list(range(count))


@given(
    gaps=st.lists(st.integers(1, 400_000), min_size=1, max_size=60), rate=st.sampled_from(USUAL),
    start=st.integers(0, 2_000_000), count=st.integers(1, 90),
)  # fmt: skip
def test_each_instant_shows_what_stood_then_or_came_within_half_a_frame(
    gaps: list[int], rate: Fraction, start: int, count: int
) -> None:
    times = [sum(gaps[: n + 1]) - gaps[0] for n in range(len(gaps))]
    seen = brought(times, start, count, rate)
    half_us = float(500_000 / rate) + 1
    assert len(seen) == count
    assert seen == sorted(seen)
    for k, number in enumerate(seen):
        at_us = start + float(k * 1_000_000 / rate)
        assert number == 0 or times[number] <= at_us + half_us
        assert all(t > at_us - half_us or times[number] >= t for t in times[number + 1 :])
