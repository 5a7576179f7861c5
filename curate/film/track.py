"""The sound track of a film: which sound is where, to the sample."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from curate.film import tones
from curate.film.speech import say
from curate.film.tones import RATE_HZ, Wave
from schemas.clip import SoundKind

SENTENCES = (
    "The train will leave the station at half past nine.",
    "She bought seven apples and a bottle of milk at the market this morning.",
    "Please close the window because the wind is very cold today.",
    "We will play music and dance until the sun comes up.",
    "The old man walked slowly down to the river and sat under a tree.",
    "A small dog ran across the road and the driver stopped the car.",
)
"""What may be said."""

_ROOM_FOR_SPEECH = 12 * RATE_HZ  # a shorter track is full before anybody speaks
_GAP_S = (0.32, 0.5)

VOICES = ("en-us+f2", "en-us+f3", "en-us+f5")  # PocketSphinx aligns all sentences in these


@dataclass(frozen=True, slots=True)
class Heard:
    """`[start, end)` samples of the track, and what is heard there; fields as in `schemas.clip.Sound`."""

    kind: SoundKind
    start: int
    end: int
    label: str | None = None
    text: str | None = None
    speaker: str | None = None
    pitch_hz: float | None = None
    tempo_bpm: float | None = None
    key: str | None = None
    beats: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Track:
    """48 kHz, mono, -1..1; what is heard, in order of time. Between two sounds the samples are 0."""

    wave: Wave
    heard: tuple[Heard, ...]


@dataclass(frozen=True, slots=True)
class _Item:
    wave: Wave
    heard: tuple[Heard, ...]  # from the item's own start


def compose(seed: int, samples: int, speech: bool, first_sentence: int = 1) -> Track:
    """A track of this length: sounds one after another with silence between, of all kinds for which there is room."""
    rng = np.random.default_rng((seed, 2))
    wave, heard = np.zeros(samples, np.float32), []
    speaks = speech and samples >= _ROOM_FOR_SPEECH
    at, silent_from = _round_ms(0.3 * RATE_HZ), 0
    for item in _items(samples, rng, speaks, first_sentence):
        end = at + len(item.wave)
        if end + _GAP_S[0] * RATE_HZ / 2 > samples:
            continue
        heard.append(Heard("silence", silent_from, at))
        wave[at:end] = item.wave
        heard += [_moved(sound, at) for sound in item.heard]
        silent_from = end
        at = _round_ms(end + rng.uniform(*_GAP_S) * RATE_HZ)
    heard.append(Heard("silence", silent_from, samples))
    return Track(wave, tuple(heard))


def _round_ms(samples: float) -> int:
    """A whole millisecond, so that microseconds say it exactly."""
    return round(samples / 48) * 48


def _moved(sound: Heard, by: int) -> Heard:
    return replace(sound, start=sound.start + by, end=sound.end + by, beats=tuple(b + by for b in sound.beats))


_Kind = Literal["knock", "tone", "noise", "music", "speech"]
_ORDER: tuple[_Kind, ...] = ("knock", "music", "tone", "noise", "speech", "tone", "knock", "speech", "noise")


def _items(samples: int, rng: np.random.Generator, speaks: bool, sentence: int) -> Iterator[_Item]:
    """More items than have room."""
    length_s = samples / RATE_HZ
    for _ in range(int(length_s // 8) + 1):
        for kind in _ORDER:
            match kind:
                case "knock":
                    yield _knocks(rng)
                case "tone":
                    yield _tone(rng)
                case "noise":
                    yield _noise(rng)
                case "music":
                    yield _music(rng, length_s)
                case "speech" if speaks:
                    yield from _speech(SENTENCES[sentence % len(SENTENCES)], VOICES[int(rng.integers(len(VOICES)))])
                    sentence += 1


def _knocks(rng: np.random.Generator) -> _Item:
    count, gap = int(rng.integers(2, 4)), _round_ms(rng.uniform(0.22, 0.35) * RATE_HZ)
    blows = [tones.knock(rng) for _ in range(count)]
    wave = np.zeros((count - 1) * gap + len(blows[-1]), np.float32)
    heard = []
    for k, blow in enumerate(blows):
        wave[k * gap : k * gap + len(blow)] = blow
        heard.append(Heard("event", k * gap, k * gap + len(blow), "knock"))
    return _Item(wave, tuple(heard))


def _tone(rng: np.random.Generator) -> _Item:
    pitch_hz = round(float(220 * 2 ** rng.uniform(0, 3)), 1)
    wave = tones.tone(pitch_hz, round(rng.uniform(0.5, 0.9), 3))
    return _Item(wave, (Heard("event", 0, len(wave), "tone", pitch_hz=pitch_hz),))


def _noise(rng: np.random.Generator) -> _Item:
    wave = tones.noise(round(rng.uniform(0.4, 0.7), 3), rng)
    return _Item(wave, (Heard("event", 0, len(wave), "noise"),))


def _music(rng: np.random.Generator, length_s: float) -> _Item:
    tempo_bpm = float(rng.choice([112, 120, 128, 136] if length_s < 12 else [88, 96, 104, 112, 120, 128]))
    bar_s = 240 / tempo_bpm
    bars = max(2, min(8, int(length_s * 0.42 / bar_s)))
    passage = tones.music(tempo_bpm, int(rng.integers(12)), bool(rng.random() < 0.5), bars, rng)
    found = Heard("music", 0, len(passage.wave), tempo_bpm=passage.tempo_bpm, key=passage.key, beats=passage.beats)
    return _Item(passage.wave, (found,))


def _speech(sentence: str, voice: str) -> Iterator[_Item]:
    spoken = say(sentence, voice)
    if spoken is None:
        return
    end = len(spoken.wave)
    words = (Heard("word", word.start, word.end, text=word.text, speaker=voice) for word in spoken.words)
    whole = Heard("speech", 0, end, speaker=voice), Heard("sentence", 0, end, text=sentence, speaker=voice)
    yield _Item(spoken.wave, (*whole, *words))
