import numpy as np

from captioners.silero import SpeechRules, spans, speech, speech_probabilities
from curate.media.silero import HOP
from tests.captioners.synth import hiss, knock, laid, quiet, tone, tune

RULES = SpeechRules()


def test_spans_begin_high_stay_lower_and_bridge_short_pauses() -> None:
    high, middle, low = [0.9] * 10, [0.4] * 10, [0.1] * 10
    short = [0.1] * 9  # 0.288 s
    assert spans(np.array(low + high + middle + low + low, np.float32), RULES) == [(10, 30)]
    assert spans(np.array(middle + low, np.float32), RULES) == []
    assert spans(np.array(high + short + high, np.float32), RULES) == [(0, 29)]
    assert spans(np.array(high + low + high, np.float32), RULES) == [(0, 10), (20, 30)]


def test_the_tail_of_quiet_that_the_network_takes_for_speech_is_cut() -> None:
    samples = laid(2, (0.5, hiss(0.5)))
    probabilities = np.zeros(-(-len(samples) // HOP), np.float32)
    probabilities[14:36] = 0.9  # 0.448 .. 1.152 s
    (found,) = speech(samples, probabilities, RULES)
    assert abs(found.start_s - 0.5) <= 0.02
    assert abs(found.end_s - 1.0) <= 0.02


def test_music_noise_tones_knocks_and_silence_are_no_speech() -> None:
    probabilities = speech_probabilities()
    for samples in (
        tune(100, "A minor", 5),
        hiss(3),
        tone(300, 2),
        laid(3, (1, knock()), (2, knock())),
        quiet(2),
        quiet(0),
    ):
        found = probabilities(samples)
        assert len(found) == -(-len(samples) // HOP)
        assert speech(samples, found, RULES) == []
