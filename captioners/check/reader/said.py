"""What a prose says, once read."""

from dataclasses import dataclass
from typing import Literal

SaidTopic = Literal[
    "duration", "brightness", "palette", "colour", "camera", "movement", "drift", "passing", "frozen", "black", "bars",
    "text", "utterance", "word", "speech", "event", "music", "silence", "loudness", "sound",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Time:
    """A time from the start of the clip; `end_s` is None for an instant, or where only the start is said."""

    start_s: float
    end_s: float | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that the prose says. What it leaves open is None."""

    topic: SaidTopic
    value: str | None = None  # the canonical word, or the verbatim text
    absent: bool = False  # it says that this is not there
    other: bool = False  # it says that nothing of this topic is there beside what it names
    times: tuple[Time, ...] = ()
    count: int | None = None
    number: float | None = None  # share, Hz, beats per minute, LUFS or seconds, as the topic has it
    key: str | None = None
    metre: int | None = None  # beats in a bar
    course: str | None = None  # how the loudness of music changes, as `captioners.record.Dynamics`
    place: str | None = None
    speaker: str | None = None  # of an utterance, as `captioners.check.reader.speakers` labels them
    definite: bool = False  # "the knock": perhaps one that was named before


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole prose, in the order in which it says things."""

    said: tuple[Said, ...]

    def of(self, topic: SaidTopic) -> list[Said]:
        """What is said to be there, of one topic."""
        return [item for item in self.said if item.topic == topic and not item.absent and not item.other]

    def none_of(self, topic: SaidTopic, value: str | None = None) -> bool:
        """Whether it says that nothing of this topic (or not this value) is there."""
        return any(i.absent and i.topic == topic and i.value in (None, value) for i in self.said)

    def closed(self, topic: SaidTopic) -> bool:
        """Whether it says that what it names of this topic is all."""
        return any(item.topic == topic and item.other for item in self.said)
