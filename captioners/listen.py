"""Everything heard in a clip, and beyond its cuts: speech and its words, music, sound events, silence."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar

from captioners.context import ContextRules, context_us, inside, remembering
from captioners.heard import Heard
from captioners.level import Samples, loudness_db
from captioners.music import MusicRules, music, warm
from captioners.silero import Probabilities, SpeechRules, speech, speech_probabilities
from captioners.sound import EventRules, events
from captioners.speech import SpeechConfig, open_words, transcribed
from curate.media.file import ClipFile, LocalFile
from curate.media.limits import GIB, Limits
from curate.media.silero import RATE_HZ
from curate.media.sound import samples
from curate.stage import Run, each, operational
from schemas.clip import Clip, Sound
from schemas.media import Media

WHOLE_HZ = 48_000  # loudness is measured over the whole band
SPEECH_EDGE_S = 0.15  # breath and hiss this close to speech belong to it


@dataclass(frozen=True)
class Listen:
    """Place words, sentences, speech, music, sound events and silence in time, in one channel up to 8 kHz."""

    speech: SpeechConfig = SpeechConfig()  # noqa: RUF009  frozen
    activity: SpeechRules = SpeechRules()  # noqa: RUF009
    music: MusicRules = MusicRules()  # noqa: RUF009
    events: EventRules = EventRules()  # noqa: RUF009
    context: ContextRules = ContextRules()  # noqa: RUF009
    limits: Limits = operational(
        Limits(memory_bytes=4 * GIB, deadline_s=120.0, deadline_per_media_s=10.0, start_s=300.0)
    )

    name: ClassVar[str] = "listen"
    version: ClassVar[int] = 2
    takes: ClassVar[type] = ClipFile
    gives: ClassVar[type] = Sound

    def open(self) -> Run[ClipFile, Sound]:
        words = remembering(open_words(self.speech))
        probabilities = speech_probabilities()
        warm(RATE_HZ)

        @lru_cache(maxsize=2)  # clips come in order of time
        def sound(file: LocalFile, media: Media, start_us: int, end_us: int) -> tuple[Samples, Samples, list[Heard]]:
            whole, wave = (samples(file, media, start_us, end_us, rate_hz)[0] for rate_hz in (WHOLE_HZ, RATE_HZ))
            return whole, wave, sounding(self, wave, probabilities)

        def one(row: ClipFile) -> Iterable[Sound]:
            if row.media.audio is None:
                return ()
            clip = row.clip
            start_us, end_us = context_us(clip.start_us, clip.end_us, row.media.duration_us, self.context)
            whole, wave, found = sound(row.file, row.media, start_us, end_us)
            begin_s, stop_s = ((at_us - start_us) / 1e6 for at_us in (clip.start_us, clip.end_us))
            spoken = [one for one in found if one.kind == "speech"]
            said = transcribed(wave, spoken, words, RATE_HZ, (begin_s, stop_s))
            part = inside([*found, *said], begin_s, stop_s, self.context.part_s)
            return rows(clip, whole[round(begin_s * WHOLE_HZ) : round(stop_s * WHOLE_HZ)], part)

        return each(one)


def sounding(stage: Listen, wave: Samples, probabilities: Probabilities) -> list[Heard]:
    """Speech, music, events and silence. wave: one channel at 16 kHz.

    Tones, knocks and noise inside speech or music are part of it, and no events of their own.
    """
    spoken = speech(wave, probabilities(wave), stage.activity)
    played = music(wave, RATE_HZ, stage.music)
    wider = [replace(one, start_s=one.start_s - SPEECH_EDGE_S, end_s=one.end_s + SPEECH_EDGE_S) for one in spoken]
    return [*spoken, *played, *events(wave, RATE_HZ, stage.events, [*wider, *played])]


def rows(clip: Clip, whole: Samples, found: Sequence[Heard]) -> list[Sound]:
    """Rows in media time, inside the clip, each with the loudness of its own samples.

    whole: the clip in one channel at 48 kHz; `found` is in seconds of the clip.
    """
    counts: dict[str, int] = {}
    sounds = []
    media_us = _clock(clip)
    for one in found:
        index = counts[one.kind] = counts.get(one.kind, -1) + 1
        sounds.append(
            Sound(
                clip_id=clip.clip_id,
                sound_id=f"{clip.clip_id}#{one.kind}-{index:03d}",
                kind=one.kind,
                start_us=media_us(one.start_s),
                end_us=media_us(one.end_s),
                text=one.text,
                label=one.label,
                score=one.score,
                speaker=None,
                language=one.language,
                loudness_db=loudness_db(whole[round(one.start_s * WHOLE_HZ) : round(one.end_s * WHOLE_HZ)]),
                pitch_hz=one.pitch_hz,
                tempo_bpm=one.tempo_bpm,
                key=one.key,
                beats_us=tuple(media_us(at_s) for at_s in one.beats_s),
                engine=one.engine,
            )
        )
    return sounds


def _clock(clip: Clip) -> Callable[[float], int]:
    """From seconds of the clip to the time of its media."""
    return lambda seconds: min(clip.end_us, max(clip.start_us, clip.start_us + round(seconds * 1e6)))
