"""Totals agree with the rows they come from."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.report.overview import histograms, overview
from curate.report.report import Histogram, Limit, Outcome, Share
from schemas.caption import Axis
from schemas.clip import Score
from tests.report.rows import clip, media, pick, small, tables, verdict


def test_kept_comes_first_then_the_reasons_by_size() -> None:
    clips = [clip("m", i * 1_000_000, (i + 1) * 1_000_000, i) for i in range(6)]
    reasons: list[tuple[str, ...]] = [(), ("dark", "still"), ("dark",), ("still",), ("dark",), ()]
    picks = [pick(one, why) for one, why in zip(clips, reasons, strict=True)]
    total = overview(tables([media("m", 6_000_000)], clips, [], picks), [])
    assert total.outcomes == (
        Outcome("kept", 2, 2_000_000, 0, 0),
        Outcome("dark", 3, 3_000_000, 3, 2),
        Outcome("still", 1, 1_000_000, 2, 1),
    )


def test_bytes_that_two_sources_share_are_one_media() -> None:
    total = overview(tables([media("m", 5_000_000), media("m", 5_000_000)]), [])
    assert (total.media, total.media_us) == (1, 5_000_000)


def test_stills_have_no_length() -> None:
    report = small()
    assert report.overview.stills == 1
    assert report.overview.clips == 7
    assert report.overview.clips_us == 27_640_000  # the frame of the still is not time


def test_axes_are_summed() -> None:
    one = clip("m", 0, 1_000_000, 0)
    asked = [(Axis("text", 2, 2, 1, 1), Axis("speech", 5, 4, 4, 0)), (Axis("text", 1, 0, 0, 0),), ()]
    verdicts = [replace(verdict(one, flagged=not axes), axes=axes) for axes in asked]
    total = overview(tables(clips=[one], verdicts=verdicts), [])
    assert total.axes == (Axis("speech", 5, 4, 4, 0), Axis("text", 3, 2, 1, 1))
    assert total.verdicts == (Share("pass", 2, 2_000_000), Share("flagged", 1, 1_000_000))


def histogram(values: Sequence[float], *limits: Limit) -> Histogram | None:
    scores = [Score("c", "motion", value, None) for value in values]
    return next(iter(histograms(tables(scores=scores).scores, limits)), None)


@settings(max_examples=40)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200))
def test_a_histogram_counts_every_value(values: list[float]) -> None:
    made = histogram(values)
    assert made is not None
    assert sum(made.counts) == made.values == len(values)
    assert made.low < made.high
    assert made.median == pytest.approx(float(np.median(values)))


def test_bins_are_those_of_numpy() -> None:
    values = np.random.default_rng(0).normal(3, 2, 10_000)
    made = histogram(values.tolist())
    assert made is not None
    assert (made.low, made.high) == pytest.approx(tuple(np.quantile(values, (0.005, 0.995))))
    counts, _ = np.histogram(np.clip(values, made.low, made.high), 32, (made.low, made.high))
    assert np.abs(np.array(made.counts) - counts).max() <= 1  # a value on an edge


def test_the_policy_is_on_the_axis_and_outliers_do_not_stretch_it() -> None:
    made = histogram([*np.linspace(10, 20, 999).tolist(), 1e9], Limit("motion", 2.0, 40.0))
    assert made is not None
    assert (made.low, made.high) == (2.0, 40.0)
    assert made.counts[-1] == 1


def test_a_metric_that_is_the_same_everywhere_is_flat() -> None:
    same, other = histogram([25.0] * 300), histogram([25.0] * 299 + [24.0])
    assert same is not None
    assert other is not None
    assert (same.flat, same.least, same.most) == (True, 25.0, 25.0)
    assert (other.flat, other.least, other.most) == (False, 24.0, 25.0)


def test_values_that_are_not_numbers_are_left_out() -> None:
    made = histogram([1.0, float("nan"), 3.0, float("inf")])
    assert made is not None
    assert made.values == 2
    assert histogram([float("nan")]) is None
