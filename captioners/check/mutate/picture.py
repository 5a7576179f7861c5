"""Errors in what is seen."""

import re

from captioners import readings
from captioners.check.bank.picture import absent_colours
from captioners.check.mutate.mutation import Broken, Edit, Victim, replaced
from captioners.check.reader.lexicon import COLOURS
from captioners.check.reader.read import read

_TURNED = {
    "left": "right", "right": "left", "up": "down", "down": "up", "in": "out", "out": "in",
    "clockwise": "counterclockwise", "counterclockwise": "clockwise", "leftwards": "rightwards",
    "rightwards": "leftwards", "upwards": "downwards", "downwards": "upwards",
}  # fmt: skip
_ACROSS = re.compile(r"\b(left|right) to (right|left)\b")
_WAY = re.compile(rf"\b(?:(?:counter|anti)-?clockwise|{'|'.join(_TURNED)})\b")


def swapped_colour(victim: Victim) -> Broken | None:
    """One of the wide colours of the picture becomes one that is not there."""
    asked = {about[0] for topic, about in victim.asked if topic == "colour"}
    present = {tone.name for tone in readings.palette(victim.row.evidence)}
    absent = absent_colours(sorted(present))
    sentences = dict.fromkeys(sentence for sentence, _ in victim.saying("palette"))
    choices = [
        (sentence, said.value)
        for sentence in sentences
        for said in read(sentence).of("palette")
        if said.value in asked & present
    ]
    if not choices or not absent:
        return None
    sentence, name = victim.random.choice(choices)
    new = replaced(sentence, rf"(?<![\w-])(?:{COLOURS[name or '']})(?!\w)", victim.random.choice(absent))
    return ((Edit(sentence, new),), "colour") if new != sentence else None


def wrong_camera(victim: Victim) -> Broken | None:
    """The camera goes the other way; one that stands still pans."""
    if not victim.asks("camera"):
        return None
    choices = list(victim.saying("camera"))
    if not choices:
        return None
    sentence, said = victim.random.choice(choices)
    if said.value == "static":
        return (Edit(sentence, f"The camera pans {victim.random.choice(['left', 'right'])}."),), "camera"
    if across := _ACROSS.search(sentence):
        turned = f"{across.group(2)} to {across.group(1)}"
        return (Edit(sentence, sentence[: across.start()] + turned + sentence[across.end() :]),), "camera"
    found = _WAY.search(sentence)
    if not found:
        return (Edit(sentence, "The camera does not move."),), "camera"
    way = re.sub(r"^(?:counter|anti)-?", "counter", found.group(0))
    return (Edit(sentence, sentence[: found.start()] + _TURNED[way] + sentence[found.end() :]),), "camera"


def wrong_brightness(victim: Victim) -> Broken | None:
    """Dark becomes bright, all else dark."""
    if not victim.asks("brightness"):
        return None
    for sentence, said in victim.saying("brightness"):
        if said.value:
            new = "bright" if said.value in {"dark", "very dark"} else "dark"
            return (Edit(sentence, f"The picture is {new}."),), "light"
    return None


def wrong_direction(victim: Victim) -> Broken | None:
    """What goes to the left goes to the right, and so on."""
    if not victim.asks("drift"):
        return None
    choices = [*victim.saying("drift"), *victim.saying("passing")]
    for sentence, said in victim.random.sample(choices, len(choices)):
        way = said.value or ""
        across = rf"\b{_TURNED[way]} to (?:the )?{way}\b"
        new = replaced(sentence, across, f"{way} to {_TURNED[way]}")
        if new == sentence:
            new = replaced(sentence, rf"\b{way}(?=(?:wards?)?\b)", _TURNED[way])
        if new != sentence:
            return (Edit(sentence, new),), "motion"
    return None
