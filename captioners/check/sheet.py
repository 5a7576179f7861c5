"""Questions that are put to a model together: as lines, as the JSON schema of their answers, and the answers read."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from captioners.check.bank.asking import shuffled
from captioners.check.question import Kind, Question, Topic
from captioners.seeing.answer import Wrong

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NUMBER = r"^[0-9]{1,5}(\.[0-9]{1,3})?$"
"""A number as a string: a grammar can hold it to few digits, and it is never endless."""
_MOST_CHARS = 400
_OPEN: Mapping[Kind, str] = MappingProxyType(
    {"time": "seconds", "number": "a number", "count": "a whole number", "verbatim": "word for word"}
)
_SHARES: tuple[Topic, ...] = ("frozen", "black", "bars")
_SHARE = "a share from 0 to 1, such as 0.25"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Questions, and for each the options in the order in which they are offered; none where it is open."""

    questions: tuple[Question, ...]
    offered: tuple[tuple[str, ...], ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """What is asked, one line each, without its number."""
        return tuple(_line(*each) for each in zip(self.questions, self.offered, strict=True))

    @property
    def schema(self) -> str:
        """An answer for each question, or null: cannot tell."""
        asked = zip(self.questions, self.offered, strict=True)
        answers = {f"q{at}": {"anyOf": [_answer(*each), {"type": "null"}]} for at, each in enumerate(asked, 1)}
        tree = {"type": "object", "properties": answers, "required": list(answers), "additionalProperties": False}
        return json.dumps(tree, separators=(",", ":"))

    def read(self, text: str) -> tuple[str | None, ...]:
        """The answers in the words of the questions' own options; None: cannot tell. Wrong where they are none."""
        try:
            said = json.loads(text, strict=False)
        except ValueError as error:
            raise Wrong(f"it is not JSON: {error}") from error
        names = [f"q{at}" for at in range(1, len(self.questions) + 1)]
        if not isinstance(said, dict) or set(said) != set(names):
            raise Wrong(f"it must have the keys {', '.join(names)} and no other")
        asked = zip(names, self.questions, self.offered, strict=True)
        return tuple(_read(name, said[name], question, offered) for name, question, offered in asked)


def sheet(questions: tuple[Question, ...], turn: int = 0) -> Sheet:
    """The questions with their options in an order of their own, turned by so many places.

    Within as many turns as there are options, none is in the same place twice.
    """
    return Sheet(questions, tuple(_turned(question, turn) for question in questions))


def _turned(question: Question, turn: int) -> tuple[str, ...]:
    if not question.options:
        return ()
    options = shuffled(f"{question.axis}\n{question.text}", question.options)
    at = turn % len(options)
    return (*options[at:], *options[:at])


def _line(question: Question, offered: tuple[str, ...]) -> str:
    if offered:
        return " ".join((question.text, *(f"({LETTERS[at]}) {option}" for at, option in enumerate(offered))))
    return f"{question.text} ({_SHARE if question.topic in _SHARES else _OPEN.get(question.kind, 'a few words')})"


def _answer(question: Question, offered: tuple[str, ...]) -> dict[str, Any]:
    if offered:
        return {"enum": list(LETTERS[: len(offered)])}
    if question.kind == "count":
        return {"type": "integer", "minimum": 0, "maximum": 10_000}
    if question.kind in {"time", "number"}:
        return {"type": "string", "pattern": NUMBER}
    return {"type": "string", "minLength": 1, "maxLength": _MOST_CHARS}


def _read(name: str, said: object, question: Question, offered: tuple[str, ...]) -> str | None:
    if said is None:
        return None
    if offered:
        letters = LETTERS[: len(offered)]
        if not isinstance(said, str) or len(said) != 1 or said not in letters:
            raise Wrong(f"{name}: it must be one of {', '.join(letters)} or null, not {said!r}")
        return offered[letters.index(said)]
    if question.kind in {"count", "time", "number"}:
        return _number(name, said)
    if not isinstance(said, str) or not said.strip():
        raise Wrong(f"{name}: it must be text or null, not {said!r}")
    return said.strip()


def _number(name: str, said: object) -> str:
    try:
        value = float(said) if isinstance(said, str | int | float) else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise Wrong(f"{name}: it must be a number or null, not {said!r}")
    return f"{value:g}" if value == round(value) else f"{value:.2f}"
