"""Errors in what things are there: no tool sees them; they count where a model that saw the clip asks of them."""

from collections.abc import Iterator

from captioners import statements as say
from captioners.check.mutate.mutation import Broken, Edit, Victim
from captioners.check.question import Question, spoken
from captioners.record import Record, Subject


def missing_object(victim: Victim) -> Broken | None:
    """A thing is not told."""
    choices = [(told, question.axis) for _, told, question in _asked(victim)]
    if not choices:
        return None
    told, axis = victim.random.choice(choices)
    return (Edit(told, None),), axis


def wrong_number(victim: Victim) -> Broken | None:
    """Of a thing there are one or two more."""
    choices = [(item, told, question.axis) for item, told, question in _asked(victim) if question.kind == "count"]
    if not choices:
        return None
    item, told, axis = victim.random.choice(choices)
    more = (item.count or 1) + victim.random.choice([1, 2])
    new = say.subject(item.model_copy(update={"count": more}), _record(victim))
    return ((Edit(told, new),), axis) if new != told else None


def _record(victim: Victim) -> Record:
    return Record.model_validate_json(victim.row.caption.record)


def _asked(victim: Victim) -> Iterator[tuple[Subject, str, Question]]:
    """Things of the caption with their sentences, and the questions that are about them."""
    record = _record(victim)
    for item in record.subjects:
        told = say.subject(item, record)
        if told in victim.row.caption.dense:
            yield from ((item, told, one) for one in victim.questions if _about(one, item))


def _about(question: Question, item: Subject) -> bool:
    """Whether a question of one who sees names the thing."""
    if question.topic != "free" or question.axis != "subject":
        return False
    words = spoken(f"{question.text} {question.truth}")
    return any(word.startswith(head) for head in spoken(item.name)[-1:] for word in words)  # "dog": "dogs" too
