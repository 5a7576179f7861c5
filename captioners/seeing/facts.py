"""What is known of a clip already, as lines with times that a model is told: it need not guess what was measured."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from captioners import certainty, degrees, readings
from captioners.evidence import Evidence
from captioners.phrase import listing, percent, quoted
from captioners.speech_lines import lines
from schemas.clip import Sound


@dataclass(frozen=True, slots=True)
class Fact:
    """One line, the name by which an answer may refer to it, and the row of the lake that it rests on."""

    name: str  # "t1", "s3"
    row_id: str
    text: str


def facts(evidence: Evidence, start_us: int, end_us: int) -> tuple[Fact, ...]:
    """What is known of `[start_us, end_us)` of the media; names count within it."""
    told: list[Fact] = []
    for initial, found in (("p", _picture), ("t", _texts), ("w", _speech), ("s", _sounds)):
        rows = list(found(evidence, start_us, end_us))
        told += [Fact(f"{initial}{index}", row_id, text) for index, (row_id, text) in enumerate(rows, 1)]
    return tuple(told)


Found = Iterator[tuple[str, str]]


def _picture(evidence: Evidence, start_us: int, end_us: int) -> Found:
    clip = evidence.clip
    if not clip.still:
        edges = f"It begins with a {_edge(clip.start_kind)} and ends with a {_edge(clip.end_kind)}."
        yield "clips", f"The clip is one shot of {(clip.end_us - clip.start_us) / 1e6:.2f} s. {edges}"
    colours = readings.palette(evidence)
    if colours:
        listed = listing([f"{tone.name} {percent(tone.share)}" for tone in colours[:5]])
        yield readings.row_id("palette"), f"Colours by their share of the picture: {listed}."
    luma = readings.value(evidence, "brightness")
    if luma is not None:
        yield readings.row_id("brightness"), f"The picture is {degrees.brightness(luma)} (mean luma {luma:.0f} of 255)."
    yield from _camera(evidence, start_us, end_us)


def _camera(evidence: Evidence, start_us: int, end_us: int) -> Found:
    row = readings.score(evidence, "camera")
    kind = readings.camera_kind(evidence)
    if row is None or row.detail is None or kind is None:
        return
    if kind == "static":
        yield readings.row_id("camera"), "The camera stands still."
        return
    for move in json.loads(row.detail).get("moves", ()):
        if move["start_us"] < end_us and start_us < move["end_us"]:
            time = _time(evidence, int(move["start_us"]), int(move["end_us"]))
            yield readings.row_id("camera"), f"{time}the picture moves as by a camera's {move['kind']}."


def _texts(evidence: Evidence, start_us: int, end_us: int) -> Found:
    for row in sorted(evidence.texts or (), key=lambda text: (text.start_us, text.y, text.x, text.text_id)):
        if certainty.legible(row) and _meets(row.start_us, row.end_us, evidence, (start_us, end_us)):
            place = degrees.place(row.x, row.y, row.width, row.height)
            yield row.text_id, f"{_time(evidence, row.start_us, row.end_us)}{quoted(row.text)} is written at: {place}."


def _speech(evidence: Evidence, start_us: int, end_us: int) -> Found:
    for line in lines(evidence.sounds or ()):
        if _meets(line.start_us, line.end_us, evidence, (start_us, end_us)):
            said = f"says {quoted(line.text)}" if line.text else "speaks; the words are not known"
            own = line.sentence or line.stretch
            speaker = f"speaker {own.speaker}" if own and own.speaker else "a voice"
            yield line.rows[0].sound_id, f"{_time(evidence, line.start_us, line.end_us)}{speaker} {said}."


def _sounds(evidence: Evidence, start_us: int, end_us: int) -> Found:
    rows = [row for row in evidence.sounds or () if row.kind in {"event", "music", "silence"}]
    for row in sorted(rows, key=lambda sound: (sound.start_us, sound.end_us, sound.sound_id)):
        if _meets(row.start_us, row.end_us, evidence, (start_us, end_us)):
            yield row.sound_id, f"{_time(evidence, row.start_us, row.end_us)}{_heard(row)}."


def _heard(row: Sound) -> str:
    if row.kind == "music":
        traits = [f"{row.tempo_bpm:.0f} beats per minute" if row.tempo_bpm else "", f"in {row.key}" if row.key else ""]
        return ", ".join(["music", *(trait for trait in traits if trait)])
    if row.kind == "silence":
        return "silence"
    pitch = f" at {row.pitch_hz:.0f} Hz" if row.pitch_hz else ""
    return f"a sound: {row.label or 'unnamed'}{pitch}"


def _edge(kind: str) -> str:
    return {"edge": "beginning or end of the file", "length": "division of a long shot"}.get(kind, kind)


def _meets(start_us: int, end_us: int, evidence: Evidence, window: tuple[int, int]) -> bool:
    return evidence.clip.still or (start_us < window[1] and window[0] < end_us)


def _time(evidence: Evidence, start_us: int, end_us: int) -> str:
    """Seconds on the clock of the clip; nothing for a still."""
    if evidence.clip.still:
        return ""
    first, last = (max(0.0, (at_us - evidence.clip.start_us) / 1e6) for at_us in (start_us, end_us))
    return f"{first:.2f} s to {last:.2f} s: "
