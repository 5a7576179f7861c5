"""Sound level over time, and spans of frames."""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""One channel, -1..1."""

Span = tuple[int, int]

DIGITAL_SILENCE_DB = -120.0


def level_db(samples: Samples, rate_hz: int, window_s: float, hop_s: float) -> NDArray[np.float64]:
    """RMS in dBFS of the window centred on each multiple of `hop_s`, [ceil(n / hop)], -120..0.

    Windows are cut at the ends.
    """
    half = max(1, round(window_s * rate_hz / 2))
    energy = np.concatenate(([0.0], np.cumsum(samples.astype(np.float64) ** 2)))
    centres = np.arange(0, len(samples), max(1, round(hop_s * rate_hz)))
    first = np.maximum(centres - half, 0)
    last = np.minimum(centres + half, len(samples))
    return decibels((energy[last] - energy[first]) / np.maximum(last - first, 1))


def decibels(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Power (1 = full scale) in dB, not below digital silence."""
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (DIGITAL_SILENCE_DB / 10))))


def loudness_db(samples: Samples) -> float | None:
    """RMS in dBFS; None where there is no sample, or nothing but zeros."""
    power = float(np.mean(samples.astype(np.float64) ** 2)) if len(samples) else 0.0
    return float(10 * np.log10(power)) if power > 0 else None


def runs(mask: NDArray[np.bool_]) -> list[Span]:
    """The half-open index spans where `mask` is true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def bridged(spans: list[Span], gap: int) -> list[Span]:
    """Spans in order, joined where less than `gap` frames lie between."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and start - joined[-1][1] < gap:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def spectra(samples: Samples, size: int, hop: int) -> NDArray[np.float32]:
    """Power spectra of Hann windows centred on multiples of `hop`, [ceil(n / hop), size // 2 + 1]."""
    padded = np.pad(samples, size // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[: len(samples) : hop]
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    return np.asarray(np.abs(np.fft.rfft(frames * window, axis=1)) ** 2, np.float32)
