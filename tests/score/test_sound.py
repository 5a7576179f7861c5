"""Metrics of sound."""

from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import scipy.signal
from numpy.typing import NDArray

from curate.score.loudness import integrated_lufs
from curate.score.loudness_range import range_lu
from schemas.strip import PITCHES
from tests.score.windows import heard, measure, value
from tests.split.films import scanned
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


@pytest.mark.parametrize("seed", range(5))
def test_the_range_of_loudness_is_that_of_pyloudnorm(seed: int) -> None:
    sound = np.tile(wave(seed), (5, 1)) * np.repeat([1.0, 0.1, 0.5, 0.02, 0.3], 6 * RATE)[:, None]
    expected = pyloudnorm.Meter(RATE).loudness_range(sound)
    assert range_lu(k_power(sound)) == pytest.approx(expected, abs=0.7)


def test_even_sound_has_no_range_and_short_or_silent_sound_has_none_to_tell() -> None:
    assert range_lu(np.full(60, 0.01, np.float32)) == pytest.approx(0, abs=1e-6)
    assert range_lu(np.full(29, 0.01, np.float32)) is None
    assert range_lu(np.full(60, 1e-9, np.float32)) is None


def pitches(*bands: tuple[int, float]) -> NDArray[np.float32]:
    """Two seconds; each band up to which, and its level."""
    level = np.full(PITCHES, -120, np.float32)
    for end, db in reversed(bands):
        level[:end] = db
    return np.tile(level, 2)


def test_bandwidth_is_where_sound_ends() -> None:
    assert value("audio_bandwidth", heard(pitch_db=pitches((8, -40), (16, -80)))) == 16_000
    assert value("audio_bandwidth", heard(pitch_db=pitches((8, -40), (16, -104)))) == 8000
    limited = pitches((24, -40))
    limited.reshape(2, -1)[:, 11:] = np.nan
    assert value("audio_bandwidth", heard(pitch_db=limited)) == 11_000
    assert measure("audio_bandwidth", heard(pitch_db=pitches())) is None


@pytest.mark.parametrize(
    ("correlation", "balance_db", "width", "kind"),
    [
        (1.0, 0.0, 0.0, "copies"),
        (0.5, 0.0, 0.25, "stereo"),
        (0.0, 0.0, 0.5, "stereo"),
        (-1.0, 0.0, 1.0, "inverted"),
        (np.nan, 120.0, 0.5, "one silent"),
        (np.nan, -120.0, 0.5, "one silent"),
    ],
)
def test_channels_are_told_apart(correlation: float, balance_db: float, width: float, kind: str) -> None:
    hops = {"stereo_correlation": np.float32([correlation] * 2), "stereo_balance_db": np.float32([balance_db] * 2)}
    found = measure("stereo_width", heard(**hops))
    assert found is not None
    assert found.value == pytest.approx(width, abs=1e-3)
    assert found.detail == {"kind": kind, "balance_db": balance_db}


def test_one_channel_has_no_width() -> None:
    nothing = np.full(2, np.nan, np.float32)
    assert measure("stereo_width", heard(stereo_correlation=nothing, stereo_balance_db=nothing)) is None


def test_offset_and_coverage_are_by_where_the_sound_lies() -> None:
    late = strip(hold(scene(1), 50), sound={"rms_db": np.full(100, -20, np.float32)}, audio_start_us=500_000)
    assert value("audio_offset", late) == 0.5
    assert value("sound_coverage", late) == pytest.approx(0.5)
    assert value("sound_coverage", late, end_us=1_000_000) == pytest.approx(0.5)
    assert value("sound_coverage", late, start_us=1_600_000) == 0


@pytest.mark.golden
def test_the_sound_of_real_clips_is_what_is_known_of_it(media: Path) -> None:
    """AAC at 48 kHz that was recorded at 12 kHz; a recording at 16 kHz; a talk in mono in two channels."""
    names = {"bbb_480p_30s.mp4": 6000, "bbb_240p_5s.mp4": 16_000, "nasa_13013_180p.mp4": 8000}
    for name, bandwidth in names.items():
        found = scanned(media / "good" / name).strip
        assert value("audio_bandwidth", found) == bandwidth
        assert value("sound_coverage", found) == pytest.approx(1, abs=0.02)
    late = scanned(media / "nasty" / "edit_list_positive_shift.mp4").strip
    assert value("audio_offset", late) == -1
    assert measure("audio_bandwidth", scanned(media / "nasty" / "silent_black_10s.mp4").strip) is None


SOUND = (
    "loudness", "level_peak", "silence_share", "clipping_share", "speech_share", "loudness_range", "audio_bandwidth",
    "stereo_width", "audio_offset", "sound_coverage",
)  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_without_sound_there_is_no_row(name: str) -> None:
    assert measure(name, strip(hold(scene(1), 50))) is None
