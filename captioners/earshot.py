"""What is within earshot of a clip: its sound and that around it, and what the embedded engines hear there."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar

import numpy as np

from captioners.context import ContextRules, context_us, remembering
from captioners.guards import GuardRules
from captioners.heard import Heard
from captioners.level import Samples
from captioners.music import MusicRules, music, warm
from captioners.silero import Probabilities, SpeechRules, speech, speech_probabilities
from captioners.sound import EventRules, events
from captioners.speech import SpeechConfig, open_words, transcribed
from curate.media.file import ClipFile, LocalFile
from curate.media.silero import RATE_HZ
from curate.media.sound import samples
from curate.stage import Run, each
from schemas.clip import Clip
from schemas.media import Media

WHOLE_HZ = 48_000  # loudness is measured over the whole band
SPEECH_EDGE_S = 0.15  # breath and hiss this close to speech belong to it


@dataclass(frozen=True, slots=True)
class Earshot:
    """A clip, what the embedded engines heard in its context, and their words in the clip; in seconds of the context.

    wave: the context in one channel at 16 kHz, empty where nobody asked for it. whole: the clip alone, at 48 kHz.
    """

    clip: Clip
    start_us: int  # the context: [start_us, end_us) of the media
    end_us: int
    wave: Samples
    whole: Samples
    found: tuple[Heard, ...]  # speech, music, events, silence
    said: tuple[Heard, ...]  # words and sentences

    @property
    def context(self) -> tuple[str, int, int]:
        """Which sound this is: clips near each other share it."""
        return self.clip.media_id, self.start_us, self.end_us

    @property
    def part_s(self) -> tuple[float, float]:
        """Where the clip lies in its context."""
        return (self.clip.start_us - self.start_us) / 1e6, (self.clip.end_us - self.start_us) / 1e6


@dataclass(frozen=True)
class Overhear:
    """Decode the sound around a clip and let the embedded engines listen to it; run isolated."""

    speech: SpeechConfig = SpeechConfig()  # noqa: RUF009  frozen
    activity: SpeechRules = SpeechRules()  # noqa: RUF009
    music: MusicRules = MusicRules()  # noqa: RUF009
    events: EventRules = EventRules()  # noqa: RUF009
    context: ContextRules = ContextRules()  # noqa: RUF009
    guards: GuardRules = GuardRules()  # noqa: RUF009
    waves: bool = False  # whether somebody else is to hear the context

    name: ClassVar[str] = "listen"  # what its failures are called
    version: ClassVar[int] = 1
    takes: ClassVar[type] = ClipFile
    gives: ClassVar[type] = Earshot
    compiles: ClassVar[bool] = True  # librosa, by numba

    @property
    def reads(self) -> tuple[str, ...]:
        """Folders of its models, for the child that it runs in."""
        return () if self.speech.model is None else (self.speech.model,)

    def open(self) -> Run[ClipFile, Earshot]:
        words = remembering(open_words(self.speech))
        probabilities = speech_probabilities()
        warm(RATE_HZ)

        @lru_cache(maxsize=2)  # clips come in order of time
        def sound(file: LocalFile, media: Media, start_us: int, end_us: int) -> tuple[Samples, Samples, list[Heard]]:
            whole, wave = (samples(file, media, start_us, end_us, rate_hz)[0] for rate_hz in (WHOLE_HZ, RATE_HZ))
            return whole, wave, sounding(self, wave, probabilities)

        def one(row: ClipFile) -> Iterable[Earshot]:
            if row.media.audio is None:
                return ()
            clip = row.clip
            start_us, end_us = context_us(clip.start_us, clip.end_us, row.media.duration_us, self.context)
            whole, wave, found = sound(row.file, row.media, start_us, end_us)
            begin_s, stop_s = ((at_us - start_us) / 1e6 for at_us in (clip.start_us, clip.end_us))
            spoken = [one for one in found if one.kind == "speech"]
            said = transcribed(wave, spoken, words, RATE_HZ, (begin_s, stop_s), self.guards)
            near = whole[round(begin_s * WHOLE_HZ) : round(stop_s * WHOLE_HZ)]
            sent = wave if self.waves else np.zeros(0, np.float32)
            return [Earshot(clip, start_us, end_us, sent, near, tuple(found), tuple(said))]

        return each(one)


def sounding(stage: Overhear, wave: Samples, probabilities: Probabilities) -> list[Heard]:
    """Speech, music, events and silence. wave: one channel at 16 kHz.

    Tones, knocks and noise inside speech or music are part of it, and no events of their own.
    """
    spoken = speech(wave, probabilities(wave), stage.activity)
    played = music(wave, RATE_HZ, stage.music)
    wider = [replace(one, start_s=one.start_s - SPEECH_EDGE_S, end_s=one.end_s + SPEECH_EDGE_S) for one in spoken]
    return [*spoken, *played, *events(wave, RATE_HZ, stage.events, [*wider, *played])]
