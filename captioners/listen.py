"""Everything heard in a clip, and beyond its cuts: speech and its words, music, sound events, silence."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from captioners.agreement import settled
from captioners.context import ContextRules, inside
from captioners.earshot import WHOLE_HZ, Earshot, Overhear
from captioners.guards import GuardRules, guarded
from captioners.heard import Heard, Part
from captioners.level import DIGITAL_SILENCE_DB, Samples, loudness_db
from captioners.listener import RATE_HZ, Key, heard_by, opened
from captioners.music import MusicRules
from captioners.silero import SpeechRules
from captioners.sound import EventRules
from captioners.speech import SpeechConfig
from captioners.tagger import Tagger, told_once
from captioners.transcriber import WhisperX
from curate.media.file import ClipFile
from curate.media.limits import GIB, Limits
from curate.media.sandbox import isolated
from curate.stage import Outcome, Run, operational
from schemas.clip import Clip, MusicPart, Sound

SAID = ("word", "sentence")


@dataclass(frozen=True)
class Listen:
    """Place words, sentences, speech, music, sound events and silence in time, in one channel up to 8 kHz.

    Sound is decoded in a disposable child, where the embedded engines listen to it as well. Models with weights live in
    the worker: a file that kills its decoder costs no second loading of them.
    """

    speech: SpeechConfig = SpeechConfig()  # noqa: RUF009  frozen
    activity: SpeechRules = SpeechRules()  # noqa: RUF009
    music: MusicRules = MusicRules()  # noqa: RUF009
    events: EventRules = EventRules()  # noqa: RUF009
    context: ContextRules = ContextRules()  # noqa: RUF009
    guards: GuardRules = GuardRules()  # noqa: RUF009
    whisperx: WhisperX | None = None
    tagger: Tagger | None = None
    batch_s: float = operational(480.0)  # of sound that a model hears at a time, at least
    decode_limits: Limits = operational(
        Limits(memory_bytes=4 * GIB, deadline_s=120.0, deadline_per_media_s=10.0, start_s=300.0)
    )

    name: ClassVar[str] = "listen"
    version: ClassVar[int] = 4
    takes: ClassVar[type] = ClipFile
    gives: ClassVar[type] = Sound

    @property
    def models(self) -> tuple[object, ...]:
        """The configurations of listeners that have weights."""
        return tuple(one for one in (self.whisperx, self.tagger) if one is not None)

    @property
    def environment(self) -> str | None:
        """The kind of workers that this needs, the same for all models: those of the core for none, or for ONNX."""
        if self.whisperx is not None:
            return "speech"
        return "models" if self.tagger is not None and not self.tagger.is_onnx else None

    def open(self) -> Run[ClipFile, Sound]:
        listeners = opened(self.models)
        embedded = isolated(
            Overhear(self.speech, self.activity, self.music, self.events, self.context, self.guards, bool(listeners)),
            self.decode_limits,
        )

        def run(rows: Iterable[ClipFile]) -> Iterator[Outcome[Sound]]:
            near: list[Earshot] = []
            known: dict[Key, tuple[Heard, ...]] = {}
            for outcome in embedded(rows):
                near += outcome.rows
                if not outcome.rows:
                    yield Outcome(outcome.input_id, (), outcome.failure)
                if near and sum(len(one.wave) for one in near) >= (self.batch_s * RATE_HZ if listeners else 0):
                    known = heard_by(listeners, near, known)
                    yield from (sounds(one, known[one.context], self) for one in near)
                    near = []
            known = heard_by(listeners, near, known)
            yield from (sounds(one, known[one.context], self) for one in near)

        return run


def sounds(near: Earshot, heard: Sequence[Heard], stage: Listen) -> Outcome[Sound]:
    """The rows of one clip. heard: by models, in the whole context."""
    voice = [one for one in near.found if one.kind == "speech"]
    words = guarded([one for one in heard if one.kind in SAID], voice, stage.guards)
    said = settled(voice, near.said, words, near.part_s) if stage.whisperx else near.said
    events = told_once(near.found, [one for one in heard if one.kind == "event"])
    rest = [one for one in heard if one.kind not in (*SAID, "event")]
    part = inside([*events, *said, *rest], *near.part_s, stage.context.part_s)
    return Outcome(near.clip.clip_id, tuple(rows(near.clip, near.whole, part)))


def rows(clip: Clip, whole: Samples, found: Sequence[Heard]) -> list[Sound]:
    """Rows in media time, inside the clip, each with the loudness of its own samples.

    whole: the clip in one channel at 48 kHz; `found` is in seconds of the clip.
    """
    counts: dict[str, int] = {}
    made = []
    media_us = _clock(clip)
    for one in found:
        index = counts[one.kind] = counts.get(one.kind, -1) + 1
        made.append(
            Sound(
                clip_id=clip.clip_id,
                sound_id=f"{clip.clip_id}#{one.kind}-{index:03d}",
                kind=one.kind,
                start_us=media_us(one.start_s),
                end_us=media_us(one.end_s),
                text=one.text,
                label=one.label,
                score=one.score,
                speaker=one.speaker,
                language=one.language,
                loudness_db=loudness_db(_samples(whole, one)),
                pitch_hz=one.pitch_hz,
                tempo_bpm=one.tempo_bpm,
                key=one.key,
                beats_us=tuple(media_us(at_s) for at_s in one.beats_s),
                metre=one.metre,
                downbeats_us=tuple(media_us(at_s) for at_s in one.downbeats_s),
                parts=tuple(
                    MusicPart(
                        media_us(part.start_s), media_us(part.end_s), part.trend, loudness_db(_samples(whole, part))
                    )
                    for part in one.parts
                ),
                levels_db=levels_db(_samples(whole, one)) if one.kind == "music" else (),
                engine=one.engine,
            )
        )
    return made


def _samples(whole: Samples, one: Heard | Part) -> Samples:
    return whole[round(one.start_s * WHOLE_HZ) : round(one.end_s * WHOLE_HZ)]


def levels_db(samples: Samples) -> tuple[float, ...]:
    """RMS in dBFS of each half second at 48 kHz, to a tenth; the last one is what is left."""
    hop = WHOLE_HZ // 2
    found = (loudness_db(samples[first : first + hop]) for first in range(0, len(samples), hop))
    return tuple(DIGITAL_SILENCE_DB if one is None else round(max(one, DIGITAL_SILENCE_DB), 1) for one in found)


def _clock(clip: Clip) -> Callable[[float], int]:
    """From seconds of the clip to the time of its media."""
    return lambda seconds: min(clip.end_us, max(clip.start_us, clip.start_us + round(seconds * 1e6)))
