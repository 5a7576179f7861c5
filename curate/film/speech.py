"""Speech with known word times, by libespeak-ng (https://github.com/espeak-ng/espeak-ng) where it is installed."""

import ctypes
import ctypes.util
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from curate.film.tones import RATE_HZ, Wave

_WORD, _LIST_TERMINATED = 1, 0
_SYNCHRONOUS, _UTF8 = 2, 1
_RATE, _PITCH, _WORD_GAP = 1, 3, 7


class _EventId(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]  # noqa: RUF012


class _Event(ctypes.Structure):
    _fields_ = [  # noqa: RUF012  that is how ctypes wants it
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # of the word's first character, from 1
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),  # ms
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    ]


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word; samples from the start of the wave."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Spoken:
    """One sentence, cut to its first and last audible sample."""

    text: str
    voice: str
    wave: Wave
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Speaker:
    """An open synthesiser."""

    library: ctypes.CDLL
    rate_hz: int

    def say(self, text: str, voice: str, words_per_minute: int = 135) -> Spoken:
        """Speak one sentence."""
        wave, starts = self._synthesise(text, voice, words_per_minute)
        wave = _resampled(wave, self.rate_hz)
        audible = np.flatnonzero(np.abs(wave) > 0.004 * np.abs(wave).max())
        first, end = int(audible[0]), int(audible[-1]) + 1
        marks = [max(0, round(sample * RATE_HZ / self.rate_hz) - first) for _, sample in starts]
        ends = [*marks[1:], end - first]
        words = tuple(Word(word, a, b) for (word, _), a, b in zip(starts, marks, ends, strict=True))
        return Spoken(text, voice, wave[first:end], words)

    def _synthesise(
        self, text: str, voice: str, words_per_minute: int
    ) -> tuple[NDArray[np.float64], list[tuple[str, int]]]:
        parts: list[NDArray[np.int16]] = []
        starts: list[tuple[str, int]] = []

        def collect(samples: "ctypes._Pointer[ctypes.c_short]", count: int, events: "ctypes._Pointer[_Event]") -> int:
            if count > 0:
                parts.append(np.ctypeslib.as_array(samples, (count,)).copy())
            k = 0
            while events[k].type != _LIST_TERMINATED:
                if events[k].type == _WORD:
                    at = events[k].text_position - 1
                    starts.append((text[at : at + events[k].length].strip(".,?!"), events[k].sample))
                k += 1
            return 0

        callback = _Callback(collect)
        self.library.espeak_SetSynthCallback(callback)
        self.library.espeak_SetVoiceByName(voice.encode())
        self.library.espeak_SetParameter(_RATE, words_per_minute, 0)
        self.library.espeak_SetParameter(_WORD_GAP, 3, 0)
        body = text.encode() + b"\0"
        self.library.espeak_Synth(body, ctypes.c_size_t(len(body)), 0, 1, 0, _UTF8, None, None)
        self.library.espeak_Synchronize()
        return np.concatenate(parts) / 32768, starts


@cache
def speaker() -> Speaker | None:
    """The synthesiser; None where it is not installed. It is opened once a process: the library hangs when reopened."""
    name = ctypes.util.find_library("espeak-ng")
    if name is None:
        return None
    library = ctypes.CDLL(name)
    rate_hz = library.espeak_Initialize(_SYNCHRONOUS, 0, None, 0)
    return Speaker(library, rate_hz) if rate_hz > 0 else None  # not positive: the library is there, its voices are not


def _resampled(wave: NDArray[np.float64], rate_hz: int) -> Wave:
    """To 48 kHz, by its spectrum; 0.25 s of silence at the end keeps the ends apart. Peak 0.5."""
    padded = np.concatenate([wave, np.zeros(rate_hz // 4 + (-(len(wave) + rate_hz // 4)) % (rate_hz // 50))])
    count = len(padded) * RATE_HZ // rate_hz
    spectrum = np.fft.rfft(padded)
    whole = np.zeros(count // 2 + 1, complex)
    whole[: min(len(spectrum), len(whole))] = spectrum[: len(whole)]
    out = np.fft.irfft(whole, count)
    return (out * (0.5 / np.abs(out).max())).astype(np.float32)
