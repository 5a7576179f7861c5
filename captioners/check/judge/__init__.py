"""The reverse test: what a claim says, held against the evidence rows."""

from collections.abc import Mapping
from types import MappingProxyType

from captioners.check.judge import picture, sound, words
from captioners.check.judge.finding import Court, Finding, Judge, names
from captioners.check.reader.read import read
from captioners.check.reader.said import SaidTopic

JUDGES: Mapping[SaidTopic, Judge] = MappingProxyType(
    {
        "duration": picture.duration,
        "brightness": picture.brightness,
        "palette": picture.palette,
        "colour": picture.colour,
        "camera": picture.camera,
        "movement": picture.movement,
        "drift": picture.drift,
        "passing": picture.passing,
        "frozen": picture.share_of("frozen_share"),
        "black": picture.share_of("black_share"),
        "bars": picture.share_of("border_share"),
        "text": words.text,
        "utterance": words.utterance,
        "word": words.word,
        "speech": words.speech,
        "event": sound.event,
        "music": sound.music,
        "silence": sound.silence,
        "sound": sound.sound,
        "loudness": sound.loudness,
    }
)


def judge(court: Court, statement: str) -> Finding:
    """One statement: contradicted where anything in it is, supported where all of it that can be measured is."""
    found = {JUDGES[said.topic](court, said) for said in read(statement, court.names).said}
    if "contradicted" in found:
        return "contradicted"
    return "supported" if found == {"supported"} else "unverifiable"


__all__ = ["JUDGES", "Court", "Finding", "judge", "names"]
