"""Totals agree with the rows they come from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.report.overview import histogram, overview, sum_axes
from curate.report.report import Limit, Share
from schemas.caption import Axis
from schemas.clip import Score
from tests.report.rows import clip, media, pick, small


def test_kept_comes_first_then_the_reasons_by_size() -> None:
    clips = [clip("m", i * 1_000_000, (i + 1) * 1_000_000, i) for i in range(6)]
    reasons: list[tuple[str, ...]] = [(), ("dark", "still"), ("dark",), ("still",), ("dark",), ()]
    picks = [pick(one, why) for one, why in zip(clips, reasons, strict=True)]
    total = overview([media("m", 6_000_000)], clips, [], picks, [], [])
    assert total.outcomes == (Share("kept", 2, 2_000_000), Share("dark", 3, 3_000_000), Share("still", 1, 1_000_000))


def test_bytes_that_two_sources_share_are_one_media() -> None:
    total = overview([media("m", 5_000_000), media("m", 5_000_000)], [], [], [], [], [])
    assert (total.media, total.media_us) == (1, 5_000_000)


def test_stills_have_no_length() -> None:
    report = small()
    assert report.overview.stills == 1
    assert report.overview.clips == 7
    assert report.overview.clips_us == 27_640_000  # the frame of the still is not time


def test_axes_are_summed() -> None:
    total = sum_axes([Axis("text", 2, 2, 1, 1), Axis("speech", 5, 4, 4, 0), Axis("text", 1, 0, 0, 0)])
    assert total == (Axis("speech", 5, 4, 4, 0), Axis("text", 3, 2, 1, 1))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200))
def test_a_histogram_counts_every_value(values: list[float]) -> None:
    made = histogram("m", np.array(values), ())
    assert made is not None
    assert sum(made.counts) == made.values == len(values)
    assert made.low < made.high
    assert made.median == pytest.approx(float(np.median(values)))


def test_the_policy_is_on_the_axis_and_outliers_do_not_stretch_it() -> None:
    values = [Score("c", "motion", float(value), None) for value in (*np.linspace(10, 20, 999), 1e9)]
    (made,) = overview([], [], values, [], [], [Limit("motion", 2.0, 40.0)]).histograms
    assert (made.low, made.high) == (2.0, 40.0)
    assert made.counts[-1] == 1


def test_values_that_are_not_numbers_are_left_out() -> None:
    made = histogram("m", np.array([1.0, float("nan"), 3.0, float("inf")]), ())
    assert made is not None
    assert made.values == 2
    assert histogram("m", np.array([float("nan")]), ()) is None
