"""speech_share: how much of the clip is speech."""

from curate.score.measured import Measured
from curate.score.window import Window

SPEECH = 0.5  # probability from which a hop of 32 ms is speech


def speech_share(window: Window) -> Measured | None:
    """Share of the clip's sound that the speech detector takes for speech, 0..1. Nothing without sound."""
    speech = window.sound.speech
    return Measured(float((speech >= SPEECH).mean())) if len(speech) else None
