"""What is heard and read in a clip, as lanes of a timeline."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from curate.report.clock import clock, number
from curate.report.window import Window, pack
from schemas.clip import Sound, Text

LANES = ("sentence", "word", "speech", "event", "music", "silence")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in a lane: where it lies, in per cent, what is written on it and what it says when pointed at."""

    left: float
    width: float
    row: int
    start_us: int
    end_us: int
    label: str
    title: str
    sure: float  # the engine's confidence, 1 where it gives none


@dataclass(frozen=True, slots=True)
class Lane:
    """Things of one kind. `beats` are places of single instants, in per cent."""

    kind: str
    rows: int
    items: tuple[Item, ...]
    beats: tuple[float, ...] = ()


def _lane(kind: str, window: Window, things: Iterable[tuple[int, int, str, str, float | None]]) -> Lane | None:
    seen = [thing for thing in things if window.meets(thing[0], thing[1])]
    rows = pack([(start, end) for start, end, *_ in seen])
    items = tuple(
        Item(*window.place(start, end), row, start, end, label, title, 1.0 if score is None else score)
        for row, (start, end, label, title, score) in zip(rows, seen, strict=True)
    )
    return Lane(kind, 1 + max(rows), items) if items else None


def facts(sound: Sound) -> str:
    """What is known of a sound, in one line."""
    found = (
        sound.text,
        sound.label,
        sound.key,
        None if sound.tempo_bpm is None else f"{number(sound.tempo_bpm)} bpm",
        None if sound.speaker is None else f"speaker {sound.speaker}",
        None if sound.language is None else f"language {sound.language}",
        None if sound.pitch_hz is None else f"{number(sound.pitch_hz)} Hz",
        None if sound.loudness_db is None else f"{number(sound.loudness_db)} dBFS",
        None if sound.score is None else f"confidence {sound.score:.2f}",
        sound.engine,
    )
    return ", ".join(fact for fact in found if fact)


def label(sound: Sound) -> str:
    """The few words that stand on a sound's block."""
    if sound.kind == "music":
        tempo = None if sound.tempo_bpm is None else f"{round(sound.tempo_bpm)} bpm"
        return " · ".join(part for part in (sound.label, tempo, sound.key) if part) or "music"
    return sound.text or sound.label or ("" if sound.kind == "silence" else sound.kind)


def _title(start_us: int, end_us: int, rest: str) -> str:
    return f"{clock(start_us)} to {clock(end_us)}: {rest}"


def sound_lanes(sounds: Sequence[Sound], window: Window) -> tuple[Lane, ...]:
    """One lane a kind of sound that is heard in the window."""
    made = []
    for kind in LANES:
        own = [sound for sound in sounds if sound.kind == kind]
        things = [(s.start_us, s.end_us, label(s), _title(s.start_us, s.end_us, facts(s)), s.score) for s in own]
        lane = _lane(kind, window, things)
        if lane is not None:
            beats = (window.percent(at) for s in own for at in s.beats_us if window.meets(at, at))
            made.append(Lane(lane.kind, lane.rows, lane.items, tuple(beats)))
    return tuple(made)


def text_lane(texts: Sequence[Text], window: Window) -> Lane | None:
    """What is written on screen."""
    things = (
        (t.start_us, t.end_us, t.text, _title(t.start_us, t.end_us, f"“{t.text}”, {t.engine}"), t.score) for t in texts
    )
    return _lane("text", window, things)
