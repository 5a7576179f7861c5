"""Sounds by arithmetic: float32 waves at 48 kHz, mono, -1..1; the first and the last sample belong to the sound."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000
Wave = NDArray[np.float32]

NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def _time_s(seconds: float) -> NDArray[np.float64]:
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def _edged(wave: NDArray[np.float64], edge_s: float) -> NDArray[np.float64]:
    """Raise and lower the ends, so that they do not click."""
    edge = min(round(edge_s * RATE_HZ), len(wave) // 2)
    ramp = (np.arange(edge) + 1) / (edge + 1)
    wave[:edge] *= ramp
    wave[len(wave) - edge :] *= ramp[::-1]
    return wave


def tone(pitch_hz: float, seconds: float, peak: float = 0.3) -> Wave:
    """A sine."""
    return _edged(peak * np.sin(2 * math.pi * pitch_hz * _time_s(seconds)), 0.005).astype(np.float32)


def noise(seconds: float, rng: np.random.Generator, peak: float = 0.3) -> Wave:
    """White noise, even in time."""
    return _edged(peak * rng.uniform(-1, 1, round(seconds * RATE_HZ)), 0.002).astype(np.float32)


def knock(rng: np.random.Generator, peak: float = 0.7) -> Wave:
    """A blow on wood, 120 ms: full force from the first sample on."""
    time_s = _time_s(0.12)
    body = np.cos(2 * math.pi * rng.uniform(170, 260) * time_s) * np.exp(-time_s * 45)
    click = rng.uniform(-1, 1, len(time_s)) * np.exp(-time_s * 400)
    wave = peak * (0.75 * body + 0.25 * click)
    tail = round(0.02 * RATE_HZ)
    wave[-tail:] *= np.linspace(1, 0, tail)
    return np.asarray(wave, np.float32)


@dataclass(frozen=True, slots=True)
class Music:
    """A passage: `beats` are samples from its start."""

    wave: Wave
    tempo_bpm: float
    key: str
    beats: tuple[int, ...]


def music(tempo_bpm: float, tonic: int, minor: bool, bars: int, rng: np.random.Generator) -> Music:
    """Chords (tonic, subdominant, dominant, tonic), bass, a tune and drums in four-four time; tonic 0 is C."""
    beats = tuple(round(k * 60 / tempo_bpm * RATE_HZ) for k in range(bars * 4 + 1))
    wave = np.zeros(beats[-1])
    scale = (0, 2, 3, 5, 7, 8, 10) if minor else (0, 2, 4, 5, 7, 9, 11)
    roots = (0, 3, 4, 0)
    for bar in range(bars):
        root = roots[bar % 4] if bar < bars - 1 else 0
        start, end = beats[bar * 4], beats[bar * 4 + 4]
        for step in (root, root + 2, root + 4):
            _add(wave, start, _pluck(_midi_hz(48 + tonic + _degree(scale, step)), (end - start) / RATE_HZ, 1.2, 0.07))
        for beat in range(4):
            at = beats[bar * 4 + beat]
            half = (beats[bar * 4 + beat + 1] + at) // 2
            _add(wave, at, _pluck(_midi_hz(36 + tonic + _degree(scale, root)), 0.45, 5, 0.14))
            _add(wave, at, _kick() if beat % 2 == 0 else _snare(rng))
            _add(wave, at, _hat(rng, 0.09))
            _add(wave, half, _hat(rng, 0.05))
            step = int(rng.choice([root, root + 2, root + 4]))
            _add(wave, at, _pluck(_midi_hz(60 + tonic + _degree(scale, step)), 0.4, 5, 0.1))
    wave *= 0.5 / np.abs(wave).max()
    return Music(
        _edged(wave, 0.005).astype(np.float32), tempo_bpm, f"{NOTES[tonic]} {'minor' if minor else 'major'}", beats[:-1]
    )


def _degree(scale: tuple[int, ...], step: int) -> int:
    return scale[step % 7] + 12 * (step // 7)


def _midi_hz(note: int) -> float:
    return 440 * 2 ** ((note - 69) / 12)


def _add(wave: NDArray[np.float64], at: int, part: NDArray[np.float64]) -> None:
    end = min(at + len(part), len(wave))
    wave[at:end] += part[: end - at]


def _pluck(pitch_hz: float, seconds: float, decay: float, peak: float) -> NDArray[np.float64]:
    time_s = _time_s(seconds)
    overtones = sum(np.sin(2 * math.pi * pitch_hz * k * time_s) / k**1.6 for k in (1, 2, 3, 4))
    return _edged(peak * np.asarray(overtones) * np.exp(-time_s * decay), 0.004)


def _kick() -> NDArray[np.float64]:
    time_s = _time_s(0.16)
    return np.asarray(
        0.5 * np.sin(2 * math.pi * (48 * time_s + 3.2 * (1 - np.exp(-time_s * 30)))) * np.exp(-time_s * 22)
    )


def _snare(rng: np.random.Generator) -> NDArray[np.float64]:
    time_s = _time_s(0.14)
    hiss = rng.uniform(-1, 1, len(time_s)) * np.exp(-time_s * 30)
    return np.asarray(0.3 * hiss + 0.2 * np.sin(2 * math.pi * 190 * time_s) * np.exp(-time_s * 35))


def _hat(rng: np.random.Generator, peak: float) -> NDArray[np.float64]:
    time_s = _time_s(0.05)
    hiss = np.diff(rng.uniform(-1, 1, len(time_s) + 1))
    return np.asarray(peak * hiss * np.exp(-time_s * 90))
