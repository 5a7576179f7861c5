"""A rendering before it is joined: whole statements, so that a shorter one is made by leaving some of them out."""

import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from curate.errors import TooLarge

Topic = Literal[
    "other", "words", "absence", "duration", "hold", "overlay", "silence", "ambience", "movement", "frame", "palette",
    "light", "music", "event", "camera", "setting", "shot", "text", "speech", "action", "subject", "summary",
]  # fmt: skip
IMPORTANCE: tuple[Topic, ...] = get_args(Topic)
"""What is left out first, and what last. "No other text" goes before any text does, or it would become untrue."""

Count = Callable[[str], int]
"""How many tokens a text has."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A statement that is told whole or not at all."""

    topic: Topic
    text: str
    part: str = ""  # of the rendering: a paragraph, a key
    start_us: int | None = None  # where it has a place in time


@dataclass(frozen=True, slots=True)
class Draft:
    """Statements in the order in which they are told, and how they become one text."""

    pieces: tuple[Piece, ...]
    join: Callable[[Sequence[Piece]], str]

    @property
    def text(self) -> str:
        return self.join(self.pieces)


def shortened(draft: Draft, count: Count, most: int) -> str:
    """The text without the least important statements that it has no room for, of those alike the later ones first.

    TooLarge where the most important statement alone has more than `most` tokens.
    """
    pieces = draft.pieces
    if not pieces:
        return draft.text
    order = sorted(range(len(pieces)), key=lambda at: (IMPORTANCE.index(pieces[at].topic), -at))

    def without(number: int) -> str:
        dropped = frozenset(order[:number])
        return draft.join([piece for at, piece in enumerate(pieces) if at not in dropped])

    number = bisect.bisect_left(range(len(pieces)), True, key=lambda left_out: count(without(left_out)) <= most)
    if number == len(pieces):
        shortest = without(number - 1)
        raise TooLarge(f"the shortest whole text has {count(shortest)} tokens, more than {most}: {shortest!r}")
    return without(number)


def spaced(pieces: Sequence[Piece]) -> str:
    """One paragraph."""
    return " ".join(piece.text for piece in pieces)


def paragraphs(pieces: Sequence[Piece]) -> str:
    """A paragraph for each part."""
    parts = dict.fromkeys(piece.part for piece in pieces)
    return "\n\n".join(spaced([piece for piece in pieces if piece.part == part]) for part in parts)
