"""How many beats make a bar, and which of them begin one."""

import librosa
import numpy as np
from numpy.typing import NDArray

from captioners.harmony import notes, pitch_classes, tuning
from captioners.level import Samples
from captioners.pulse import HOP, Pulse, onset_strength

METRES = (3, 4)
LEAST_BARS = 4
SIZE = 4096
LOW_BINS = 13  # of 1024 at 16 kHz: below 200 Hz, where bass and kick begin

Values = NDArray[np.float64]


def metre(samples: Samples, rate_hz: int, beat: Pulse, clear: float) -> tuple[int, tuple[float, ...]] | None:
    """Beats in a bar (3 or 4), and the first beat of each bar in seconds; None where none stands out by `clear`.

    Told by where harmony changes and where the accents are. Two in a bar, five, seven and six eighths are not known.
    """
    at_s = np.asarray(beat.beats_s)
    if len(at_s) < LEAST_BARS * max(METRES):
        return None
    marks = marked(samples, rate_hz, at_s, beat.beat_s)
    bars = [(length, first) for length in (2, *METRES) for first in range(length)]
    stands = {bar: standing(marks, *bar) for bar in bars}
    (length, first), best = max(stands.items(), key=lambda item: item[1])
    second = max(value for bar, value in stands.items() if bar != (length, first))
    if length not in METRES or best < clear or best - second < clear / 3:
        return None
    return length, tuple(float(at) for at in at_s[first::length])


def standing(marks: Values, length: int, first: int) -> float:
    """By how many standard deviations every `length`th beat from `first` on is marked more than the others."""
    begins = np.arange(len(marks)) % length == first
    return float(marks[begins].mean() - marks[~begins].mean())


def marked(samples: Samples, rate_hz: int, beats_s: Values, beat_s: float) -> Values:
    """[beats]: how much each is marked: by another harmony (half of it), by an accent, by an accent of the bass."""
    onsets = onset_strength(samples, rate_hz)
    spectra = np.abs(librosa.stft(samples, n_fft=1024, hop_length=HOP))[:LOW_BINS]
    bass = librosa.onset.onset_strength(S=librosa.amplitude_to_db(spectra, ref=np.max), sr=rate_hz, hop_length=HOP)
    frames = np.rint(beats_s * rate_hz / HOP).astype(int) + 1
    accents = [_highest(strength, frames) for strength in (onsets, bass)]
    return (2 * _plain(harmony_changes(samples, rate_hz, beats_s, beat_s)) + sum(map(_plain, accents))) / 4


def harmony_changes(samples: Samples, rate_hz: int, beats_s: Values, beat_s: float) -> Values:
    """[beats] 0..1: how unlike the pitch classes of each beat and of the one before are; NaN for the first."""
    spectra = np.abs(librosa.stft(samples, n_fft=SIZE, hop_length=512))
    centres_s = np.arange(spectra.shape[1]) * 512 / rate_hz
    means = np.zeros((len(spectra), len(beats_s)), np.float32)
    for index, at_s in enumerate(beats_s):  # the sound before the beat still lies in a window near it
        inside = (centres_s >= at_s + 0.08) & (centres_s < at_s + beat_s)
        if np.any(inside):
            means[:, index] = spectra[:, inside].mean(axis=1)
    classes = pitch_classes(np.sqrt(notes(means, SIZE, rate_hz, tuning(samples, rate_hz))))
    directions = classes / np.maximum(np.linalg.norm(classes, axis=1, keepdims=True), 1e-9)
    return np.concatenate(([np.nan], 1 - (directions[1:] * directions[:-1]).sum(axis=1)))


def _highest(strength: NDArray[np.float32], frames: NDArray[np.int64]) -> Values:
    near = [strength[np.clip(frames + step, 0, len(strength) - 1)] for step in range(-2, 4)]
    return np.asarray(np.max(near, axis=0), np.float64)


def _plain(values: Values) -> Values:
    """As standard deviations from the mean; what is not known is the mean."""
    known = np.where(np.isnan(values), np.nanmean(values), values)
    return np.asarray((known - known.mean()) / max(float(known.std()), 1e-9))
