"""What is measured of channels, on sound of which it is known."""

import numpy as np
import pytest
import scipy.signal
from numpy.typing import NDArray

from curate.scan.channels import seconds_of
from schemas.strip import PITCHES

Wave = NDArray[np.float32]


def noise(seed: int, seconds: float = 2.0, rate_hz: int = 48_000) -> Wave:
    return np.random.default_rng(seed).normal(0, 0.1, round(seconds * rate_hz)).astype(np.float32)


def test_channels_that_are_copies_inverted_or_strangers_correlate_so() -> None:
    a, b = noise(0), noise(1)
    for other, expected in ((a, 1.0), (-a, -1.0), (b, 0.0), (a + b, 0.707)):
        found = seconds_of(np.stack([a, other]), 48_000)
        assert found.correlation == pytest.approx([expected, expected], abs=0.02)


def test_a_silent_channel_has_no_correlation_and_all_the_balance() -> None:
    a = noise(0)
    found = seconds_of(np.stack([a * 0, a]), 48_000)
    assert np.isnan(found.correlation).all()
    assert found.balance_db == pytest.approx([-120, -120])
    half = seconds_of(np.stack([a, a / 2]), 48_000)
    assert half.balance_db == pytest.approx([6.02, 6.02], abs=0.01)


def test_one_channel_and_silence_have_neither() -> None:
    for wave in (noise(0)[None], np.zeros((2, 96_000), np.float32)):
        found = seconds_of(wave, 48_000)
        assert np.isnan(found.correlation).all()
        assert np.isnan(found.balance_db).all()
        assert len(found.pitch_db) == 2 * PITCHES


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_the_band_of_a_tone_has_its_power(rate_hz: int) -> None:
    tone = (0.5 * np.sin(2 * np.pi * 5500 * np.arange(rate_hz) / rate_hz)).astype(np.float32)
    found = seconds_of(tone[None], rate_hz).pitch_db
    assert int(np.nanargmax(found)) == 5
    assert found[5] == pytest.approx(-9.03, abs=0.1)
    assert np.nanmax(np.delete(found, [4, 5, 6])) < -100


def test_bands_end_where_the_sound_does() -> None:
    low = scipy.signal.sosfilt(scipy.signal.butter(12, 7000, fs=48_000, output="sos"), noise(3)).astype(np.float32)
    found = seconds_of(low[None], 48_000).pitch_db.reshape(2, PITCHES)
    assert found[:, :6].min() > -50
    assert found[:, 12:].max() < -90
    narrow = seconds_of(noise(4, 1.0, 16_000)[None], 16_000).pitch_db
    assert np.isfinite(narrow[:8]).all()
    assert np.isnan(narrow[8:]).all()


def test_a_moment_of_sound_is_measured() -> None:
    found = seconds_of(noise(0, 0.01)[None], 48_000)
    assert np.isfinite(found.pitch_db).all()
