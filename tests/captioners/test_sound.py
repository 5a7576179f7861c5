import numpy as np
import pytest

from captioners.heard import Heard
from captioners.sound import EventRules, events, knocks, silences, tones
from tests.captioners.synth import RATE_HZ, Samples, hiss, knock, laid, quiet, tone, tune

RULES = EventRules()


def heard(samples: Samples, label: str | None = None) -> list[Heard]:
    found = events(samples, RATE_HZ, RULES, [])
    return [one for one in found if one.kind == "event" and label in (None, one.label)]


def test_silence_is_found_to_20_ms_and_only_from_300_ms_on() -> None:
    samples = laid(3, (0.5, tone(440, 1)), (1.7, hiss(0.3)), (2.4, hiss(0.6)))
    found = silences(samples, RATE_HZ, RULES)
    assert [(one.start_s, one.end_s) for one in found] == [
        (0, pytest.approx(0.5, abs=0.02)),
        (pytest.approx(2.0, abs=0.02), pytest.approx(2.4, abs=0.02)),
    ]


def test_sound_under_50_dbfs_is_silence() -> None:
    assert [one.kind for one in events(hiss(1, 0.001), RATE_HZ, RULES, [])] == ["silence"]


@pytest.mark.parametrize(
    ("pitch_hz", "harmonics"), [(97.3, (1.0,)), (440.0, (1.0,)), (220.0, (1, 0.6, 0.4)), (3000.0, (1.0,))]
)
def test_a_tone_has_its_pitch_and_times(pitch_hz: float, harmonics: tuple[float, ...]) -> None:
    (found,) = heard(laid(2, (0.613, tone(pitch_hz, 0.5, 0.2, harmonics))))
    assert found.label == "tone"
    assert found.pitch_hz == pytest.approx(pitch_hz, rel=0.002)
    assert found.start_s == pytest.approx(0.613, abs=0.02)
    assert found.end_s == pytest.approx(1.113, abs=0.02)


def test_tones_that_touch_are_told_apart() -> None:
    first, second = heard(laid(3, (0.5, tone(440, 0.7)), (1.2, tone(660, 0.8))))
    assert (first.pitch_hz, second.pitch_hz) == (pytest.approx(440, rel=0.002), pytest.approx(660, rel=0.002))
    assert first.end_s == pytest.approx(1.2, abs=0.02)
    assert second.start_s == pytest.approx(1.2, abs=0.02)


def test_a_gliding_pitch_is_no_tone() -> None:
    t = np.arange(RATE_HZ) / RATE_HZ
    glide = np.asarray(0.3 * np.sin(2 * np.pi * (300 * t + 300 * t**2)), np.float32)
    assert tones(glide, RATE_HZ, RULES) == []
    assert [one.label for one in heard(laid(2, (0.5, glide)))] == ["sound"]


def test_knocks_are_counted_and_placed_loud_and_soft() -> None:
    at_s = (0.4, 0.75, 1.3, 2.0)
    samples = laid(3, *((at, knock(0.8 / (n + 1), 150 + 60 * n)) for n, at in enumerate(at_s)))
    found = heard(samples)
    assert [one.label for one in found] == ["knock"] * 4
    assert [one.start_s for one in found] == pytest.approx(list(at_s), abs=0.01)


def test_a_knock_over_steady_noise_is_found_and_the_noise_goes_on_under_it() -> None:
    found = heard(laid(3, (0, hiss(3, 0.01)), (1.5, knock(0.6))))
    assert [one.label for one in found] == ["noise", "knock"]
    assert found[0].start_s == 0
    assert found[0].end_s == pytest.approx(3, abs=0.02)
    assert found[1].start_s == pytest.approx(1.5, abs=0.02)


def test_what_is_held_or_swells_is_no_knock() -> None:
    swell = hiss(1) * np.linspace(0, 1, RATE_HZ, dtype=np.float32)
    for samples in (tone(500, 0.1), hiss(0.1), hiss(1), swell):
        assert knocks(laid(2, (0.5, samples)), RATE_HZ, RULES) == []


def test_noise_is_placed_between_tones_that_touch_it() -> None:
    found = heard(laid(4, (0.5, tone(440, 1)), (1.5, hiss(1)), (2.5, tone(880, 1))))
    assert [one.label for one in found] == ["tone", "noise", "tone"]
    assert found[1].start_s == pytest.approx(1.5, abs=0.02)
    assert found[1].end_s == pytest.approx(2.5, abs=0.02)


def test_a_burst_of_noise_is_placed_to_20_ms() -> None:
    (found,) = heard(laid(2, (0.8, hiss(0.25))))
    assert found.label == "noise"
    assert (found.start_s, found.end_s) == (pytest.approx(0.8, abs=0.02), pytest.approx(1.05, abs=0.02))


def test_what_has_no_name_is_a_sound() -> None:
    chord = sum(tone(pitch, 1, 0.1) for pitch in (220.0, 277.2, 329.6))
    (found,) = heard(laid(2, (0.5, np.asarray(chord, np.float32))))
    assert (found.label, found.pitch_hz, found.score) == ("sound", None, None)


def murmur(seconds: float, harmonics: int = 6) -> Samples:
    """Several unsteady pitches at once, as of an orchestra or a crowd: nothing that has a name."""
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    parts = [np.sin(2 * np.pi * 173 * n * t + 3 * np.sin(2 * np.pi * (3 + n) * t)) for n in range(1, harmonics + 1)]
    return np.asarray(0.05 * np.sum(parts, axis=0), np.float32)


def test_a_note_and_a_beat_in_a_sound_without_a_name_are_part_of_it() -> None:
    inside = laid(4, (0, murmur(1.6)), (1.6, tone(440, 0.3)), (1.9, murmur(1.1)), (3.05, knock(0.5)))
    (found,) = heard(inside)
    assert (found.label, found.start_s) == ("sound", 0)
    assert found.end_s > 3
    apart = laid(4, (0, murmur(1.2)), (1.6, tone(440, 0.3)), (2.5, knock(0.5)))
    assert [one.label for one in heard(apart)] == ["sound", "tone", "knock"]


def test_a_short_lull_does_not_divide_a_sound_without_a_name() -> None:
    assert len(heard(laid(4, (0, murmur(1.5)), (1.7, murmur(1.5))))) == 1
    assert len(heard(laid(4, (0, murmur(1.5)), (1.95, murmur(1.5))))) == 2


def test_nothing_is_an_event_inside_what_is_already_known() -> None:
    known = Heard("music", 0, 8, "librosa")
    assert [one for one in events(tune(100, "A minor", 8), RATE_HZ, RULES, [known]) if one.kind == "event"] == []


@pytest.mark.parametrize("seconds", [0.0, 0.0001, 0.01, 0.09])
def test_very_short_sound_is_no_event_and_no_error(seconds: float) -> None:
    assert events(quiet(seconds), RATE_HZ, RULES, []) == []
    assert heard(hiss(seconds)) == []
