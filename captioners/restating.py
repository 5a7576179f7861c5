"""An item that says other words: found only where one of its fields, and nothing else, has to change for them."""

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

from captioners.claims import Place, lines
from captioners.phrase import stretch, when
from captioners.record import Absences, Record, Span, Utterance


def said_alone(item: Any, place: Place, record: Record) -> str:
    """The sentence of one item, as the claims of a record have it."""
    name, held = str(place[0]), item if len(place) == 1 else (item,)
    if name == "absences":
        held = Absences(**{str(place[1]): item})
    if len(place) == 4:  # a word is told after its utterance
        held = (Utterance(words=(item,), basis=item.basis),)
    alone: dict[str, Any] = {"start_us": record.start_us, "end_us": record.end_us, "still": record.still, name: held}
    return lines(Record(**alone))[1 if len(place) == 4 else 0].text


def restated(item: Any, place: Place, words: str, record: Record) -> Any | None:
    """The item whose sentence these words are; None where there is none, or more than one."""
    if not isinstance(item, BaseModel):
        return None
    before = said_alone(item, place, record)
    if _alike(before, words):
        return item
    found = [one for one in _candidates(item, before, words) if _alike(said_alone(one, place, record), words)]
    return found[0] if found and all(one == found[0] for one in found) else None


def retimed(words: str, before: Span | None, after: Span | None, record: Record) -> str:
    """Words in which the time of one span, as the house says it, is that of another."""
    if before is None or before == after:
        return words
    for tell in (stretch, when):
        words = words.replace(tell(before, record), tell(after, record), 1)
    return words


def _alike(one: str, other: str) -> bool:
    return " ".join(one.split()).rstrip(".") == " ".join(other.split()).rstrip(".")


def _candidates(item: BaseModel, before: str, after: str) -> Iterator[BaseModel]:
    """Copies of the item with one field changed."""
    for name, info in type(item).model_fields.items():
        value = getattr(item, name)
        choices = list(_choices(info.annotation))
        spliced = _spliced(value, before, after) if isinstance(value, str) and not choices else ()
        for other in (*choices, *spliced):
            try:
                yield type(item).model_validate({**dict(item), name: other})
            except ValidationError:
                continue


def _choices(hint: Any) -> Iterator[object]:
    if get_origin(hint) is Literal:
        yield from get_args(hint)
    else:
        for part in get_args(hint):
            yield from _choices(part)


def _spliced(value: str, before: str, after: str) -> Iterator[str]:
    """What stands in `after` where `value` stands in `before`, if all around it is the same."""
    at = before.lower().find(value.lower())
    while at >= 0:
        head, tail = before[:at], before[at + len(value) :]
        if after.startswith(head) and after.rstrip(".").endswith(tail.rstrip(".")) and len(after) > len(head):
            end = len(after.rstrip(".")) - len(tail.rstrip(".")) if tail.rstrip(".") else len(after.rstrip("."))
            if end > at:
                yield after[at:end]
        at = before.lower().find(value.lower(), at + 1)
