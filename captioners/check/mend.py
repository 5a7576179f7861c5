"""What a captioner answers when it is asked again, and the edits of the record that follow from it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from captioners.check.complaint import Complaint
from captioners.record import Basis, Span
from captioners.revision import Add, Change, Drop, Edit
from captioners.seeing.answer import LEEWAY_S, Wrong
from captioners.seeing.window import Window
from schemas.clip import Clip

MOST_CHARS = 400
_TEXT = {"anyOf": [{"type": "string", "minLength": 1, "maxLength": MOST_CHARS}, {"type": "null"}]}
_TIME = {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1e6}, {"type": "null"}]}
_FLAG = {"anyOf": [{"type": "boolean"}, {"type": "null"}]}
_SENTENCE = {"sentence": _TEXT, "start_s": _TIME, "end_s": _TIME, "sure": _FLAG}
_ASKED: Mapping[str, Mapping[str, object]] = {
    "question": _SENTENCE,
    "claim": {"so": _FLAG, **_SENTENCE},
    "conflict": {"which": {"enum": [1, 2, None]}},
}
"""What is answered of each kind, beside whether it can be told."""


class Settled(BaseModel):
    """The answer to one complaint; what its kind does not have is None."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_strip_whitespace=True)
    can_tell: bool
    so: bool | None = None
    which: Annotated[int, Field(ge=1, le=2)] | None = None
    sentence: Annotated[str, Field(min_length=1, max_length=MOST_CHARS)] | None = None
    start_s: Annotated[float, Field(ge=0, le=1e6)] | None = None
    end_s: Annotated[float, Field(ge=0, le=1e6)] | None = None
    sure: bool | None = None


def schema(asked: Sequence[Complaint], still: bool) -> str:
    """The JSON schema of the answers to some complaints: q1, q2, ..."""
    items: dict[str, Any] = {}
    for at, one in enumerate(asked, 1):
        own = {name: body for name, body in _ASKED[one.kind].items() if not (still and name in {"start_s", "end_s"})}
        properties = {"can_tell": {"type": "boolean"}, **own}
        items[f"q{at}"] = {
            "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False,
        }  # fmt: skip
    tree = {"type": "object", "properties": items, "required": list(items), "additionalProperties": False}
    return json.dumps(tree, separators=(",", ":"))


def read(text: str, asked: Sequence[Complaint], clip: Clip, window: Window) -> tuple[Settled, ...]:
    """The answers in a model's words; Wrong where they are none, or not of the window."""
    names = [f"q{at}" for at in range(1, len(asked) + 1)]
    try:
        said = json.loads(text, strict=False)
        if not isinstance(said, dict) or set(said) != set(names):
            raise Wrong(f"it must have the keys {', '.join(names)} and no other")
        answers = tuple(Settled.model_validate(said[name]) for name in names)
    except ValidationError as error:
        raise Wrong("; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:5])) from error
    except ValueError as error:
        raise Wrong(f"it is not JSON: {error}") from error
    faults = [
        f"{name}: {fault}"
        for name, one, answer in zip(names, asked, answers, strict=True)
        if answer.can_tell and (fault := _fault(one, answer, clip, window))
    ]
    if faults:
        raise Wrong("; ".join(faults[:5]))
    return answers


def _fault(one: Complaint, answer: Settled, clip: Clip, window: Window) -> str | None:
    if one.kind == "question" and answer.sentence is None:
        return "it can be told, and no sentence tells it"
    if one.kind == "claim" and answer.so is None:
        return "it can be told, and so is null"
    if answer.sentence is None or clip.still or answer.so:
        return None
    if answer.start_s is None or answer.end_s is None or answer.end_s < answer.start_s:
        return f"start_s and end_s are no span: {answer.start_s} to {answer.end_s}"
    first, last = ((at_us - clip.start_us) / 1e6 for at_us in (window.start_us, window.end_us))
    if answer.start_s < first - LEEWAY_S or answer.end_s > last + LEEWAY_S:
        return f"{answer.start_s:g} s to {answer.end_s:g} s is not within {first:.2f} s to {last:.2f} s"
    return None


@dataclass(frozen=True, slots=True)
class Mending:
    """What follows from the answers about one caption: edits of its claims, and conflicts that are settled."""

    edits: tuple[Edit, ...]
    settled: frozenset[int]


def mending(
    answers: Sequence[tuple[Complaint, Settled]], clip: Clip, evidence: tuple[str, ...], told: frozenset[str]
) -> Mending:
    """`evidence` is what the model was shown; a sentence that is `told` already, or twice, is not added."""
    edits: dict[object, Edit] = {}
    for one, answer in answers:
        for edit in _edits(one, answer, clip, evidence):
            if not isinstance(edit, Add):
                edits[edit.claim] = edit
            elif edit.text not in told:
                edits.setdefault(edit.text, edit)
    held = (one.number for one, answer in answers if one.kind == "conflict" and _upholds(one, answer))
    return Mending(tuple(edits.values()), frozenset(number for number in held if number is not None))


def _upholds(one: Complaint, answer: Settled) -> bool:
    return answer.can_tell and answer.which is not None and answer.which == one.held


def _edits(one: Complaint, answer: Settled, clip: Clip, evidence: tuple[str, ...]) -> Iterator[Edit]:
    if not answer.can_tell:
        return
    if one.kind == "question" and answer.sentence:
        yield Add(one.facet, answer.sentence, _basis(one, answer, clip, evidence))
    if one.kind == "claim" and answer.so is False and one.number is not None:
        if answer.sentence:
            yield Change(one.number, answer.sentence, _basis(one, answer, clip, evidence))
        else:
            yield Drop(one.number)


def _basis(one: Complaint, answer: Settled, clip: Clip, evidence: tuple[str, ...]) -> Basis:
    start_us, end_us = one.start_us, one.end_us
    if answer.start_s is not None and answer.end_s is not None:
        start_us, end_us = (clip.start_us + round(at_s * 1e6) for at_s in (answer.start_s, answer.end_s))
    span = Span(start_us=start_us, end_us=max(start_us, end_us))
    return Basis(span=span, evidence=evidence, origin="vlm", uncertain=not answer.sure)
