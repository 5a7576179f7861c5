"""How times, lists, counts and quotations are written in prose."""

import re
from collections.abc import Sequence

from captioners.record import Record, Span

BRIEF_US = 300_000  # what is shorter has an instant, not a stretch
_VOWEL = re.compile(r"[aeiou]|8|1[18](?:\d{3})*(?!\d)")
_QUOTES = (('"', '"'), ("“", "”"), ("«", "»"), ("‹", "›"), ("「", "」"))
_TIME = re.compile(r" (?:at|from \d+(?:\.\d+)? s to) \d+(?:\.\d+)? s\b")
QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|«[^»]*»|‹[^›]*›|「[^」]*」")
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def seconds(time_us: int, record: Record) -> str:
    """An instant, from the start of the clip: "2.40 s"."""
    return f"{(time_us - record.start_us) / 1e6:.2f} s"


def stretch(span: Span | None, record: Record) -> str:
    """ " from 1.20 s to 3.40 s", with its leading blank; empty where the statement holds for all the clip."""
    if span is None:
        return ""
    return f" from {seconds(span.start_us, record)} to {seconds(span.end_us, record)}"


def when(span: Span | None, record: Record) -> str:
    """A stretch, or " at 1.20 s" for what is brief."""
    if span is not None and span.end_us - span.start_us < BRIEF_US:
        return f" at {seconds(span.start_us, record)}"
    return stretch(span, record)


def timed(text: str) -> bool:
    """Whether a text says a time as the house does, outside of what it quotes."""
    return _TIME.search(QUOTED.sub("", text)) is not None


def untimed(text: str) -> str:
    """A text without the times that it says as the house does; what it quotes stays as it is."""
    parts, last = [], 0
    for quote in QUOTED.finditer(text):
        parts += [_TIME.sub("", text[last : quote.start()]), quote.group()]
        last = quote.end()
    return "".join((*parts, _TIME.sub("", text[last:])))


def listing(items: Sequence[str]) -> str:
    """ "a, b and c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def count(number: int) -> str:
    """A number as a word up to twelve."""
    return _COUNTS[number] if number < len(_COUNTS) else str(number)


def article(noun: str) -> str:
    """The noun with "a" or "an", by how it is spoken: "an 88 Hz tone", "an 18 Hz tone"."""
    return f"{'an' if _VOWEL.match(noun.lower()) else 'a'} {noun}"


def quoted(text: str) -> str:
    """Text between the first pair of marks that it does not hold itself; line breaks become blanks."""
    flat = " ".join(text.split())
    for left, right in _QUOTES:
        if left not in flat and right not in flat:
            return f"{left}{flat}{right}"
    return f"“{flat}”"


def percent(share: float) -> str:
    """ "38 %"; a share that rounds to nothing is said to be less than one."""
    return "less than 1 %" if share < 0.005 else f"{share:.0%}".replace("%", " %")


def sentence(*parts: str | None) -> str:
    """Parts joined by blanks, with a capital and a full stop."""
    text = " ".join(part.strip() for part in parts if part and part.strip())
    ends = text.rstrip("".join(right for _, right in _QUOTES)).endswith((".", "!", "?"))
    return f"{text[:1].upper()}{text[1:]}" + ("" if ends else ".")
