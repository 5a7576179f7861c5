"""The beat of music: how fast, and when."""

from dataclasses import dataclass

import librosa
import numpy as np
from numpy.typing import NDArray

from captioners.level import Samples

HOP = 256  # of the onset strength: 16 ms at 16 kHz
FLUX_S = 0.016  # from the moment a sharp sound begins to where its flux has risen half way


@dataclass(frozen=True, slots=True)
class Pulse:
    """A steady beat: `clarity` 0..1 is how alike the onsets are one beat, and whole beats, apart."""

    tempo_bpm: float
    clarity: float
    beats_s: tuple[float, ...]

    @property
    def beat_s(self) -> float:
        return 60 / self.tempo_bpm


def onset_strength(samples: Samples, rate_hz: int) -> NDArray[np.float32]:
    """Spectral flux over mel bands, one value each `HOP` samples."""
    return np.asarray(librosa.onset.onset_strength(y=samples, sr=rate_hz, hop_length=HOP, n_fft=1024), np.float32)


def pulse(samples: Samples, rate_hz: int) -> Pulse | None:
    """The steady beat, between 50 and 200 a minute; None where nothing begins, or too little to compare."""
    onsets = onset_strength(samples, rate_hz)
    step_s = HOP / rate_hz
    alike = likeness(onsets)
    if len(alike) * step_s < 1.3 or not np.any(onsets > 0):
        return None
    period = octave(onsets, alike, likely_period(alike, step_s), step_s)
    period = exact_period(alike, period)
    _, frames = librosa.beat.beat_track(
        onset_envelope=onsets, sr=rate_hz, hop_length=HOP, bpm=60 / (period * step_s), trim=False
    )
    lag = round(period)
    clarity = float(np.clip(np.max(alike[lag - 1 : lag + 2]), 0, 1))
    played = _played(onsets, frames)
    late_s = rise(onsets, played) * step_s + FLUX_S
    return Pulse(60 / (period * step_s), clarity, tuple(max(0.0, float(at) * step_s - late_s) for at in played))


def rise(onsets: NDArray[np.float32], beats: NDArray[np.int64]) -> float:
    """How many frames, usually, the flux at a beat takes from half its height to the top: bows and organs are slow."""
    taken = []
    for beat in beats:
        near = onsets[max(0, beat - 7) : beat + 4].astype(np.float64)
        top = int(np.argmax(near))
        below = np.flatnonzero(near[:top] < near[top] / 2)
        if len(below):
            first = int(below[-1])
            half = first + (near[top] / 2 - near[first]) / (near[first + 1] - near[first])
            taken.append(min(len(near[:beat]), beat, 7) - half)
    return float(np.median(taken)) if taken else 0.0


def _played(onsets: NDArray[np.float32], beats: NDArray[np.int64]) -> NDArray[np.int64]:
    """The beats without those at either end on which nothing begins: a tenth of the usual onset, within a frame."""
    strength = np.max([onsets[np.clip(beats + step, 0, len(onsets) - 1)] for step in (-1, 0, 1)], axis=0)
    begun = np.flatnonzero(strength >= 0.1 * np.median(strength))
    return beats[begun[0] : begun[-1] + 1] if len(begun) else beats[:0]


def going_on(onsets: NDArray[np.float32], step_s: float, beat: Pulse, start_s: float, end_s: float) -> Pulse | None:
    """The beat of a neighbouring passage in `[start_s, end_s)`, if it is kept there: onsets fall on it."""
    if not beat.beats_s:
        return None
    away = sorted(beat.beats_s, key=lambda at: min(abs(at - start_s), abs(at - end_s)))[:8]  # one alone may be wrong
    turns = np.exp(2j * np.pi * np.array(away) / beat.beat_s)
    grid = float(np.angle(turns.sum())) / (2 * np.pi)
    loudest = np.max(np.lib.stride_tricks.sliding_window_view(np.pad(onsets, 2), 5), axis=1)
    phases = np.arange(-10, 10) / 20
    counts = [_counts(start_s, end_s, beat.beat_s, grid + phase) * beat.beat_s for phase in phases]
    frames = [np.clip(np.rint((at_s + FLUX_S) / step_s).astype(int), 0, len(onsets) - 1) for at_s in counts]
    strength = [float(loudest[at].mean()) if len(at) else 0.0 for at in frames]
    best = int(np.argmax(strength))
    if abs(phases[best]) > 0.21 or strength[best] < 1.4 * float(np.mean(strength)):
        return None
    return Pulse(beat.tempo_bpm, beat.clarity, tuple(float(at) for at in counts[best]))


def _counts(start_s: float, end_s: float, beat_s: float, phase: float) -> NDArray[np.float64]:
    """The beats of a grid that lie in `[start_s, end_s)`, in beats from 0 s."""
    return np.arange(np.ceil(start_s / beat_s - phase), end_s / beat_s - phase) + phase


def likeness(onsets: NDArray[np.float32]) -> NDArray[np.float64]:
    """Autocorrelation of the onset strength by lag in frames, -1..1, up to half the length."""
    centred = onsets.astype(np.float64) - onsets.mean()
    size = 1 << (2 * len(centred) - 1).bit_length()
    spectrum = np.fft.rfft(centred, size)
    product = np.fft.irfft(np.abs(spectrum) ** 2, size)[: len(centred) // 2]
    overlap = len(centred) - np.arange(len(product))
    energy = max(float(product[0]) / len(centred), 1e-12) if len(product) else 1.0
    return np.asarray(product / overlap / energy)


def likely_period(alike: NDArray[np.float64], step_s: float) -> float:
    """The period, in frames, from 0.3 to 1.2 s, after which onsets come again and again.

    Where several do, the one nearest to 110 a minute is taken.
    """
    periods = np.arange(0.3, 1.2, step_s / 4) / step_s
    scores = []
    for period in periods:
        counts = np.arange(1, min(4, int((len(alike) - 1) / period)) + 1)
        again = float(np.mean(alike[np.rint(counts * period).astype(int)])) if len(counts) else 0.0
        scores.append(again * np.exp(-0.5 * np.log2(60 / (period * step_s) / 110) ** 2))
    return float(periods[int(np.argmax(scores))])


def octave(onsets: NDArray[np.float32], alike: NDArray[np.float64], period: float, step_s: float) -> float:
    """Halve or double a period, in frames, until each beat has an onset and not every second one is missing."""
    while period / 2 * step_s >= 0.3 and _filled(onsets, alike, period / 2, step_s):
        period /= 2
    while period * 2 * step_s <= 1.2 and not _filled(onsets, alike, period, step_s):
        period *= 2
    return period


def _filled(onsets: NDArray[np.float32], alike: NDArray[np.float64], period: float, step_s: float) -> bool:
    """Whether onsets come again after one period, not only after two, and every second one is not much weaker.

    The quicker the beat, the more alike both must be: broken chords in quavers have weak ones between the beats.
    """
    period = exact_period(alike, 2 * period) / 2
    one, two = (float(np.max(alike[round(lag) - 1 : round(lag) + 2], initial=-1.0)) for lag in (period, 2 * period))
    if one < 0.3 * two:
        return False
    loudest = np.max(np.lib.stride_tricks.sliding_window_view(np.pad(onsets, 2), 5), axis=1)  # within two frames
    pairs = []
    for phase in np.arange(0, 2 * period, 1.0):
        near = loudest[np.minimum(np.rint(np.arange(phase, len(onsets) - 1, period)).astype(int), len(onsets) - 1)]
        pairs.append(tuple(float(np.mean(part)) if len(part) else 0.0 for part in (near[::2], near[1::2])))
    strong, weak = max(pairs, key=sum)
    quick = max(0.0, float(np.log2(60 / (period * step_s) / 120)))
    return min(strong, weak) >= (0.5 + 0.55 * quick) * max(strong, weak)


def exact_period(alike: NDArray[np.float64], period: float) -> float:
    """A period, in frames, refined on the peaks of the autocorrelation within 8 % of 1, 2, 3 ... times it."""
    for count in range(1, min(8, int(len(alike) / period) - 1) + 1):
        reach = max(1, round(0.08 * period))
        middle = round(count * period)
        first = max(1, middle - reach)
        near = alike[first : middle + reach + 1]
        peak = first + int(np.argmax(near))
        if 0 < peak < len(alike) - 1:
            low, top, high = alike[peak - 1 : peak + 2]
            bend = low - 2 * top + high
            shift = 0.5 * (low - high) / bend if bend < 0 else 0.0
            period = (peak + float(np.clip(shift, -0.5, 0.5))) / count
    return period
