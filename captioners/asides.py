"""What an engine writes in brackets among the words: "[door slams]", "(laughs)", "*sighs*" are sounds, and no words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from captioners.heard import Heard

BRACKETS = {"[": "]", "(": ")", "*": "*"}
NOTES = "♪♫ "
LONGEST = 8  # words between brackets


def asides(words: Sequence[Heard]) -> list[Heard]:
    """Words in order of time, those in brackets as one event; musical notes are left out."""
    kept: list[Heard] = []
    rest = [word for word in words if (word.text or "").strip(NOTES)]
    while rest:
        length = _length([word.text or "" for word in rest[:LONGEST]])
        if length:
            first, last = rest[0], rest[length - 1]
            label = _label([word.text or "" for word in rest[:length]])
            kept.append(Heard("event", first.start_s, last.end_s, first.engine, label=label))
        else:
            kept.append(rest[0])
        rest = rest[max(1, length) :]
    return kept


@dataclass(frozen=True, slots=True)
class Written:
    """A text without what stood in brackets, and that, each with the number of words before it."""

    text: str
    asides: tuple[tuple[int, str], ...]

    def events(self, words: Sequence[Heard | None], begin_s: float, end_s: float, engine: str) -> list[Heard]:
        """What stood in brackets, between the words around it. words: those of the text, None without a time."""
        found = []
        for before, label in self.asides:
            start_s = next((word.end_s for word in reversed(words[:before]) if word is not None), begin_s)
            stop_s = next((word.start_s for word in words[before:] if word is not None), end_s)
            if stop_s > start_s:
                found.append(Heard("event", start_s, stop_s, engine, label=label))
        return found


def written(text: str, *, spaced: bool) -> Written:
    """Take apart what a model wrote. spaced: spaces divide its words; else each letter counts as one."""
    if not spaced:
        text = re.sub(r"[\])]", r"\g<0> ", re.sub(r"[\[(]", r" \g<0>", text))
    rest = [word for word in text.split() if word.strip(NOTES)]
    kept: list[str] = []
    found: list[tuple[int, str]] = []
    while rest:
        length = _length(rest[:LONGEST])
        if length:
            found.append((len(kept) if spaced else len("".join(kept)), _label(rest[:length])))
        else:
            kept.append(rest[0])
        rest = rest[max(1, length) :]
    return Written((" " if spaced else "").join(kept), tuple(found))


def _length(words: Sequence[str]) -> int:
    """How many words, from the first on, stand in brackets; 0: it opens none that is closed."""
    closing = BRACKETS.get(words[0][:1])
    for index, word in enumerate(words if closing else ()):
        inside = _bare(word) if index else _bare(word)[1:]
        if inside.endswith(closing or ""):
            return index + 1 if _label(words[: index + 1]) else 0
    return 0


def _label(words: Sequence[str]) -> str:
    return _bare(" ".join(words))[1:-1].strip().lower()


def _bare(text: str) -> str:
    return text.rstrip(".,!?;:")
