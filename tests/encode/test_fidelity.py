import numpy as np
import pytest

from curate.encode.fidelity import picture_psnr_db, picture_ssim


def picture() -> np.ndarray:
    y, x = np.mgrid[:64, :96]
    waves = 128 + 60 * np.sin(x / 5) + 50 * np.cos(y / 7)
    return waves.astype(np.uint8)[None, ..., None].repeat(3, -1)


def noisy(deviation: float) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, deviation, (1, 64, 96, 3))
    return np.clip(picture() + noise, 0, 255).astype(np.uint8)


def test_what_is_identical_is_one() -> None:
    assert picture_ssim(picture(), picture()) == pytest.approx(1, abs=1e-6)


def test_more_noise_is_less_alike_and_an_inverted_picture_is_below_zero() -> None:
    found = [picture_ssim(picture(), noisy(deviation)) for deviation in (2, 10, 40)]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.95
    assert found[-1] < 0.6
    assert picture_ssim(picture(), 255 - picture()) < 0


def test_a_brighter_picture_keeps_its_structure() -> None:
    brighter = (picture() * 0.9 + 10).astype(np.uint8)
    assert picture_ssim(picture(), brighter) > 0.97
    assert picture_psnr_db(picture(), brighter) < 35
