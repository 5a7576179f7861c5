"""Which notes sound, and in which key they are.

The spectrum is explained as a sum of notes with their overtones (non-negative least squares), so that the third and the
fifth in the overtones of one note are not taken for a chord.
"""

from functools import lru_cache
from math import ceil

import librosa
import numpy as np
from numpy.typing import NDArray

from captioners.level import Samples

Notes = NDArray[np.float64]
"""[T, NOTES]: how strongly each note sounds."""

LOWEST, HIGHEST = 28, 96  # MIDI numbers: E of the bass, C three octaves over the middle one
NOTES = HIGHEST - LOWEST
HIGHEST_HZ = 3000.0
OVERTONES, FALL = 8, 0.7  # each overtone is this much weaker than the one below it
KEYS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
# Temperley 1999, from the tonic upwards
_MAJOR = (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400)
_MINOR = (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330)


def notes(spectra: NDArray[np.float32], size: int, rate_hz: int, tuning: float) -> Notes:
    """spectra: [size // 2 + 1, T] magnitudes under a Hann window of `size` samples; tuning in semitones from 440 Hz."""
    shapes = _shapes(size, rate_hz, round(tuning, 2))
    from scipy.optimize import nnls  # noqa: PLC0415  half a second and 50 MB, only where music is heard

    return np.array([nnls(shapes, column)[0] for column in spectra[: len(shapes)].T]).reshape(-1, NOTES)


@lru_cache(maxsize=4)
def _shapes(size: int, rate_hz: int, tuning: float) -> NDArray[np.float64]:
    """[bins, NOTES]: the spectrum of each note, of length 1."""
    bins = np.arange(ceil(HIGHEST_HZ * size / rate_hz))
    pitch_hz = 440 * 2 ** ((np.arange(LOWEST, HIGHEST) - 69 + tuning) / 12)
    shapes = np.zeros((len(bins), NOTES))
    for overtone in range(1, OVERTONES + 1):
        away = np.abs(bins[:, None] - overtone * pitch_hz * size / rate_hz)
        shapes += FALL ** (overtone - 1) * np.where(away < 2, np.cos(np.pi * np.minimum(away, 2) / 4) ** 2, 0)
    return np.asarray(shapes / np.linalg.norm(shapes, axis=0))


def pitch_classes(played: Notes) -> NDArray[np.float64]:
    """[T, 12] from C upwards, whatever the octave."""
    return np.stack([played[:, (tonic - LOWEST) % 12 :: 12].sum(axis=1) for tonic in range(12)], axis=1)


def key(samples: Samples, rate_hz: int) -> tuple[str, float]:
    """The key, and how well the pitch classes correlate with its profile, -1..1."""
    spectra = np.abs(librosa.stft(samples, n_fft=8192, hop_length=rate_hz // 4))
    classes = pitch_classes(notes(spectra, 8192, rate_hz, tuning(samples, rate_hz))).sum(axis=0)
    if not np.any(np.diff(classes)):
        return "C major", 0.0
    candidates = {}
    for mode, profile in (("major", _MAJOR), ("minor", _MINOR)):
        for tonic, name in enumerate(KEYS):
            candidates[f"{name} {mode}"] = float(np.corrcoef(classes, np.roll(profile, tonic))[0, 1])
    best = max(candidates, key=lambda name: candidates[name])
    return best, candidates[best]


def tuning(samples: Samples, rate_hz: int) -> float:
    """How far the pitches lie from A = 440 Hz, in semitones, -0.5..0.5; 0 where there is no pitch."""
    pitches, strengths = librosa.piptrack(y=samples, sr=rate_hz, n_fft=2048)
    heard = pitches > 0
    if not np.any(heard):
        return 0.0
    strong = heard & (strengths >= np.median(strengths[heard]))
    return float(librosa.pitch_tuning(pitches[strong]))
