"""Spans of speech from the probabilities of Silero's network."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from captioners.heard import Heard
from captioners.level import Samples, level_db
from curate.media.silero import BATCH, HOP, RATE_HZ, SpeechTrack, load

ENGINE = "silero-vad 6"

Probabilities = Callable[[Samples], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class SpeechRules:
    """When a probability begins and ends a span of speech."""

    begin: float = 0.5  # how sure the detector is where speech begins
    stay: float = 0.35  # it goes on for as long as it is not below
    speech_s: float = 0.2  # shorter spans are dropped
    pause_s: float = 0.3  # shorter pauses are part of the speech


def speech_probabilities() -> Probabilities:
    """Load the network; the function gives one probability for every 512 samples at 16 kHz, [ceil(n / 512)]."""
    session = load()

    def probabilities(samples: Samples) -> NDArray[np.float32]:
        track = SpeechTrack(session)
        for first in range(0, len(samples), BATCH * HOP):
            track.add(samples[first : first + BATCH * HOP])
        return track.rows()

    return probabilities


def speech(samples: Samples, probabilities: NDArray[np.float32], rules: SpeechRules) -> list[Heard]:
    """Spans of speech at 16 kHz; the score is their mean probability.

    The network answers some 100 ms late at the end of speech, so both ends are moved in to where the level is within
    30 dB of the loud parts of the span.
    """
    level = level_db(samples, RATE_HZ, 0.02, 0.01)
    found = []
    for first, end in spans(probabilities, rules):
        start_s, end_s = first * HOP / RATE_HZ, min(end * HOP, len(samples)) / RATE_HZ
        start_s, end_s = _trimmed(level, start_s, end_s)
        if end_s - start_s >= rules.speech_s:
            score = float(np.mean(probabilities[first:end]))
            found.append(Heard("speech", start_s, end_s, ENGINE, score=score))
    return found


def spans(probabilities: NDArray[np.float32], rules: SpeechRules) -> list[tuple[int, int]]:
    """Half-open spans of steps: begun at `begin`, held above `stay`, with pauses under `pause_s` bridged."""
    pause = rules.pause_s * RATE_HZ / HOP
    found: list[tuple[int, int]] = []
    start: int | None = None
    last = 0
    for step, probability in enumerate(probabilities):
        if start is None and probability >= rules.begin:
            start = step
        if start is not None and probability >= rules.stay:
            last = step + 1
        if start is not None and step + 1 - last >= pause:
            found.append((start, last))
            start = None
    if start is not None:
        found.append((start, last))
    return found


def _trimmed(level: NDArray[np.float64], start_s: float, end_s: float) -> tuple[float, float]:
    first, end = round(start_s * 100), round(end_s * 100)
    inside = level[first:end]
    if not len(inside):
        return start_s, end_s
    loud = np.flatnonzero(inside >= np.percentile(inside, 90) - 30)
    return max(start_s, (first + int(loud[0])) / 100), min(end_s, (first + int(loud[-1]) + 1) / 100)
