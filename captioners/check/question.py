"""A question whose answer was measured, and who may be asked it."""

import re
from dataclasses import dataclass
from typing import Literal, Protocol

Kind = Literal["choice", "yes_no", "order", "time", "count", "number", "verbatim"]
Topic = Literal[
    "duration", "brightness", "dominant_colour", "colour", "camera", "movement", "drift", "frozen", "black", "bars",
    "any_text", "text_count", "text", "text_time", "text_end", "text_place",
    "any_speech", "transcript", "next_word", "word_time", "speech_time", "speakers", "same_speaker", "who",
    "any_event", "event", "event_count", "event_time", "event_pitch",
    "any_sound", "silence_time", "loudness", "any_music", "tempo", "key", "metre", "dynamics", "music_time", "order",
    "free",
]  # fmt: skip
"""What is asked, for a reader that knows topics. A "free" question is asked in plain English alone."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `topic` and `about` say what `text` asks, for a reader that does not read English questions."""

    axis: str
    kind: Kind
    topic: Topic
    text: str
    truth: str
    start_us: int
    end_us: int
    evidence: tuple[str, ...]
    about: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    tolerance: float | None = None  # of a time in seconds, or of a number in its own unit


class Reader(Protocol):
    """Answers from the prose alone; None: cannot tell. What it does not read at all is not asked of it."""

    def reads(self, question: Question) -> bool: ...

    def answer(self, prose: str, question: Question) -> str | None: ...


def plain(text: str) -> str:
    """Text as it is compared: lower case, single blanks."""
    return " ".join(text.casefold().split())


def spoken(text: str) -> list[str]:
    """The words of a speech as they are compared: lower case, without punctuation."""
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text.casefold().replace("’", "'"))


def right(question: Question, answer: str) -> bool:
    """Whether an answer agrees with the truth, within the question's tolerance."""
    if question.tolerance is not None:
        try:
            return abs(float(answer) - float(question.truth)) <= question.tolerance + 1e-9
        except ValueError:
            return False
    if question.kind == "verbatim":
        return spoken(answer) == spoken(question.truth)
    return plain(answer) == plain(question.truth)


def countable(questions: tuple[Question, ...], reader: Reader) -> tuple[Question, ...]:
    """The questions that the reader reads, and does not get right without any caption."""
    kept = []
    for question in filter(reader.reads, questions):
        guess = reader.answer("", question)
        if guess is None or not right(question, guess):
            kept.append(question)
    return tuple(kept)
