import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curate.reader.events import latent_span


def test_a_span_is_the_latent_frames_that_it_touches() -> None:
    steps = np.array([0, 41_667, 208_333, 375_000], np.int64)
    assert latent_span(steps, 0, 10) == (0, 1)
    assert latent_span(steps, 41_667, 208_333) == (1, 2)
    assert latent_span(steps, 41_666, 208_334) == (0, 3)
    assert latent_span(steps, 300_000, 9_000_000) == (2, 4)
    assert latent_span(steps, -5, 5) == (0, 1)


@given(st.lists(st.integers(0, 1000), min_size=1, unique=True), st.integers(0, 1200), st.integers(1, 300))
def test_a_span_holds_at_least_one_frame_and_no_frame_apart_from_it(steps: list[int], start: int, length: int) -> None:
    step_us = np.array(sorted(steps), np.int64)
    first, end = latent_span(step_us, start, start + length)
    assert 0 <= first < end <= len(step_us)
    assert step_us[first] <= start or first == 0
    assert all(step_us[i] < start + length for i in range(first + 1, end))
