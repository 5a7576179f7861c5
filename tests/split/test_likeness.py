"""The arithmetic on small pictures, against the plain way to write it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from curate.split.likeness import changed_shares, contrasts, correlations, moved_difference
from curate.split.steps import ramp_ends

Pictures = NDArray[np.uint8]
COUNT = 70  # more than are taken at a time


@pytest.fixture(scope="module")
def pair() -> tuple[Pictures, Pictures]:
    """Noise, and the same moved by one or two pixels with more noise."""
    rng = np.random.default_rng(0)
    a = rng.integers(0, 200, (COUNT, 18, 32), dtype=np.uint8)
    moves = rng.integers(-2, 3, (COUNT, 2))
    moved = np.stack([np.roll(one, move, (0, 1)) for one, move in zip(a, moves, strict=True)])
    return a, moved + rng.integers(0, 56, a.shape, dtype=np.uint8)


def test_the_moved_difference_is_the_least_over_shifts_of_two_pixels(pair: tuple[Pictures, Pictures]) -> None:
    a, b = (one.astype(np.float64) for one in pair)
    shifts = [(y, x) for y in (0, 2, 4) for x in (0, 2, 4)]
    inner = a[:, 2:16:2, 2:30]
    plain = [np.abs(inner - b[:, y : y + 14 : 2, x : x + 28]).mean((1, 2)) for y, x in shifts]
    assert np.allclose(moved_difference(*pair), np.min(plain, axis=0), rtol=1e-5)


def test_the_correlation_is_the_greatest_over_shifts_of_one_pixel(pair: tuple[Pictures, Pictures]) -> None:
    for a, b, found in zip(*pair, correlations(*pair).tolist(), strict=True):
        windows = [b[y : y + 16, x : x + 30].ravel() for y in range(3) for x in range(3)]
        plain = max(float(np.corrcoef(a[1:-1, 1:-1].ravel(), window)[0, 1]) for window in windows)
        assert found == pytest.approx(max(plain, 0.0), abs=1e-5)


def test_a_flat_picture_is_like_nothing(pair: tuple[Pictures, Pictures]) -> None:
    flat = np.full((COUNT, 18, 32), 77, np.uint8)
    assert not correlations(pair[0], flat).any()
    assert not correlations(flat, flat).any()


def test_contrasts_and_changed_shares_are_those_of_numpy(pair: tuple[Pictures, Pictures]) -> None:
    a, b = pair
    assert np.allclose(contrasts(a, b) ** 2, (a.var((1, 2)) + b.var((1, 2))) / 2)
    step = np.linspace(4, 60, COUNT)
    picture = np.maximum(a, b) > 10
    changed = np.abs(a.astype(np.int64) - b) > step[:, None, None]
    assert np.array_equal(changed_shares(a, b, step), (picture & changed).sum((1, 2)) / picture.sum((1, 2)))


@pytest.mark.parametrize("seed", range(5))
def test_the_ramp_is_the_line_that_fits_best(seed: int) -> None:
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.integers(20_000, 60_000, 40)) + 3_600_000_000
    line = np.clip((np.arange(40) - 8) / 20, 0, 1)
    shares = line + rng.normal(0, 0.04, 40)
    errors = {
        (start, end): ((np.clip((times - times[start]) / (times[end] - times[start]), 0, 1) - shares) ** 2).sum()
        for start in np.flatnonzero(shares < 0.2).tolist()
        for end in np.flatnonzero(shares > 0.8).tolist()
        if end > start + 1
    }
    assert ramp_ends(times, shares) == min(errors, key=lambda key: errors[key])
