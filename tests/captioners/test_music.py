import fcntl
import threading
from pathlib import Path

import librosa
import numpy as np
import pytest
from librosa import resample

from captioners.harmony import key
from captioners.music import MusicRules, changes, music, warm
from captioners.pulse import pulse
from curate.film import tones
from tests.captioners.synth import RATE_HZ, hiss, knock, laid, quiet, tone, tune

RULES = MusicRules()


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    warm(RATE_HZ)


def test_one_process_at_a_time_fills_the_cache_of_compiled_code() -> None:
    second = threading.Thread(target=warm, args=(RATE_HZ,))
    with Path(librosa.__file__).open("rb") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        second.start()
        second.join(timeout=0.5)
        waits = second.is_alive()
    second.join()
    assert waits


@pytest.mark.parametrize(
    ("tempo_bpm", "name", "seconds", "first_s", "seed"),
    [
        (60.0, "C major", 9, 0.3, 0), (72.0, "E minor", 11, 0.1, 1), (90.0, "F# minor", 14, 0.3, 2),
        (113.0, "A# major", 7, 0.71, 3), (128.0, "D minor", 8, 0.2, 4), (168.0, "G major", 10, 0.5, 5),
    ],
)  # fmt: skip
def test_tempo_beats_and_key_of_a_tune(tempo_bpm: float, name: str, seconds: float, first_s: float, seed: int) -> None:
    (found,) = music(tune(tempo_bpm, name, seconds, first_s, seed), RATE_HZ, RULES)
    assert found.tempo_bpm == pytest.approx(tempo_bpm, rel=0.02)
    assert found.key == name
    assert found.start_s == pytest.approx(first_s, abs=0.05)
    played_s = first_s + np.arange(int((seconds - first_s) * tempo_bpm / 60)) * 60 / tempo_bpm
    nearest = np.abs(np.asarray(found.beats_s)[:, None] - played_s).min(axis=0)
    assert nearest.max() < 0.05
    assert abs(len(found.beats_s) - len(played_s)) <= 1


@pytest.mark.parametrize(("tempo_bpm", "seed"), [(96.0, 0), (120.0, 16), (120.0, 43), (136.0, 32)])
def test_kick_snare_and_off_beat_hats_do_not_halve_or_double_the_tempo(tempo_bpm: float, seed: int) -> None:
    passage = tones.music(tempo_bpm, seed % 12, seed % 2 == 0, 5, np.random.default_rng(seed))
    samples = laid(14, (0.5, resample(passage.wave, orig_sr=tones.RATE_HZ, target_sr=RATE_HZ)))
    (found,) = music(samples, RATE_HZ, RULES)
    assert found.tempo_bpm == pytest.approx(tempo_bpm, rel=0.02)
    assert found.key == passage.key


def test_passages_are_parted_by_a_rest() -> None:
    samples = laid(17, (0.5, tune(96, "C major", 6)), (9, tune(132, "F minor", 7)))
    first, second = music(samples, RATE_HZ, RULES)
    assert (first.key, second.key) == ("C major", "F minor")
    assert (first.tempo_bpm, second.tempo_bpm) == (pytest.approx(96, rel=0.02), pytest.approx(132, rel=0.02))


@pytest.mark.parametrize("name", ["noise", "silence", "nothing", "a tone", "knocks", "stray tones"])
def test_what_is_no_music(name: str) -> None:
    rng = np.random.default_rng(0)
    stray = ((n * 0.55 + 0.2 * rng.random(), tone(300 * 2 ** rng.random(), 0.45)) for n in range(14))
    samples = {
        "noise": hiss(8),
        "silence": quiet(8),
        "nothing": quiet(0),
        "a tone": tone(440, 8),
        "knocks": laid(8, (0, hiss(8, 0.01)), *((n / 2, knock()) for n in range(15))),
        "stray tones": laid(8.5, *stray),
    }[name]
    assert music(samples, RATE_HZ, RULES) == []


def test_nothing_begins_in_silence_so_there_is_no_pulse() -> None:
    assert pulse(quiet(5), RATE_HZ) is None
    assert pulse(quiet(0.5), RATE_HZ) is None


def test_silence_is_like_no_key() -> None:
    assert key(quiet(5), RATE_HZ)[1] < RULES.key


def test_a_tune_ends_where_the_sound_turns_into_another_without_a_rest() -> None:
    parts = hiss(9, 0.05), tune(96, "C major", 9), laid(9, (0, hiss(9, 0.01)), *((n / 2, knock()) for n in range(18)))
    (found,) = music(np.concatenate(parts), RATE_HZ, RULES)
    assert (found.start_s, found.end_s) == (pytest.approx(9, abs=0.2), pytest.approx(18, abs=0.2))
    assert (found.tempo_bpm, found.key) == (pytest.approx(96, rel=0.02), "C major")


def test_two_pieces_that_follow_without_a_rest_keep_their_tempos() -> None:
    band = tones.music(128, 7, False, 6, np.random.default_rng(2))
    samples = np.concatenate([tune(96, "F minor", 10), resample(band.wave, orig_sr=tones.RATE_HZ, target_sr=RATE_HZ)])
    one, other = music(samples, RATE_HZ, RULES)
    assert (one.tempo_bpm, other.tempo_bpm) == (pytest.approx(96, rel=0.02), pytest.approx(128, rel=0.02))
    assert (one.key, other.key) == ("F minor", "G major")
    assert one.end_s == other.start_s == pytest.approx(10, abs=0.2)


@pytest.mark.parametrize("seed", range(4))
def test_within_a_piece_the_sound_does_not_turn(seed: int) -> None:
    band = tones.music(80 + 20 * seed, seed, seed % 2 == 0, 8, np.random.default_rng(seed))
    samples = resample(band.wave, orig_sr=tones.RATE_HZ, target_sr=RATE_HZ)
    assert changes(samples, RATE_HZ).max() < RULES.change
    assert changes(tune(80 + 20 * seed, "A minor", 15, seed=seed), RATE_HZ).max() < RULES.change
