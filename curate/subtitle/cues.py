"""Cues of one track: their text without markup, and their times within bounds."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

_DRAWING = re.compile(r"\{[^}]*\\p[1-9][^}]*\}.*?(?:\{[^}]*\\p0[^}]*\}|$)", re.DOTALL)
_MARKUP = re.compile(r"(?P<brace>\\[{}])|\{[^}]*\}|(?P<line>\\[Nn])|(?P<space>\\h|\u00a0)|(?P<slash>\\\u2060)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029]")
_BLANKS = re.compile(r"[ \t]+")


@dataclass(frozen=True, slots=True)
class Cue:
    """Text that is shown from `start_us`; `end_us` is None where the track does not say until when."""

    start_us: int
    end_us: int | None
    text: str


def plain(ass: str) -> str:
    """The text of an ASS event as FFmpeg gives it, lines apart, without tags, drawings and blank lines.

    `ass`: ReadOrder, Layer, Style, Name, three margins, Effect, Text, with commas between.
    """
    text = _DRAWING.sub("", ass.split(",", 8)[-1])
    text = _MARKUP.sub(_meant, text).replace("\r\n", "\n").replace("\r", "\n")
    lines = (_BLANKS.sub(" ", _CONTROL.sub("", line)).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _meant(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "brace":
            return found.group()[1]
        case "line":
            return "\n"
        case "space":
            return " "
        case "slash":
            return "\\"
    return ""


def bounded(cues: Iterable[Cue], end_us: int) -> Iterator[tuple[int, int, str]]:
    """`(start, end, text)` in the order of their starts, within `[0, end_us)`.

    A cue without an end, or with one that is not after its start, lasts until a later one begins. Those outside the
    media and those without text are left out; those that repeat or overlap each other are kept as they are.
    """
    known = sorted(cues, key=lambda cue: cue.start_us)
    for cue, following in pairwise([*known, Cue(end_us, None, "")]):
        end = cue.end_us if cue.end_us is not None and cue.end_us > cue.start_us else following.start_us
        start, end = max(cue.start_us, 0), min(end, end_us)
        if cue.text and start < end:
            yield start, end, cue.text
