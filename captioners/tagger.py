"""Sound events by a model that knows hundreds of them (AudioSet): what a recipe says of it, and what its frames mean.

A model is a function from sound to the probability of each class in each frame. Hysteresis tells where a class begins
and ends; an event is sure only where energy agrees: the level rises over the background, or the embedded listeners have
something there. The times of its ends are those of the energy, where that has an edge near them.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from captioners.heard import Heard
from captioners.level import Samples, Span, bridged, level_db, runs
from curate.errors import RecipeError
from curate.media.silero import RATE_HZ
from curate.stage import OPERATIONAL, operational

Frames = NDArray[np.float32]
"""[T, C]: the probability of each class in each frame; frame t is centred on t hops."""

LEVEL_S = 0.005
TOLD_BY_OTHERS = (
    "Speech", "Male speech, man speaking", "Female speech, woman speaking", "Child speech, kid speaking",
    "Conversation", "Narration, monologue", "Music", "Silence",
)  # fmt: skip
"""Classes of AudioSet for which the other listeners have rows."""

SAME = {
    "knock": ("Knock", "Tap", "Thump, thud", "Thunk", "Wood"),
    "tone": ("Sine wave", "Beep, bleep", "Tuning fork"),
    "noise": ("White noise", "Pink noise", "Noise", "Static", "Hiss"),
}
"""What the embedded listener calls what AudioSet has these names for."""


@dataclass(frozen=True, slots=True)
class TagRules:
    """When a probability begins and ends an event."""

    begin: float = 0.5  # how sure the model is where an event begins
    stay: float = 0.25  # it goes on for as long as it is not below
    least_s: float = 0.1  # a shorter event is dropped
    gap_s: float = 0.3  # a shorter lull does not end it


@dataclass(frozen=True, slots=True)
class LabelRules:
    """The rules of one class."""

    label: str  # as the model calls it
    rules: TagRules


@dataclass(frozen=True, slots=True)
class EnergyRules:
    """When energy agrees with a model."""

    rise_db: float = 6.0  # of the level in the event over that around it
    around_s: float = 5.0  # how far around it
    heard_db: float = -50.0  # dBFS RMS; below it there is nothing to hear
    doubt: float = 0.5  # what the score of an event is multiplied by where energy does not agree


@dataclass(frozen=True, slots=True)
class Mel:
    """The log-mel spectrogram in dB that a model takes instead of sound."""

    bins: int = 64  # mel bands
    size: int = 1024  # samples of a window
    hop: int = 320  # samples from one window to the next
    low_hz: float = 50.0  # where the lowest band begins
    high_hz: float = 14_000.0  # where the highest ends


@dataclass(frozen=True)
class Tagger:
    """A tagger: a classifier of sound in a folder, as transformers saves it, or an ONNX file that answers by frames.

    A classifier says what is in a window: it is slid over the sound, and what it says counts for the window's middle.
    """

    sha256: str  # of the weights
    model: str = field(metadata=OPERATIONAL)  # a folder, or a file .onnx: wave [1, N] or mel -> [1, T, C]
    labels: str | None = field(default=None, metadata=OPERATIONAL)  # ONNX: a label a line, or AudioSet's own CSV
    labels_sha256: str | None = None  # of that file
    hop_s: float = 0.2  # of the windows; ONNX: of the frames that the model gives
    window_s: float = 1.0  # of a classifier
    answers: Literal["sigmoid", "softmax"] = "sigmoid"  # of a classifier; sigmoid: several sounds at once
    rate_hz: int = RATE_HZ  # ONNX: of the sound that the model takes
    mel: Mel | None = None  # ONNX: None where the model takes the wave
    rules: TagRules = TagRules()
    label_rules: tuple[LabelRules, ...] = ()
    energy: EnergyRules = EnergyRules()
    left_out: tuple[str, ...] = TOLD_BY_OTHERS  # labels that are not told: other listeners tell of them
    batch: int = operational(16)  # windows that a classifier hears side by side

    def __post_init__(self) -> None:
        if not 0 < self.hop_s <= self.window_s:
            raise RecipeError(f"tagger: 0 < hop_s <= window_s, not {self.hop_s=} {self.window_s=}")
        for one in (self.rules, *(other.rules for other in self.label_rules)):
            if not 0 < one.stay <= one.begin <= 1:
                raise RecipeError(f"tagger: 0 < stay <= begin <= 1, not {one.stay=} {one.begin=}")

    @property
    def is_onnx(self) -> bool:
        return self.model.endswith(".onnx")

    @property
    def blur_s(self) -> float:
        """How far the model's times may be off."""
        return self.hop_s if self.is_onnx else self.window_s / 2 + self.hop_s


Probabilities = Callable[[Samples], Frames]
"""One channel at 16 kHz -> [ceil(seconds / hop_s), C]."""


# -- from probabilities to events


def spans(
    probabilities: Frames, hop_s: float, labels: Sequence[str], rules: Callable[[str], TagRules], engine: str
) -> list[Heard]:
    """Events in order of time; a frame stands for the hop around it, the score is the mean probability."""
    found = []
    for label, values in zip(labels, probabilities.T, strict=True):
        for first, end in hysteresis(values, hop_s, rules(label)):
            start_s, end_s = max(0.0, (first - 0.5) * hop_s), (end - 0.5) * hop_s
            score = float(values[first:end].mean())
            found.append(Heard("event", start_s, end_s, engine, label=label, score=score))
    return sorted(found, key=lambda one: (one.start_s, one.end_s, one.label))


def hysteresis(values: NDArray[np.float32], hop_s: float, rules: TagRules) -> list[Span]:
    """Frames that stay over `stay`, lulls bridged, where some reach `begin` and that last long enough."""
    held = bridged(runs(values >= rules.stay), max(1, round(rules.gap_s / hop_s)))
    long = [span for span in held if (span[1] - span[0]) * hop_s >= rules.least_s - 1e-9]
    return [(first, end) for first, end in long if values[first:end].max() >= rules.begin]


def slid(samples: Samples, rate_hz: int, stage: Tagger, classify: Callable[[Sequence[Samples]], Frames]) -> Frames:
    """What a classifier says of windows centred on multiples of the hop, [ceil(n / hop), C]; silence lies around."""
    size, hop = round(stage.window_s * rate_hz), stage.hop_s * rate_hz
    starts = [round(index * hop) for index in range(int(np.ceil(len(samples) / hop)))]
    padded = np.pad(samples, (size // 2, size))
    windows = [padded[start : start + size] for start in starts]
    parts = [classify(windows[at : at + stage.batch]) for at in range(0, len(windows), stage.batch)]
    return np.concatenate(parts) if parts else np.zeros((0, 0), np.float32)


# -- what energy says of them


def agreed(tags: Sequence[Heard], wave: Samples, embedded: Sequence[Heard], stage: Tagger) -> list[Heard]:
    """The events, with the ends that energy has near theirs; where it does not agree, with a score that says so."""
    level = level_db(wave, RATE_HZ, 0.02, LEVEL_S)
    others = [one for one in embedded if one.kind == "event"]
    settled = []
    for tag in tags:
        if _rises(tag, level, stage.energy) or any(_begins(tag, other, stage.blur_s) for other in others):
            settled.append(_placed(tag, level, others, stage))
        else:
            settled.append(replace(tag, score=(tag.score or 0.0) * stage.energy.doubt))
    return settled


def _frames(level: NDArray[np.float64], start_s: float, end_s: float) -> NDArray[np.float64]:
    return level[max(0, round(start_s / LEVEL_S)) : max(0, round(end_s / LEVEL_S))]


def _rises(tag: Heard, level: NDArray[np.float64], rules: EnergyRules) -> bool:
    """Whether it is louder in the event than around it; where nothing is around it, whether anything is heard."""
    inside = _frames(level, tag.start_s, tag.end_s)
    before = _frames(level, tag.start_s - rules.around_s, tag.start_s)
    around = np.concatenate((before, _frames(level, tag.end_s, tag.end_s + rules.around_s)))
    if not len(inside):
        return False
    loud = float(np.percentile(inside, 75))
    background = float(np.percentile(around, 25)) if len(around) * LEVEL_S >= 0.3 else -120.0
    return loud >= rules.heard_db and loud - background >= rules.rise_db


def _begins(tag: Heard, other: Heard, blur_s: float) -> bool:
    """Whether the embedded listener has an event that begins with this one, or within it."""
    return tag.start_s - blur_s <= other.start_s < tag.end_s


def _placed(tag: Heard, level: NDArray[np.float64], others: Sequence[Heard], stage: Tagger) -> Heard:
    blur_s = stage.blur_s
    start_s = _nearest([one.start_s for one in others], tag.start_s, blur_s)
    if start_s is None:
        start_s = _edge(level, tag.start_s, blur_s, stage.energy.rise_db)
    end_s = _nearest([one.end_s for one in others], tag.end_s, blur_s)
    if end_s is None:
        back = _edge(level[::-1], len(level) * LEVEL_S - tag.end_s, blur_s, stage.energy.rise_db)
        end_s = None if back is None else len(level) * LEVEL_S - back
    start_s, end_s = tag.start_s if start_s is None else start_s, tag.end_s if end_s is None else end_s
    return replace(tag, start_s=start_s, end_s=end_s) if start_s < end_s else tag


def _nearest(times_s: Sequence[float], at_s: float, blur_s: float) -> float | None:
    near = min(times_s, key=lambda one: abs(one - at_s), default=None)
    return near if near is not None and abs(near - at_s) <= blur_s else None


def _edge(level: NDArray[np.float64], at_s: float, blur_s: float, rise_db: float) -> float | None:
    """Where the level climbs through the middle of its range within `blur_s` of an instant; None where it is flat."""
    first = max(0, round((at_s - blur_s) / LEVEL_S))
    near = level[first : round((at_s + blur_s) / LEVEL_S) + 1]
    if len(near) < 2 or near.max() - near.min() < rise_db:
        return None
    top = int(np.argmax(near))
    below = np.flatnonzero(near[: top + 1] < (near.max() + near[: top + 1].min()) / 2)
    return (first + int(below[-1]) + 1) * LEVEL_S if len(below) else None


SURE = 0.5


def told_once(embedded: Sequence[Heard], tags: Sequence[Heard]) -> list[Heard]:
    """All events, each once: what has no name gives way to a sure tag, a tag to embedded events of its own name."""
    own = [one for one in embedded if one.kind == "event" and one.label in SAME]
    kept = [tag for tag in tags if not any(tag.label in SAME[one.label or ""] and tag.holds(one) for one in own)]
    sure = [tag for tag in kept if (tag.score or 0.0) >= SURE]
    unnamed = [one for one in embedded if one.kind == "event" and one.label == "sound" and one.covered_by(sure) >= 0.5]
    return [*(one for one in embedded if one not in unnamed), *kept]


def tagged(
    wave: Samples, embedded: Sequence[Heard], probabilities: Probabilities, labels: Sequence[str], stage: Tagger,
    engine: str,
) -> list[Heard]:  # fmt: skip
    """All that a model hears in a sound, but what is told by others. wave: one channel at 16 kHz."""
    own = {one.label: one.rules for one in stage.label_rules}
    found = spans(probabilities(wave), stage.hop_s, labels, lambda label: own.get(label, stage.rules), engine)
    return agreed([one for one in found if one.label not in stage.left_out], wave, embedded, stage)


def listed(text: str) -> Iterator[str]:
    """The labels of a file: a label a line, or AudioSet's `index,mid,display_name`."""
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and lines[0].startswith("index,mid,display_name"):
        yield from (row["display_name"] for row in csv.DictReader(lines))
    else:
        yield from (line.strip() for line in lines)
