"""What is measured of sound every second: how high it reaches, and how its channels differ."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.strip import PITCHES

WINDOW = 2048  # samples
WINDOWS = 4  # a second, the loudest ones
WIDTH_HZ = 1000
FLOOR_DB = -120.0
STEP_DB = 0.25  # that levels are rounded to: they take a third of the space
SILENT = 1e-11  # mean square of a channel in which there is nothing: -110 dBFS
WIDEST_DB = 120.0

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Channels:
    """n seconds; as in `schemas.strip`."""

    pitch_db: Floats  # [n * PITCHES]
    correlation: Floats  # [n]
    balance_db: Floats  # [n]

    @staticmethod
    def joined(parts: Sequence["Channels"]) -> "Channels":
        """One after the other."""
        nothing = [np.zeros(0, np.float32)]
        return Channels(
            np.concatenate(nothing + [part.pitch_db for part in parts]),
            np.concatenate(nothing + [part.correlation for part in parts]),
            np.concatenate(nothing + [part.balance_db for part in parts]),
        )


def seconds_of(wave: Floats, rate_hz: int) -> Channels:
    """wave: [C, N] -1..1 from a whole second on; the last second may be short."""
    starts = range(0, wave.shape[1], rate_hz)
    seconds = [wave[:2, start : start + rate_hz] for start in starts]
    pairs = np.array([likeness(one) for one in seconds], np.float32).reshape(-1, 2)
    return Channels(np.concatenate([pitch_db(one, rate_hz) for one in seconds]), pairs[:, 0], pairs[:, 1])


def pitch_db(wave: Floats, rate_hz: int) -> Floats:
    """[PITCHES] dBFS (a full-scale sine is -3) of the loudest parts of a second of sound [C, N], mean over channels."""
    from scipy.fft import rfft  # noqa: PLC0415  only where sound is measured

    samples = wave.shape[1]
    if samples < WINDOW:
        wave = np.pad(wave, ((0, 0), (0, WINDOW - samples)))
    count = wave.shape[1] // WINDOW
    parts = wave[:, : count * WINDOW].reshape(len(wave), count, WINDOW)
    loud = np.einsum("cnk,cnk->n", parts, parts)
    parts = parts[:, np.argpartition(loud, -min(WINDOWS, count))[-WINDOWS:]]
    spectra = rfft(parts * _HANN)
    power = np.square(spectra.real) + np.square(spectra.imag)
    power = power.mean((0, 1)) * (2 / (WINDOW * float(np.square(_HANN).sum())))
    edges = np.ceil(np.arange(PITCHES + 1) * WIDTH_HZ * WINDOW / rate_hz).astype(int)
    bands = np.full(PITCHES, np.nan, np.float32)
    known = int(np.count_nonzero(edges[:-1] < len(power) - 1))
    sums = np.add.reduceat(power, edges[:known])
    if edges[known] < len(power):  # what lies above the last band
        sums[-1] = power[edges[known - 1] : edges[known]].sum()
    levels = np.maximum(10 * np.log10(np.maximum(sums, 1e-20)), FLOOR_DB)
    bands[:known] = np.rint(levels / STEP_DB) * STEP_DB
    return bands


_HANN = np.hanning(WINDOW).astype(np.float32)


def likeness(wave: Floats) -> tuple[float, float]:
    """Correlation and balance in dB of the two channels of wave [C, N]; NaN where they cannot be told."""
    if len(wave) < 2:
        return float("nan"), float("nan")
    left, right = wave
    first, second = (float(np.dot(one, one)) / one.size for one in (left, right))
    if max(first, second) <= SILENT:
        return float("nan"), float("nan")
    balance = 10 * np.log10(max(first, 1e-20) / max(second, 1e-20))
    balance = float(np.clip(balance, -WIDEST_DB, WIDEST_DB))
    if min(first, second) <= SILENT:
        return float("nan"), balance
    return float(np.dot(left, right)) / left.size / float(np.sqrt(first * second)), balance
