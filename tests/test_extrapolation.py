"""Amounts of a whole from a sample of its sources, held against wholes of which everything is known."""

from collections.abc import Callable

import numpy as np
import pytest

from curate.bootstrap import Figures
from curate.extrapolation import GROUPS, Amount, Sample

SOURCES, SAMPLED, TRIALS = 400, 100, 150


def corpus(seed: int, sources: int = SOURCES) -> tuple[Figures, Figures]:
    """Media and bytes of each source: some have none, some a few, of very different lengths."""
    random = np.random.default_rng(seed)
    media = random.binomial(3, 0.4, sources).astype(float)
    return media, media * random.lognormal(3, 0.7, sources)


def chained(media: Figures, size: Figures, whole: int, done: slice = slice(None)) -> Amount:
    """Sources, times media of a source, times bytes of a medium; the last job has done some of the media alone."""
    sample = Sample.of(len(media))
    each = Amount(sample.ratio(media, np.ones_like(media)), len(media)).settled(len(media) / whole, inside=True)
    part, met = np.zeros_like(size), np.zeros_like(media)
    part[done], met[done] = size[done], media[done]
    share = met.sum() / media.sum()
    tell, known = round(len(media) * share), met.sum() / (whole * each.value)
    return each * Amount(sample.ratio(part, met), tell).settled(known, inside=True) * whole


def part_of_the_whole(seed: int) -> tuple[Amount, float]:
    media, size = corpus(seed)
    return chained(media[:SAMPLED], size[:SAMPLED], SOURCES), size.sum()


def half_done(seed: int) -> tuple[Amount, float]:
    media, size = corpus(seed)
    return chained(media[:SAMPLED], size[:SAMPLED], SOURCES, slice(0, SAMPLED // 2)), size.sum()


def another_whole(seed: int) -> tuple[Amount, float]:
    _, known = corpus(seed, SAMPLED)
    _, other = corpus(seed + 10_000, 200)
    sample = Sample.of(SAMPLED)
    found = Amount(200 * sample.ratio(known, np.ones(SAMPLED)), SAMPLED)
    return found.settled(SAMPLED / 200, inside=False), other.sum()


@pytest.mark.parametrize("drawn", [part_of_the_whole, half_done, another_whole])
def test_intervals_hold_the_truth_about_as_often_as_they_say(drawn: Callable[[int], tuple[Amount, float]]) -> None:
    held = 0
    for seed in range(TRIALS):
        amount, truth = drawn(seed)
        low, high = amount.interval() or (np.nan, np.nan)
        assert low <= amount.value <= high
        held += low <= truth <= high
    assert 0.90 <= held / TRIALS <= 0.99


def test_what_is_known_whole_has_no_interval_but_itself() -> None:
    media, size = corpus(1, 50)
    amount = chained(media, size, 50)
    assert amount.value == pytest.approx(size.sum())
    assert amount.interval() == pytest.approx((size.sum(), size.sum()))


def test_few_sources_and_sources_that_are_all_alike_give_no_interval() -> None:
    media, size = corpus(1, 7)
    assert chained(media, size, 100).interval() is None
    assert chained(np.ones(50), np.full(50, 3.0), 100).interval() is None


def test_many_sources_are_drawn_in_groups_and_vary_as_much() -> None:
    _, size = corpus(3, 5 * GROUPS)
    sample = Sample.of(len(size))
    assert sample.weights.shape[1] == GROUPS
    spread = sample.ratio(size, np.ones_like(size))[1:].std()
    assert spread == pytest.approx(size.std() / np.sqrt(len(size)), rel=0.1)


def test_parts_are_added_draw_by_draw() -> None:
    _, size = corpus(5, 100)
    sample = Sample.of(100)
    part, rest = (Amount(sample.ratio(column, np.ones(100)), 100) for column in (size, size.max() - size))
    assert (part + rest).draws.std() == pytest.approx(0, abs=1e-9)  # one is large where the other is small
    assert part.draws.std() > 0.1
