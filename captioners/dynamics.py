"""How loud music is in the course of a passage: where it swells and dies away, and where another part begins."""

from collections.abc import Iterator
from itertools import pairwise

import librosa
import numpy as np
from numpy.typing import NDArray

from captioners.heard import Part
from captioners.level import Samples, level_db
from schemas.clip import Trend

STEP_S = 0.5  # of the level
SWELL_DB, SWELL_S = 6.0, 4.0  # least change of a crescendo, and how long it takes at least
SUDDEN = 0.5  # of the change: what comes within 1 s is a step, no swell
AHEAD_BARS, LEAST_BARS = 8, 4  # that are compared before and after a bar


def parts(samples: Samples, rate_hz: int, bars_s: NDArray[np.float64], change: float) -> Iterator[Part]:
    """The parts of a passage in order; one that swells is whole. bars_s: where bars begin, or every fourth beat."""
    total_s = len(samples) / rate_hz
    whole = trend(level_db(samples, rate_hz, 2.0, STEP_S))
    inner = sections(samples, rate_hz, bars_s, change) if whole == "even" else []
    for start_s, end_s in pairwise([0.0, *inner, total_s]):
        inside = samples[round(start_s * rate_hz) : round(end_s * rate_hz)]
        yield Part(start_s, end_s, trend(level_db(inside, rate_hz, 2.0, STEP_S)) if inner else whole)


def trend(level: NDArray[np.float64]) -> Trend:
    """Whether a level, one each half second over 2 s, rises or falls all the way; a last chord that dies is no fall."""
    body = level[1:-3]
    if len(body) * STEP_S < SWELL_S:
        return "even"
    thirds = [float(np.mean(part)) for part in np.array_split(body, 3)]
    change = float(np.mean(body[-3:]) - np.mean(body[:3]))
    steepest = float(np.abs(body[2:] - body[:-2]).max())
    steady = all(np.sign(later - sooner) == np.sign(change) for sooner, later in pairwise(thirds))
    if abs(change) < SWELL_DB or not steady or steepest > SUDDEN * abs(change):
        return "even"
    return "crescendo" if change > 0 else "decrescendo"


def sections(samples: Samples, rate_hz: int, bars_s: NDArray[np.float64], change: float) -> list[float]:
    """The bars from which on the sound is another than before: other instruments, another register, another level."""
    unlike = unlikeness(samples, rate_hz, bars_s)
    near = np.lib.stride_tricks.sliding_window_view(np.pad(unlike, LEAST_BARS), 2 * LEAST_BARS + 1)
    highest = near.max(axis=1)
    return [float(bars_s[at]) for at in np.flatnonzero((unlike >= change) & (unlike == highest))]


def unlikeness(samples: Samples, rate_hz: int, bars_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """[bars]: how unlike the bars before and from each on are, 0 within four bars of the ends.

    The difference of the mean levels in dB over their standard deviation from bar to bar, 3 dB at least, in the mean of
    24 mel bands; up to eight bars either way, so that chords come round.
    """
    unlike = np.zeros(len(bars_s))
    if len(bars_s) < 2 * LEAST_BARS:
        return unlike
    power = librosa.feature.melspectrogram(
        y=samples, sr=rate_hz, n_fft=2048, hop_length=rate_hz // 50, n_mels=24, fmax=rate_hz / 2
    )
    frames = np.rint(np.append(bars_s, len(samples) / rate_hz) * 50).astype(int)
    bars = np.stack([power[:, first : max(end, first + 1)].mean(axis=1) for first, end in pairwise(frames)])
    level = 10 * np.log10(np.maximum(bars, 1e-5))
    for at in range(LEAST_BARS, len(bars_s) - LEAST_BARS + 1):
        before, after = level[max(0, at - AHEAD_BARS) : at], level[at : at + AHEAD_BARS]
        spread = np.sqrt((before.var(axis=0) + after.var(axis=0)) / 2 + 9)
        unlike[at] = float((np.abs(after.mean(axis=0) - before.mean(axis=0)) / spread).mean())
    return unlike
