"""What is measured of sound: level, flux and clipping every 10 ms, loudness every 100 ms, speech every 32 ms.

What its channels are (`channels.py`), every second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from curate.media.silero import RATE_HZ, SpeechTrack
from curate.media.sound import Resampler, SoundLine
from curate.scan.channels import Channels, seconds_of

BLOCK_S = 2
FLOOR_DB = -120.0
CLIPPED = 0.995  # of full scale
WINDOW = 512  # samples at RATE_HZ
HOP = 160
FLUX_GAIN = 1000.0  # magnitudes are compressed as log10(1 + gain * magnitude): below -60 dBFS they hardly count

_WEIGHTS = {"BL": 1.41, "BR": 1.41, "SL": 1.41, "SR": 1.41, "BC": 1.41, "LFE": 0.0, "LFE2": 0.0}


def k_filter(rate_hz: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(b, a) of both K-weighting stages in one, for any rate (ITU-R BS.1770-4; analogue prototype after De Man).

    It must run in double precision: in single, blocks of 100 ms came out wrong by up to 0.6 dB.
    """
    k = np.tan(np.pi * 1681.974450955533 / rate_hz)
    q, high = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    middle = high**0.4996667741545416
    shelf_b = [high + middle * k / q + k * k, 2 * (k * k - high), high - middle * k / q + k * k]
    shelf_a = [1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k]
    k, q = np.tan(np.pi * 38.13547087602444 / rate_hz), 0.5003270373238773
    pass_a = [1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k]
    b, a = np.convolve(shelf_b, [1.0, -2.0, 1.0]), np.convolve(shelf_a, pass_a)
    scale = shelf_a[0] * pass_a[0]
    return b * (pass_a[0] / scale), a / scale


def channel_weights(names: Sequence[str]) -> NDArray[np.float32]:
    """BS.1770 weight of each channel: 1.41 for surround, 0 for low-frequency effects, else 1."""
    return np.array([_WEIGHTS.get(name, 1.0) for name in names], np.float32)


def decibels(mean_square: NDArray[np.float32]) -> NDArray[np.float32]:
    """dBFS of mean squares, not below FLOOR_DB."""
    levels: NDArray[np.float32] = np.maximum(10 * np.log10(np.maximum(mean_square, 1e-20)), FLOOR_DB).astype(np.float32)
    return levels


def edges(samples: int, rate_hz: int, per_second: int) -> NDArray[np.intp]:
    """First sample of each hop of a block that begins on a whole second; exact for rates that hops do not divide."""
    hops = -(-samples * per_second // rate_hz)
    return np.arange(hops, dtype=np.intp) * rate_hz // per_second


def hop_means(values: NDArray[np.float32], starts: NDArray[np.intp]) -> NDArray[np.float32]:
    """[N] to one mean for each hop; the last hop may be short."""
    lengths = np.diff(starts, append=len(values))
    means: NDArray[np.float32] = (np.add.reduceat(values, starts, dtype=np.float64) / lengths).astype(np.float32)
    return means


def flux(
    mono: NDArray[np.float32], before: NDArray[np.float32] | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Spectral flux of each hop of mono [WINDOW - HOP + n * HOP], and the spectrum of the last one.

    Half-wave rectified difference of compressed magnitudes, mean over bins (Böck and Widmer 2013, without vibrato
    suppression). `before` is the spectrum of the hop before the first; without it the first is 0.
    """
    from scipy.fft import rfft  # noqa: PLC0415  only where sound is measured

    frames = np.lib.stride_tricks.sliding_window_view(mono, WINDOW)[::HOP]
    magnitude = np.abs(rfft(frames * _HANN))
    spectra = np.log10(1 + np.float32(FLUX_GAIN) * magnitude)
    spectra = np.concatenate([spectra[:1] if before is None else before, spectra])
    return np.maximum(np.diff(spectra, axis=0), 0).mean(1), spectra[-1:]


_HANN = (np.hanning(WINDOW) / np.hanning(WINDOW).sum() * 2).astype(np.float32)


@dataclass(frozen=True, slots=True)
class SoundRows:
    """The sound clocks of a strip."""

    rms_db: NDArray[np.float32]  # [H]
    flux: NDArray[np.float32]  # [H]
    clipped: NDArray[np.float32]  # [H]
    speech: NDArray[np.float32]
    k_power: NDArray[np.float32]
    channels: Channels


class SoundTrack:
    """Measures an audio stream as its frames come, a few seconds at a time."""

    def __init__(self, vad: Any) -> None:
        self.line = SoundLine()
        self._speech = SpeechTrack(vad)
        self._found: dict[str, list[NDArray[np.float32]]] = {"rms": [], "clipped": [], "k": [], "flux": []}
        self._channels: list[Channels] = []
        self._mono = np.zeros((WINDOW - HOP) // 2, np.float32)  # so that windows are centred on their hops
        self._spectrum: NDArray[np.float32] | None = None
        self._block = 0

    def add(self, frame: av.AudioFrame) -> None:
        """Take the next frame."""
        waiting = self.line.add(frame)
        if not self._block:
            self._prepare()
        while waiting >= self._block:
            self._measure(self.line.read(self._block))
            waiting -= self._block

    def _prepare(self) -> None:
        rate_hz, layout = self.line.rate_hz, self.line.layout
        self._block = BLOCK_S * rate_hz
        weights = channel_weights(self.line.channels)
        (self._heard,) = np.nonzero(weights)
        self._weights = weights[self._heard]
        self._b, self._a = k_filter(rate_hz)
        self._state = np.zeros((len(self._heard), 4))
        self._downmix = "channels" in layout  # an unnamed layout, which the resampler cannot mix
        self._resampler = Resampler("mono" if self._downmix else layout, rate_hz, "mono", RATE_HZ)

    def _measure(self, wave: NDArray[np.float32]) -> None:
        """wave: [C, N] from a whole second on."""
        from scipy.signal import lfilter  # noqa: PLC0415  half a second, only where sound is measured

        rate_hz, samples = self.line.rate_hz, wave.shape[1]
        starts = edges(samples, rate_hz, 100)
        self._found["rms"].append(hop_means(np.einsum("cn,cn->n", wave, wave) / len(wave), starts))
        self._found["clipped"].append(hop_means((np.abs(wave) >= CLIPPED).mean(0, dtype=np.float32), starts))
        self._channels.append(seconds_of(wave, rate_hz))
        heard = wave if len(self._heard) == len(wave) else wave[self._heard]
        weighted, self._state = lfilter(self._b, self._a, heard, zi=self._state)
        power = np.einsum("c,cn->n", self._weights, np.square(weighted, out=weighted))
        self._found["k"].append(hop_means(power, edges(samples, rate_hz, 10)))
        self._hear(self._resampler(wave.mean(0, keepdims=True) if self._downmix else wave)[0])

    def _hear(self, mono: NDArray[np.float32]) -> None:
        self._speech.add(mono)
        self._mono = np.concatenate([self._mono, mono])
        hops = (len(self._mono) - WINDOW) // HOP + 1
        if hops > 0:
            found, self._spectrum = flux(self._mono[: WINDOW + (hops - 1) * HOP], self._spectrum)
            self._found["flux"].append(found)
            self._mono = self._mono[hops * HOP :]

    def rows(self) -> SoundRows:
        """All sound so far; the track is not used after."""
        if self.line.start_us is None:
            none = np.zeros(0, np.float32)
            return SoundRows(none, none, none, none, none, Channels.joined([]))
        last = self.line.read(self._block)
        if last.size:
            self._measure(last)
        self._hear(self._resampler.rest()[0])
        speech = self._speech.rows()
        self._hear(np.zeros(WINDOW, np.float32))
        rms, clipped, power, changes = (np.concatenate(found) for found in self._found.values())
        channels = Channels.joined(self._channels)
        return SoundRows(decibels(rms), changes[: len(rms)], clipped, speech, power, channels)
