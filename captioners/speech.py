"""Words by the engines that can be chosen: one entry a line; an engine is imported when it is opened."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from captioners.asides import asides
from captioners.guards import GuardRules, guarded
from captioners.heard import Heard
from captioners.level import Samples
from curate.errors import RecipeError

FRAME_S = 0.01  # no word is shorter

SpeechEngine = Literal["pocketsphinx", "faster-whisper", "none"]


@dataclass(frozen=True, slots=True)
class SpeechConfig:
    """Which engine writes down what is said, in which language, and from which local model folder."""

    engine: SpeechEngine = "pocketsphinx"  # pocketsphinx: English, without a model to fetch; none: no words
    language: str = "en"  # of what is said, as the engine writes it
    model: str | None = None  # faster-whisper: a folder with a CTranslate2 model


Words = Callable[[Samples], list[Heard]]
"""Words in one span of speech, one channel at 16 kHz: kind "word", in order, in seconds from its first sample."""


def _pocketsphinx(config: SpeechConfig) -> Words:
    from captioners.speech_pocketsphinx import words  # noqa: PLC0415  a decoder of 38 MB, only where it is asked for

    return words(config)


def _whisper(config: SpeechConfig) -> Words:
    from captioners.speech_whisper import words  # noqa: PLC0415  CTranslate2, only where it is asked for

    return words(config)


def _none(config: SpeechConfig) -> Words:
    return lambda samples: []


ENGINES: dict[str, Callable[[SpeechConfig], Words]] = {
    "pocketsphinx": _pocketsphinx,
    "faster-whisper": _whisper,
    "none": _none,
}


def open_words(config: SpeechConfig) -> Words:
    """Load the chosen engine; raises RecipeError where it cannot do what is asked."""
    if config.engine not in ENGINES:
        raise RecipeError(f"unknown speech engine {config.engine!r}: choose one of {', '.join(ENGINES)}")
    return ENGINES[config.engine](config)


def transcribed(
    samples: Samples, spans: list[Heard], words: Words, rate_hz: int, part_s: tuple[float, float] = (0.0, math.inf),
    guards: GuardRules = GuardRules(),  # noqa: B008  frozen
) -> list[Heard]:  # fmt: skip
    """Words inside each span of speech, and before them the sentence they make, whose score is their mean.

    Only words whose middle lies in `part_s` are kept, and only spans that reach into it are decoded. What the guards do
    not believe is "dropped", and of no sentence.
    """
    heard: list[Heard] = []
    begin_s, stop_s = part_s
    for span in spans:
        if span.end_s <= begin_s or span.start_s >= stop_s:
            continue
        first, last = round(span.start_s * rate_hz), round(span.end_s * rate_hz)
        written = [_later(word, span.start_s) for word in words(samples[first:last])]
        said = [_within(one, span) for one in guarded(asides(written), [span], guards)]
        said = [one for one in said if begin_s <= one.middle_s < stop_s]
        if believed := [one for one in said if one.kind == "word"]:
            heard.append(sentence(believed))
        heard += said
    return heard


def sentence(words: list[Heard]) -> Heard:
    """Words that follow each other, joined by spaces."""
    scores = [word.score for word in words if word.score is not None]
    return Heard(
        "sentence",
        words[0].start_s,
        words[-1].end_s,
        words[0].engine,
        text=" ".join(word.text or "" for word in words),
        score=float(np.mean(scores)) if scores else None,
        language=words[0].language,
        speaker=words[0].speaker,
    )


def _later(word: Heard, by_s: float) -> Heard:
    return replace(word, start_s=word.start_s + by_s, end_s=max(word.end_s, word.start_s + FRAME_S) + by_s)


def _within(word: Heard, span: Heard) -> Heard:
    """The word inside its span."""
    end_s = max(span.start_s + FRAME_S, min(word.end_s, span.end_s))
    return replace(word, start_s=min(word.start_s, end_s - FRAME_S), end_s=end_s)
