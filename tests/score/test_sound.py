"""Metrics of sound."""

import numpy as np
import pyloudnorm
import pytest
import scipy.signal
from numpy.typing import NDArray

from curate.score.loudness import integrated_lufs
from tests.score.windows import heard, measure, value
from tests.split.strips import hold, scene, strip

RATE = 48_000


def k_power(wave: NDArray[np.float64]) -> NDArray[np.float32]:
    """wave: [N, channels]. What `scan` keeps: mean square of each 100 ms after the K filter, summed over channels."""
    meter = pyloudnorm.Meter(RATE)
    weighted = wave.copy()
    for stage in meter._filters.values():
        weighted = stage.passband_gain * scipy.signal.lfilter(stage.b, stage.a, weighted, axis=0)
    hops = len(wave) // (RATE // 10)
    power = (weighted[: hops * (RATE // 10)] ** 2).reshape(hops, RATE // 10, -1).mean(1).sum(1)
    return power.astype(np.float32)


def wave(seed: int) -> NDArray[np.float64]:
    """Six seconds of stereo noise and tone, loud, soft and silent in turn."""
    rng = np.random.default_rng(seed)
    at = np.arange(6 * RATE) / RATE
    level = np.repeat(rng.choice([0.0, 0.003, 0.05, 0.4], 12), RATE // 2)
    tone = np.sin(2 * np.pi * rng.uniform(80, 4000) * at)
    return np.stack([level * (tone + rng.normal(0, 0.3, len(at))), level * rng.normal(0, 0.5, len(at))], 1)


@pytest.mark.parametrize("seed", range(5))
def test_loudness_is_that_of_pyloudnorm(seed: int) -> None:
    sound = wave(seed)
    expected = pyloudnorm.Meter(RATE).integrated_loudness(sound)
    assert integrated_lufs(k_power(sound)) == pytest.approx(expected, abs=0.1)


def test_loudness_needs_sound_that_is_heard() -> None:
    assert integrated_lufs(np.full(3, 0.1, np.float32)) is None
    assert integrated_lufs(np.full(30, 1e-9, np.float32)) is None
    assert measure("loudness", heard(k_power=np.full(20, 0.01, np.float32))) is not None


def test_levels_silence_and_clipping() -> None:
    level = np.concatenate([np.full(100, -20, np.float32), np.full(100, -90, np.float32)])
    measured = heard(rms_db=level, clipped=np.repeat(np.float32([0.5, 0]), 100))
    assert value("silence_share", measured) == 0.5
    assert value("level_peak", measured) == -20
    assert value("clipping_share", measured) == 0.25
    assert value("silence_share", measured, start_us=1_000_000) == 1
    assert value("level_peak", measured, start_us=1_000_000) == -90


def test_speech_is_the_share_of_hops_with_speech() -> None:
    assert value("speech_share", heard(speech=np.repeat(np.float32([0.9, 0.1]), [31, 31]))) == 0.5


def test_hops_are_placed_by_where_the_sound_begins() -> None:
    level = np.concatenate([np.full(50, -90, np.float32), np.full(50, -10, np.float32)])
    late = strip(hold(scene(1), 50), sound={"rms_db": level}, audio_start_us=500_000)
    assert value("silence_share", late, end_us=1_000_000) == 1
    assert value("silence_share", late, start_us=1_000_000) == 0
    early = strip(hold(scene(1), 50), sound={"rms_db": level}, audio_start_us=-500_000)
    assert value("silence_share", early) == 0


@pytest.mark.parametrize("name", ["loudness", "level_peak", "silence_share", "clipping_share", "speech_share"])
def test_without_sound_there_is_no_row(name: str) -> None:
    assert measure(name, strip(hold(scene(1), 50))) is None
