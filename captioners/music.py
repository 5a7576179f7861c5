"""Music by librosa: whether there is any, its tempo, its beats and its key.

Said to be music is what has a steady pulse and is mostly made of held pitches. Music without a pulse is not found, and
neither are drums alone; speech and noise have no pulse, clicks and knocks no pitch. A beat in the first 30 ms of the
sound is not found: nothing is heard to begin there.
"""

import fcntl
from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import librosa
import numpy as np
from numpy.typing import NDArray

from captioners.heard import Heard
from captioners.level import Samples, bridged, level_db, runs

HOP = 256  # of the onset strength: 16 ms at 16 kHz
TURN = 20  # tenths of a second on either side of a change of the sound
KEYS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
# Krumhansl and Kessler 1982, from the tonic upwards
_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


@dataclass(frozen=True, slots=True)
class MusicRules:
    """From where on sound counts as music."""

    music_s: float = 4.0
    pulse: float = 0.4  # autocorrelation of the onset strength at the beat, 0..1
    held: float = 0.5  # share of the power that the harmonic part of a median-filtered spectrogram holds
    key: float = 0.6  # correlation of the pitch classes with the profile of some key
    rest_s: float = 0.3  # a longer pause ends the passage
    change: float = 0.8  # of the level in the mean mel band, in standard deviations; a greater one ends the passage


@dataclass(frozen=True, slots=True)
class Pulse:
    """A steady beat: `clarity` 0..1 is how alike the onsets are one beat, and whole beats, apart."""

    tempo_bpm: float
    clarity: float
    beats_s: tuple[float, ...]


def engine() -> str:
    """The name and version that stand in the rows."""
    return "librosa " + ".".join(version("librosa").split(".")[:2])


def warm(rate_hz: int) -> None:
    """Compile what librosa compiles on first use (half a minute, once a machine), so that no row has to wait for it.

    One process at a time: two that fill numba's cache at once leave code in it that crashes every process after them.
    """
    clicks = np.zeros(rate_hz * 5, np.float32)
    clicks[:: rate_hz // 2] = 1.0
    with Path(librosa.__file__).open("rb") as only_one:
        fcntl.flock(only_one, fcntl.LOCK_EX)
        pulse(clicks, rate_hz)
        held_share(clicks)
        key(clicks + np.sin(np.arange(len(clicks), dtype=np.float32) / 5), rate_hz)


def music(samples: Samples, rate_hz: int, rules: MusicRules) -> list[Heard]:
    """Passages of music; the score is the clarity of the pulse."""
    found = []
    for first, end in passages(samples, rate_hz, rules):
        part = samples[first:end]
        begin = max(
            0, first - rate_hz // 2
        )  # what begins the passage is an onset only to one who heard it was not there
        beat = pulse(samples[begin : end + rate_hz // 2], rate_hz)
        if beat is None or beat.clarity < rules.pulse or held_share(part) < rules.held:
            continue
        tonic, likeness = key(part, rate_hz)
        if likeness < rules.key:
            continue
        start_s, end_s = first / rate_hz, end / rate_hz
        beats_s = tuple(at for at in (begin / rate_hz + at for at in beat.beats_s) if start_s - 0.03 <= at < end_s)
        found.append(
            Heard(
                "music", start_s, end_s, engine(), score=beat.clarity, tempo_bpm=beat.tempo_bpm, key=tonic,
                beats_s=tuple(max(at, start_s) for at in beats_s),
            )
        )  # fmt: skip
    return found


def passages(samples: Samples, rate_hz: int, rules: MusicRules) -> list[tuple[int, int]]:
    """Spans of samples, long enough for music, without a rest longer than `rest_s` (under -50 dBFS) and of one kind."""
    hop = rate_hz // 100
    loud = runs(level_db(samples, rate_hz, 0.02, 0.01) >= -50)
    least = rules.music_s * rate_hz
    found = []
    for first, end in bridged(loud, round(rules.rest_s * 100)):
        start, stop = first * hop, min(end * hop, len(samples))
        if stop - start >= least:
            bounds = [start, *(start + at for at in _turns(samples[start:stop], rate_hz, rules.change)), stop]
            found += [(one, other) for one, other in pairwise(bounds) if other - one >= least]
    return found


def _turns(samples: Samples, rate_hz: int, least: float) -> list[int]:
    """Samples at which the sound turns into another: a new scene, a voice, applause, another piece."""
    change = changes(samples, rate_hz)
    highest = np.lib.stride_tricks.sliding_window_view(np.pad(change, TURN), 2 * TURN + 1).max(axis=1)
    return [int(at) * (rate_hz // 10) for at in np.flatnonzero((change >= least) & (change == highest))]


def changes(samples: Samples, rate_hz: int) -> NDArray[np.float64]:
    """How unlike the 2 s before and the 2 s after each tenth of a second are; 0 within 2 s of the ends.

    The difference of the mean levels in dB over their standard deviation, 2 dB at least, in the mean of 24 mel bands:
    under 0.6 within a tune, over 1 where a voice, noise or a tune of other instruments sets in.
    """
    power = librosa.feature.melspectrogram(
        y=samples, sr=rate_hz, n_fft=2048, hop_length=rate_hz // 10, n_mels=24, fmax=rate_hz / 2
    )
    if power.shape[1] <= 2 * TURN:
        return np.zeros(power.shape[1])
    parts = np.lib.stride_tricks.sliding_window_view(10 * np.log10(np.maximum(power, 1e-5)), TURN, axis=1)
    mean, variance = parts.mean(axis=2, dtype=np.float64), parts.var(axis=2, dtype=np.float64)
    spread = np.sqrt((variance[:, :-TURN] + variance[:, TURN:]) / 2 + 4)
    unlike = np.abs(mean[:, TURN:] - mean[:, :-TURN]) / spread
    return np.pad(unlike.mean(axis=0), (TURN, TURN - 1))


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
    beats_s = tuple(max(0.0, float(frame - 1) * step_s) for frame in _played(onsets, frames))  # flux peaks a frame late
    return Pulse(60 / (period * step_s), clarity, beats_s)


def _played(onsets: NDArray[np.float32], beats: NDArray[np.int64]) -> NDArray[np.int64]:
    """The beats without those at either end on which nothing begins: a tenth of the usual onset, within a frame."""
    strength = np.max([onsets[np.clip(beats + step, 0, len(onsets) - 1)] for step in (-1, 0, 1)], axis=0)
    begun = np.flatnonzero(strength >= 0.1 * np.median(strength))
    return beats[begun[0] : begun[-1] + 1] if len(begun) else beats[:0]


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
    while period / 2 * step_s >= 0.3 and _filled(onsets, alike, period / 2):
        period /= 2
    while period * 2 * step_s <= 1.2 and not _filled(onsets, alike, period):
        period *= 2
    return period


def _filled(onsets: NDArray[np.float32], alike: NDArray[np.float64], period: float) -> bool:
    """Whether onsets come again after one period, not only after two, and no second one is less than half as strong."""
    period = exact_period(alike, 2 * period) / 2
    one, two = (float(np.max(alike[round(lag) - 1 : round(lag) + 2], initial=-1.0)) for lag in (period, 2 * period))
    if one < 0.3 * two:
        return False
    loudest = np.max(np.lib.stride_tricks.sliding_window_view(np.pad(onsets, 2), 5), axis=1)  # within two frames
    pairs = []
    for phase in np.arange(0, 2 * period, 1.0):
        near = loudest[np.minimum(np.rint(np.arange(phase, len(onsets) - 1, period)).astype(int), len(onsets) - 1)]
        pairs.append(tuple(float(np.median(part)) if len(part) else 0.0 for part in (near[::2], near[1::2])))
    strong, weak = max(pairs, key=sum)
    return min(strong, weak) >= 0.5 * max(strong, weak)


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


def held_share(samples: Samples) -> float:
    """The share of the power, 0..1, in the harmonic part: what lasts in time and is narrow in pitch."""
    spectrogram = np.abs(librosa.stft(samples, n_fft=2048, hop_length=512))
    harmonic, _ = librosa.decompose.hpss(spectrogram)
    total = float(np.sum(spectrogram**2))
    return float(np.sum(harmonic**2)) / total if total > 0 else 0.0


def key(samples: Samples, rate_hz: int) -> tuple[str, float]:
    """The key, and how well the pitch classes correlate with its profile, -1..1."""
    chroma = librosa.feature.chroma_cqt(y=samples, sr=rate_hz, hop_length=512, tuning=tuning(samples, rate_hz))
    classes = np.mean(chroma, axis=1)
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
