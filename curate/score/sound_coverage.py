"""sound_coverage: for how much of the clip there is a sound track."""

from curate.score.measured import Measured
from curate.score.window import Window


def sound_coverage(window: Window) -> Measured | None:
    """Share of the clip's time that its sound track covers, silent or not, 0..1; 1: from its first to its last frame.

    Nothing for a still, and for a media without sound.
    """
    sound, clip = window.sound, window.clip
    if sound.start_us is None or clip.still:
        return None
    covered = min(sound.end_us, clip.end_us) - max(sound.start_us, clip.start_us)
    return Measured(max(0, covered) / (clip.end_us - clip.start_us))
