"""What is left after each part of the road, and what a kept minute has cost."""

from dataclasses import replace

import pytest

from curate.report.page import render_report
from curate.report.spending import Cost, Step, costs, steps
from tests.report.rows import runs, small


def test_a_step_is_a_share_of_the_one_before_by_time_where_both_have_one() -> None:
    found = steps([("sources", 10, None), ("media", 8, 100), ("clips", 30, 90), ("kept", 3, 45)])
    assert [one.share for one in found] == [None, 0.8, 0.9, 0.5]
    assert found[1] == Step("media", 8, 100, 0.8)
    stills = steps([("media", 4, 0), ("clips", 4, 0), ("kept", 1, 0)])
    assert [one.share for one in stills] == [None, 1.0, 0.25]
    assert [one.share for one in steps([("sources", 0, None), ("media", 0, 0)])] == [None, None]


def test_costs_are_of_all_runs_and_of_a_kept_minute() -> None:
    scan, caption = replace(runs()[0], cpu_s=90.0, worker_s=100.0), replace(
        runs()[1], cpu_s=30.0, worker_s=200.0, gpu_s=150.0, gpu_idle_s=60.0, tokens_in=4000, tokens_out=500
    )  # fmt: skip
    found = {one.name: one for one in costs([scan, caption], [("media", 10_000_000), ("latents", 0)], 120_000_000)}
    assert found["CPU time"] == Cost("CPU time", 120e6, "us", 60e6)
    assert found["GPUs held"].total == 150e6
    assert found["GPUs without a row"].total == 60e6
    assert (found["tokens in"].a_minute, found["media"].a_minute) == (2000, 5_000_000)
    assert "latents" not in found  # nothing was stored: nothing is said


def test_where_nothing_is_kept_a_minute_has_no_cost() -> None:
    assert {one.a_minute for one in costs(runs(), [], 0)} == {None}


@pytest.mark.parametrize("said", ["what is left after each part of the road", "a kept minute", "CPU time", "81.0 MB"])
def test_the_page_says_it(said: str) -> None:
    assert said in render_report(small())
