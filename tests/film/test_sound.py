"""The sound is what the truth says, to the sample."""

from pathlib import Path

import numpy as np
import pytest

from curate.film import FilmSpec, make_film
from curate.film.tones import RATE_HZ, knock, music
from curate.film.track import compose
from schemas.clip import Sound
from schemas.truth import Film
from tests.film.decoding import samples

Small = tuple[Path, Film]


def span(sound: Sound) -> slice:
    return slice(round(sound.start_us * RATE_HZ / 1e6), round(sound.end_us * RATE_HZ / 1e6))


@pytest.mark.parametrize("codec", ["aac", "flac"])
def test_decoded_sound_lies_where_it_was_put(tmp_path: Path, codec: str) -> None:
    spec = FilmSpec(seed=1, seconds=5, width=64, height=64, sound=codec)
    film = make_film(tmp_path / "sound.mp4", spec)
    heard = samples(tmp_path / "sound.mp4")
    meant = compose(spec.seed, film.samples or 0, speech=True).wave
    assert film.samples == 5 * RATE_HZ
    if codec == "flac":
        assert len(heard) == len(meant)
        assert np.abs(heard - meant).max() <= 1 / 65536
    else:
        assert 0 <= len(heard) - len(meant) < 1024
        size = 1 << 19
        lag = np.fft.irfft(np.conj(np.fft.rfft(meant, size)) * np.fft.rfft(heard, size))
        assert int(np.argmax(lag)) == 0


def test_a_tone_has_its_pitch(small: Small) -> None:
    wave = samples(small[0])
    tones = [s for s in small[1].sounds if s.label == "tone"]
    assert tones
    for tone in tones:
        part = wave[span(tone)]
        spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 19))
        assert np.argmax(spectrum) * RATE_HZ / (1 << 19) == pytest.approx(tone.pitch_hz, rel=0.002)


def test_a_knock_begins_within_a_millisecond(small: Small) -> None:
    wave = samples(small[0])
    knocks = [s for s in small[1].sounds if s.label == "knock"]
    assert len(knocks) >= 2
    for blow in knocks:
        start = span(blow).start
        near = np.abs(wave[start - 2400 : start + 2400])
        onset = start - 2400 + int(np.argmax(near > 0.3 * near.max()))
        assert abs(onset - start) <= RATE_HZ // 1000


def test_between_sounds_there_is_silence(small: Small) -> None:
    track = compose(1, small[1].samples or 0, speech=True)
    quiet = [s for s in small[1].sounds if s.kind == "silence"]
    loud = [s for s in small[1].sounds if s.kind in ("event", "music", "speech")]
    assert all(not track.wave[span(s)].any() and s.loudness_db is None for s in quiet)
    assert all(track.wave[span(s)].any() for s in loud)
    assert all(-40 < (s.loudness_db or 0) < -3 for s in loud)
    assert quiet[0].start_us == 0 and quiet[-1].end_us == small[1].end_us


def test_a_short_film_has_every_kind_of_sound_but_speech(small: Small) -> None:
    assert {s.label or s.kind for s in small[1].sounds} == {"knock", "music", "tone", "noise", "silence"}


def test_beats_are_blows_at_the_tempo() -> None:
    passage = music(120.0, 9, minor=True, bars=2, rng=np.random.default_rng(0))
    assert passage.key == "A minor"
    assert passage.beats == tuple(k * RATE_HZ // 2 for k in range(8))
    assert len(passage.wave) == 4 * RATE_HZ
    loudest = np.abs(knock(np.random.default_rng(0)))
    assert loudest[:48].max() > 0.5 * loudest.max()


def test_a_film_may_be_without_sound(tmp_path: Path) -> None:
    film = make_film(tmp_path / "mute.mp4", FilmSpec(seconds=1, width=64, height=64, sound=None))
    assert film.sounds == () and film.sample_rate_hz is None and film.samples is None
