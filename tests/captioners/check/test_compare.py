"""Two captioners on the same clips: differences are found where there are some, and not where there are none."""

import numpy as np
import pytest

from captioners.check.compare import Difference, compared
from schemas.caption import Axis


def told(
    clips: int, share: float, seed: int, media: int = 100, hard: float = 0.0
) -> tuple[dict[str, list[Axis]], dict[str, str]]:
    """Ten questions on colour for each clip, answered right with probability `share`, lower in some media."""
    random = np.random.default_rng(seed)
    rows, media_of = {}, {}
    for index in range(clips):
        name = f"clip-{index:04d}"
        media_of[name] = f"media-{index % media:03d}"
        chance = share - hard * (index % media % 2)
        right = int(random.binomial(10, chance))
        rows[name] = [Axis("colour", 10, 10, right, 10 - right), Axis("camera", 0, 0, 0, 0)]
    return rows, media_of


def one(found: list[Difference], axis: str, measure: str) -> Difference:
    return next(each for each in found if (each.axis, each.measure) == (axis, measure))


def test_a_better_captioner_is_found_with_an_interval_that_holds_the_truth() -> None:
    first, media_of = told(400, 0.7, 1)
    second, _ = told(400, 0.8, 2)
    found = compared(first, second, media_of)
    accuracy = one(found, "colour", "accuracy")
    assert accuracy.low is not None and accuracy.high is not None
    assert accuracy.low < 0.1 < accuracy.high and accuracy.better == "B"
    assert one(found, "all", "contradiction").better == "B"  # less of it
    assert one(found, "all", "coverage").better is None
    assert accuracy.asked == 4000


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = 0
    for seed in range(60):
        first, media_of = told(120, 0.7, 2 * seed, media=40, hard=0.2)
        second, _ = told(120, 0.75, 2 * seed + 1, media=40, hard=0.2)
        difference = one(compared(first, second, media_of, draws=300, seed=seed), "colour", "accuracy")
        assert difference.low is not None and difference.high is not None
        held += difference.low <= 0.05 <= difference.high
    assert held >= 52


def test_a_captioner_is_no_better_than_itself() -> None:
    rows, media_of = told(50, 0.7, 3)
    assert all(each.better is None for each in compared(rows, rows, media_of))
    assert one(compared(rows, rows, media_of), "all", "accuracy").low == 0.0


def test_what_was_not_asked_has_no_figures() -> None:
    rows, media_of = told(10, 0.5, 4)
    camera = one(compared(rows, rows, media_of), "camera", "accuracy")
    assert (camera.first, camera.low, camera.better, camera.asked) == (None, None, None, 0)
    assert one(compared({}, {}, {}), "all", "coverage").first is None


def test_only_clips_that_both_have_retold_count() -> None:
    rows, media_of = told(20, 0.5, 5)
    some = dict(list(rows.items())[:5])
    assert one(compared(some, rows, media_of), "all", "coverage").asked == 50


@pytest.mark.parametrize("draws", [1, 64, 65])
def test_any_number_of_draws_can_be_made(draws: int) -> None:
    rows, media_of = told(6, 0.5, 6)
    assert one(compared(rows, rows, media_of, draws=draws), "all", "coverage").high == 0.0
