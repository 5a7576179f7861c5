"""Times in a sentence, and which of the things named in it they belong to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from captioners.check.reader.numbers import NUMBER, number
from captioners.check.reader.said import Time

_CLOCK = r"(?<![\w.:])\d+:\d{2}(?:\.\d+)?"
_T = rf"(?:{_CLOCK}|{NUMBER})"
_UNIT = r"(?:\s*-?\s*(?:seconds?|secs?|s)\b)"
_LEAD = r"(?:\b(?:exactly|about|around|roughly|approximately|near|the|second|t\s*=)\s*)*"
_AT = rf"(?:\b(?:at|after|by|starting at|beginning at|starting from|from)\s+)?{_LEAD}"
_LENGTH = re.compile(
    rf"\b(?:last(?:s|ing|ed)?|for|runs?|running|of|every|takes|over)\s+{_LEAD}{NUMBER}{_UNIT}(?!\s+in\b)"
    rf"|{NUMBER}{_UNIT}\s*-?\s*long\b|{NUMBER}\s*-\s*seconds?\b(?!\s+mark)"
    rf"|{NUMBER}{_UNIT}\s+(?:clip|shot|video|is how long)\b"
)
_RANGE = re.compile(
    rf"\b(?:from|between|during)\s+{_LEAD}({_T}){_UNIT}?\s*(?:to|and|until|till|through|up to|-|–|—)\s*"
    rf"{_LEAD}({_T})(?:{_UNIT}|(?<=:\d\d)|(?<=\.\d)|(?<=\.\d\d))"
    rf"|({_T}){_UNIT}?\s*(?:to|until|-|–|—)\s*({_T})(?:{_UNIT})"
    rf"|\b(?:start(?:s|ing)|begin(?:s|ning)) at\s+{_LEAD}({_T}){_UNIT}?,?\s+and (?:end(?:s|ing)|stop(?:s|ping)) at\s+"
    rf"{_LEAD}({_T})(?:{_UNIT})"
)
_OPEN = re.compile(
    rf"\bfrom the (?:start|beginning|outset)\s+(?:to|until|till)\s+{_LEAD}({_T}){_UNIT}"
    rf"|\b(?:until|till|up to)\s+{_LEAD}({_T}){_UNIT}"
)
_LIST = re.compile(rf"{_AT}((?:{_T}{_UNIT}?\s*,\s*)*{_T}{_UNIT}?,?\s+and\s+(?:at\s+)?{_T}){_UNIT}")
_INSTANT = re.compile(rf"{_AT}({_T})(?:{_UNIT}(?:\s+in(?:to)?\b)?|(?<=:\d\d)|(?<=:\d\d\.\d))|\bat second\s+({_T})")
_START = re.compile(
    r"\b(?:at|from|in) the (?:very )?(?:start|beginning|outset)\b|\b(?:clip|video|shot) (?:opens|begins|starts) with\b"
)
_CHAIN = re.compile(r"[\s,:]*(?:(?:and|then|again|also|at|or)[\s,]*)*")
_BREAK = re.compile(r"[,;.]|\bthen\b|\bwhile\b|\bbut\b|\bfollowed by\b|\bbefore\b|\bafter\b")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time and where it stands in the sentence."""

    time: Time
    at: int
    end: int


def seconds(text: str) -> float:
    """The value of a time: "2.40", "two", "1:02.5"."""
    minutes, colon, rest = text.partition(":")
    return float(minutes) * 60 + float(rest) if colon else number(text)


def _blank(text: str, match: re.Match[str]) -> str:
    return text[: match.start()] + "\x00" * (match.end() - match.start()) + text[match.end() :]


def without_lengths(text: str) -> tuple[str, list[float]]:
    """The sentence with its durations blanked out ("lasts 5 s", "a 5-second clip"), and those durations."""
    found = []
    for match in _LENGTH.finditer(text):
        value = re.search(NUMBER, match.group(0))
        if value:
            found.append(number(value.group(0)))
        text = _blank(text, match)
    return text, found


def stamps(text: str) -> tuple[str, list[Stamp]]:
    """The sentence (in lower case) with its times blanked out, and those times in order."""
    found: list[Stamp] = []
    for match in _RANGE.finditer(text):
        first, last = (seconds(group) for group in match.groups() if group is not None)
        found.append(Stamp(Time(first, last), match.start(), match.end()))
        text = _blank(text, match)
    for match in _OPEN.finditer(text):
        until = next(group for group in match.groups() if group is not None)
        found.append(Stamp(Time(0.0, seconds(until)), match.start(), match.end()))
        text = _blank(text, match)
    for match in _LIST.finditer(text):
        for part in re.finditer(_T, match.group(1)):
            at = match.start(1) + part.start()
            found.append(Stamp(Time(seconds(part.group(0))), at, at + len(part.group(0))))
        text = _blank(text, match)
    for match in _INSTANT.finditer(text):
        value = next(group for group in match.groups() if group is not None)
        found.append(Stamp(Time(seconds(value)), match.start(), match.end()))
        text = _blank(text, match)
    for match in _START.finditer(text):
        found.append(Stamp(Time(0.0), match.start(), match.end()))
        text = _blank(text, match)
    return text, sorted(found, key=lambda stamp: stamp.at)


def _groups(text: str, found: list[Stamp]) -> list[list[Stamp]]:
    groups: list[list[Stamp]] = []
    for stamp in found:
        between = text[groups[-1][-1].end : stamp.at].replace("\x00", "") if groups else None
        if between is not None and _CHAIN.fullmatch(between):
            groups[-1].append(stamp)
        else:
            groups.append([stamp])
    return groups


def _cost(between: str) -> int:
    plain = between.replace("\x00", "")
    far = len(re.findall(r"[;.]", plain))
    return len(plain) + 40 * (len(_BREAK.findall(plain)) + far) + 10 * len(re.findall(r"\band\b", plain))


def assign(text: str, found: list[Stamp], things: list[tuple[int, int]]) -> list[tuple[Time, ...]]:
    """The times of each thing; `things` are their places in the blanked sentence.

    Times in a row belong together. A row goes to the nearest thing, and sentence breaks between them count as far. A
    thing without a time shares that of one to which only "and" or a comma joins it.
    """
    given: list[list[Time]] = [[] for _ in things]
    for group in _groups(text, found):
        costs = []
        for index, (start, end) in enumerate(things):
            if end <= group[0].at:
                costs.append((_cost(text[end : group[0].at]), index))
            elif start >= group[-1].end:
                costs.append((_cost(text[group[-1].end : start]), index))
        if costs:
            given[min(costs)[1]].extend(stamp.time for stamp in group)
    for index in [*range(1, len(things)), *range(len(things) - 2, -1, -1)]:
        for other in (index - 1, index + 1):
            if not given[index] and 0 <= other < len(things) and given[other] and _joined(text, things, index, other):
                given[index] = list(given[other])
    return [tuple(times) for times in given]


def _joined(text: str, things: list[tuple[int, int]], one: int, other: int) -> bool:
    left, right = sorted((one, other))
    between = text[things[left][1] : things[right][0]]
    return (
        re.fullmatch(r"[\s,]*(?:and|with|plus|as well as|together with)[\s,]*(?:an?|the|some)?\s*", between) is not None
    )


Given = Mapping[tuple[int, int], tuple[Time, ...]]
"""The times of the things of one sentence, by their places in it."""


def times_of(given: Given, at: int) -> tuple[Time, ...]:
    """The times of the thing around `at`."""
    return next((times for (start, end), times in given.items() if start <= at < end), ())
