"""Sounds whose times are known because they are made here: one channel at 16 kHz, -1..1."""

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16000

Samples = NDArray[np.float32]


def quiet(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def tone(pitch_hz: float, seconds: float, level: float = 0.3, harmonics: tuple[float, ...] = (1.0,)) -> Samples:
    """A held tone with 5 ms ramps."""
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    wave = sum(part * np.sin(2 * np.pi * pitch_hz * (n + 1) * t) for n, part in enumerate(harmonics))
    ramp = np.minimum(1, np.minimum(t, seconds - t) / 0.005)
    return np.asarray(level * wave * ramp, np.float32)


def hiss(seconds: float, level: float = 0.1, seed: int = 1) -> Samples:
    """White noise; `level` is its RMS."""
    return np.asarray(level * np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ)), np.float32)


def knock(level: float = 0.8, pitch_hz: float = 180.0, decay_s: float = 0.03, seed: int = 2) -> Samples:
    """A struck thing, 0.25 s: a short click and a damped body."""
    t = np.arange(round(0.25 * RATE_HZ)) / RATE_HZ
    click = np.random.default_rng(seed).standard_normal(len(t)) * np.exp(-t / 0.004)
    return np.asarray(level * (0.6 * np.sin(2 * np.pi * pitch_hz * t) * np.exp(-t / decay_s) + 0.2 * click), np.float32)


def laid(total_s: float, *parts: tuple[float, Samples]) -> Samples:
    """Each part mixed in at its second."""
    out = quiet(total_s)
    for at_s, part in parts:
        first = round(at_s * RATE_HZ)
        out[first : first + len(part)] += part[: len(out) - first]
    return out


_PITCH_CLASSES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def tune(tempo_bpm: float, key: str, seconds: float, first_beat_s: float = 0.0, seed: int = 3) -> Samples:
    """Chords I-IV-V-I (i-iv-V-i) of `key`, a melody on its scale and a soft drum on each beat."""
    root, mode = key.split()
    tonic = 48 + _PITCH_CLASSES.index(root)
    scale = (0, 2, 4, 5, 7, 9, 11) if mode == "major" else (0, 2, 3, 5, 7, 8, 10)
    third = 4 if mode == "major" else 3
    chords = ((0, third, 7), (5, 5 + third, 12), (7, 11, 14), (0, third, 7))
    step_s = 60 / tempo_bpm
    rng = np.random.default_rng(seed)
    parts: list[tuple[float, Samples]] = []
    for beat in range(int((seconds - first_beat_s) / step_s)):
        at_s = first_beat_s + beat * step_s
        chord = chords[beat // 4 % 4]
        notes = [*(tonic + step for step in chord), tonic + 12 + scale[int(rng.choice([0, 2, 4, 0, 4, 1, 3]))]]
        parts += [(at_s, _note(note, step_s * 0.95)) for note in notes]
        parts.append((at_s, knock(0.25, 70.0, 0.05)))
    return laid(seconds, *parts)


def _note(midi: float, seconds: float) -> Samples:
    pitch_hz = 440 * 2 ** ((midi - 69) / 12)
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return tone(pitch_hz, seconds, 0.08, (1.0, 0.5, 0.25)) * np.exp(-t / 0.6).astype(np.float32)
