"""Speech with known word times, by espeak-ng (https://github.com/espeak-ng/espeak-ng) where it is installed."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from curate.film import speaking
from curate.film.tones import RATE_HZ, Wave

_DEADLINE_S = 60


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word; samples from the start of the wave. It ends where the next begins."""

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


def say(text: str, voice: str, words_per_minute: int = 135) -> Spoken | None:
    """Speak one sentence, the same every time; None where espeak-ng is not installed."""
    asked = json.dumps({"text": text, "voice": voice, "words_per_minute": words_per_minute})
    program = [sys.executable, "-I", "-S", str(Path(speaking.__file__))]
    done = subprocess.run(program, input=asked.encode(), capture_output=True, timeout=_DEADLINE_S, check=False)  # noqa: S603  our own
    if done.returncode == speaking.NOT_INSTALLED:
        return None
    done.check_returncode()
    head, _, sound = done.stdout.partition(b"\n")
    found = json.loads(head)
    rate_hz = found["rate_hz"]
    wave = _resampled(np.frombuffer(sound, np.int16) / 32768, rate_hz)
    audible = np.flatnonzero(np.abs(wave) > 0.004 * np.abs(wave).max())
    first, end = int(audible[0]), int(audible[-1]) + 1
    marks = [max(0, round(sample * RATE_HZ / rate_hz) - first) for _, sample in found["words"]]
    ends = [*marks[1:], end - first]
    words = tuple(Word(word, a, b) for (word, _), a, b in zip(found["words"], marks, ends, strict=True))
    return Spoken(text, voice, wave[first:end], words)


def _resampled(wave: NDArray[np.float64], rate_hz: int) -> Wave:
    """To 48 kHz, by its spectrum; 0.25 s of silence at the end keeps the ends apart. Peak 0.5."""
    block = rate_hz // 50
    padded = np.concatenate([wave, np.zeros(rate_hz // 4 + -(len(wave) + rate_hz // 4) % block)])
    count = len(padded) * RATE_HZ // rate_hz
    spectrum = np.fft.rfft(padded)
    whole = np.zeros(count // 2 + 1, complex)
    whole[: min(len(spectrum), len(whole))] = spectrum[: len(whole)]
    out = np.fft.irfft(whole, count)
    return np.asarray(out * (0.5 / np.abs(out).max()), np.float32)
