import numpy as np
import pytest

from captioners.level import bridged, level_db, loudness_db, runs
from tests.captioners.synth import RATE_HZ, quiet, tone


def test_a_sine_of_amplitude_a_half_is_nine_db_under_full_scale() -> None:
    level = level_db(tone(440, 1, 0.5), RATE_HZ, 0.05, 0.01)
    assert len(level) == 100
    assert np.median(level) == pytest.approx(-9.03, abs=0.05)


def test_digital_silence_has_a_level_but_no_loudness() -> None:
    assert level_db(quiet(0.1), RATE_HZ, 0.02, 0.01).max() == -120
    assert loudness_db(quiet(0.1)) is None
    assert loudness_db(quiet(0)) is None


def test_runs_are_half_open_and_bridged_over_short_gaps() -> None:
    mask = np.array([1, 1, 0, 1, 0, 0, 0, 1], bool)
    assert runs(mask) == [(0, 2), (3, 4), (7, 8)]
    assert bridged(runs(mask), 2) == [(0, 4), (7, 8)]
    assert runs(np.zeros(3, bool)) == []
