"""Questions about sound events, music, silence and loudness."""

from collections.abc import Iterator
from typing import get_args

from captioners import certainty, degrees, readings
from captioners.check.bank.asking import Subject, ordinal, pick, shuffled
from captioners.check.question import Question
from captioners.measured.sound import dynamics
from captioners.record import Dynamics
from schemas.clip import Sound

NAMED = ("knock", "tone", "noise")
"""What the embedded listener can name: of these, it also knows that they are not there."""

_TONICS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_CALLED = {"sound": "unidentified sound"}


def called(label: str) -> str:
    """How prose and questions name an event."""
    return _CALLED.get(label, label)


def events(it: Subject) -> Iterator[Question]:
    """Which sounds are heard, how often, when, how high."""
    if it.evidence.sounds is None or it.clip.still:
        return
    found: dict[str, list[Sound]] = {}
    for row in sorted(it.evidence.sounds, key=lambda row: (row.start_us, row.sound_id)):
        if row.kind == "event" and row.label:
            found.setdefault(row.label, []).append(row)
    rows = tuple(row.sound_id for group in found.values() for row in group)[:16] or ("sounds",)
    known = certainty.all_named(it.evidence)
    if found or known:
        yield it.ask("event", "yes_no", "any_event", "Is any sound event heard?", "yes" if found else "no", rows,
                     options=("yes", "no"))  # fmt: skip
    for label in sorted({*found, *(NAMED if known else ())}):
        group = found.get(label, [])
        if all(it.sure(row.score) for row in group):
            yield from _about(it, label, group)


def _about(it: Subject, label: str, group: list[Sound]) -> Iterator[Question]:
    name, rows = called(label), tuple(row.sound_id for row in group[:16]) or ("sounds",)
    yield it.ask("event", "yes_no", "event", f"Is this heard: {name}?", "yes" if group else "no", rows, about=(label,),
                 options=("yes", "no"))  # fmt: skip
    if group:
        count = f"How many times is this heard: {name}?"
        yield it.ask("event", "count", "event_count", count, str(len(group)), rows, about=(label,), tolerance=0)
    for nth, row in enumerate(group, 1):
        about, span = (label, str(nth)), (row.start_us, row.end_us)
        text = f"At which second is this heard for the {ordinal(nth)} time: {name}?"
        yield it.ask("event", "time", "event_time", text, f"{it.seconds(row.start_us):.2f}", (row.sound_id,),
                     about=about, tolerance=it.rules.time_s, span=span)  # fmt: skip
        if row.pitch_hz is not None and _alone(row, group):
            text = f"Which pitch in Hz has the {ordinal(nth)} {name}?"
            yield it.ask("event", "number", "event_pitch", text, f"{row.pitch_hz:.1f}", (row.sound_id,), about=about,
                         tolerance=it.rules.pitch_share * row.pitch_hz + 1, span=span)  # fmt: skip


def _alone(row: Sound, group: list[Sound]) -> bool:
    return all(other is row or abs(other.start_us - row.start_us) > 150_000 for other in group)


def music(it: Subject) -> Iterator[Question]:
    """Whether there is music, from when, its tempo, key, metre and dynamics."""
    if it.evidence.sounds is None or it.clip.still:
        return
    found = [row for row in it.evidence.sounds if row.kind == "music"]
    rows = tuple(row.sound_id for row in found)[:16] or ("sounds",)
    if found or certainty.all_named(it.evidence):
        yield it.ask("music", "yes_no", "any_music", "Is there music?", "yes" if found else "no", rows,
                     options=("yes", "no"))  # fmt: skip
    if len(found) != 1 or not it.sure(found[0].score):
        return
    row, span = found[0], (found[0].start_us, found[0].end_us)
    start = f"{it.seconds(row.start_us):.2f}"
    yield it.ask("music", "time", "music_time", "At which second does the music begin?", start, rows, span=span,
                 tolerance=it.rules.time_s)  # fmt: skip
    if row.tempo_bpm is not None:
        yield it.ask("music", "number", "tempo", "What is the tempo in beats per minute?", f"{row.tempo_bpm:.1f}", rows,
                     tolerance=it.rules.tempo_share * row.tempo_bpm, span=span)  # fmt: skip
    if row.key:
        yield it.ask("music", "choice", "key", "In which key is the music?", row.key, rows, span=span,
                     options=shuffled(row.sound_id, [row.key, *other_keys(row.key)]))  # fmt: skip
    if row.metre is not None:
        yield it.ask("music", "count", "metre", "How many beats make a bar of the music?", str(row.metre), rows,
                     tolerance=0, span=span)  # fmt: skip
    if course := dynamics(row.parts):
        yield it.ask("music", "choice", "dynamics", "How does the loudness of the music change?", course, rows,
                     span=span, options=get_args(Dynamics))  # fmt: skip


def other_keys(key: str) -> list[str]:
    """Keys that are taken for this one: the parallel, and two others of its mode."""
    tonic, _, mode = key.partition(" ")
    parallel = f"{tonic} {'major' if mode == 'minor' else 'minor'}"
    return [parallel, *pick(key, [f"{other} {mode}" for other in _TONICS if other != tonic], 2)]


def silence(it: Subject) -> Iterator[Question]:
    """Whether there is sound at all, when it is silent, how loud it is."""
    if it.clip.still:
        return
    sound = readings.has_sound(it.evidence)
    known = it.evidence.media.audio is None or readings.value(it.evidence, "silence_share") is not None
    if known:
        row = "media" if it.evidence.media.audio is None else readings.row_id("silence_share")
        yield it.ask("loudness", "yes_no", "any_sound", "Is there any sound?", "yes" if sound else "no", (row,),
                     options=("yes", "no"))  # fmt: skip
    for nth, gap in enumerate(it.sounds("silence") if sound else [], 1):
        yield it.ask("loudness", "time", "silence_time", f"At which second does the {ordinal(nth)} silence begin?",
                     f"{it.seconds(gap.start_us):.2f}", (gap.sound_id,), about=(str(nth),), tolerance=it.rules.time_s,
                     span=(gap.start_us, gap.end_us))  # fmt: skip
    lufs = readings.value(it.evidence, "loudness")
    if sound and lufs is not None and degrees.volume(lufs - 1.5) == degrees.volume(lufs + 1.5):
        yield it.ask("loudness", "choice", "loudness", "How loud is the sound?", degrees.volume(lufs),
                     (readings.row_id("loudness"),), options=("quiet", "moderate", "loud"))  # fmt: skip
