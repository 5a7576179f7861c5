"""All questions of one clip."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from captioners.check.bank import order, picture, sounds, speech, texts, turns
from captioners.check.bank.asking import Subject
from captioners.check.bank.rules import Rules
from captioners.check.question import Question
from captioners.evidence import Evidence

Asker = Callable[[Subject], Iterator[Question]]

ASKERS: Mapping[str, Asker] = MappingProxyType(
    {
        "duration": picture.duration,
        "light": picture.light,
        "colours": picture.colours,
        "camera": picture.camera,
        "movement": picture.movement,
        "drift": picture.drift,
        "shares": picture.shares,
        "texts": texts.texts,
        "speech": speech.speech,
        "turns": turns.turns,
        "events": sounds.events,
        "music": sounds.music,
        "silence": sounds.silence,
        "order": order.order,
    }
)


def questions(evidence: Evidence, rules: Rules) -> tuple[Question, ...]:
    """Every question that the rows of this clip answer."""
    subject = Subject(evidence, rules)
    return tuple(question for ask in ASKERS.values() for question in ask(subject))
