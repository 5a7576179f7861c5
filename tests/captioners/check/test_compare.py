"""Two captioners on the same clips: differences are found where there are some, and not where there are none."""

import numpy as np
import pytest

from captioners.check.compare import Difference, compared
from captioners.check.standing import standing
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


@pytest.mark.parametrize("media", [8, 12])
def test_of_few_media_they_hold_it_nearly_as_often(media: int) -> None:
    held, count = 0, 60
    for seed in range(count):
        first, media_of = told(4 * media, 0.7, 2 * seed, media=media, hard=0.3)
        second, _ = told(4 * media, 0.7, 2 * seed + 1, media=media, hard=0.3)
        difference = one(compared(first, second, media_of, draws=1000, seed=seed), "colour", "accuracy")
        assert difference.low is not None and difference.high is not None
        held += difference.low <= 0 <= difference.high
    assert held >= 54


@pytest.mark.parametrize("media", [1, 3, 7])
def test_fewer_say_nothing(media: int) -> None:
    """However many clips they have, and however far the captioners are apart."""
    first, media_of = told(60, 0.2, 1, media=media)
    second, _ = told(60, 0.9, 2, media=media)
    found = compared(first, second, media_of)
    assert all((each.low, each.high, each.better) == (None, None, None) for each in found)
    (value,) = (each for each in standing(first, media_of) if (each.axis, each.measure) == ("colour", "accuracy"))
    assert (value.low, value.high) == (None, None) and 0.1 < value.value < 0.3


def test_only_media_that_tell_of_an_axis_make_an_interval_of_it() -> None:
    rows, media_of = told(40, 0.5, 1, media=40)
    few = {name: [*axes, Axis("key", 2, 2, at % 2, 2 - at % 2)][: 3 if at < 7 else 2] for at, (name, axes) in
           enumerate(rows.items())}  # fmt: skip
    by_axis = {each.axis: each for each in standing(few, media_of) if each.measure == "accuracy"}
    assert by_axis["key"].low is None and by_axis["colour"].low is not None


def test_where_all_say_the_same_there_is_no_interval() -> None:
    rows, media_of = told(40, 1.0, 1, media=40)
    (value,) = (each for each in standing(rows, media_of) if (each.axis, each.measure) == ("colour", "accuracy"))
    assert (value.value, value.low, value.high) == (1.0, None, None)


def test_the_gap_is_of_the_questions_that_were_put_to_one_who_sees() -> None:
    """It got 8 of 10 right, and the captions 6 of those; of 90 that it was not asked, they got all."""
    rows = {f"c{at}": [Axis("text", 100, 100, 96, 4, 10, 8, 6)] for at in range(8)}
    media_of = {name: name for name in rows}
    found = {each.measure: each.value for each in standing(rows, media_of) if each.axis == "text"}
    assert found["gap"] == pytest.approx(0.2) and found["accuracy"] == pytest.approx(0.96)


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
    rows, media_of = told(8, 0.5, 6)
    assert one(compared(rows, rows, media_of, draws=draws), "all", "coverage").high == 0.0
