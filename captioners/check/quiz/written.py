"""What a model writes when it is asked for questions: the schema of its answer, and the questions in it."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from captioners.check.bank.asking import shuffled
from captioners.check.question import Question, plain, spoken
from captioners.check.sheet import NUMBER
from captioners.seeing.answer import LEEWAY_S, Senses, Wrong

_STRICT = ConfigDict(frozen=True, extra="forbid")
MOST = 24
"""Questions of a kind that are ever taken of one window."""

Axis = Literal[
    "subject", "action", "direction", "setting", "light", "colour", "camera", "text", "speech", "speaker", "event",
    "music", "overlay",
]  # fmt: skip
HEARD: tuple[Axis, ...] = ("event", "music")
"""What one who only sees does not ask about."""
MOVING: tuple[Axis, ...] = ("action", "direction", "camera", "speech", "speaker", "event", "music")
"""What a still has none of."""

Words = Annotated[str, Field(min_length=1, max_length=240)]
Short = Annotated[str, Field(min_length=1, max_length=80)]
Second = Annotated[str, Field(pattern=NUMBER)]


class _Asked(BaseModel):
    """A question about a part of the clip; without times in a still."""

    model_config = _STRICT
    axis: Axis
    start_s: Second | None = None
    end_s: Second | None = None


class Choice(_Asked):
    question: Words
    right: Short
    wrong: Annotated[tuple[Short, ...], Field(min_length=3, max_length=3)]


class Pair(_Asked):
    so: Words
    not_so: Words


class Count(_Asked):
    question: Words
    number: Annotated[int, Field(ge=0, le=1000)]


class Verbatim(_Asked):
    question: Words
    words: Short


class Order(_Asked):
    first: Short
    second: Short


class When(_Asked):
    question: Words
    at_s: Second


class Written(BaseModel):
    model_config = _STRICT
    choices: Annotated[tuple[Choice, ...], Field(max_length=MOST)] = ()
    pairs: Annotated[tuple[Pair, ...], Field(max_length=MOST)] = ()
    counts: Annotated[tuple[Count, ...], Field(max_length=MOST)] = ()
    words: Annotated[tuple[Verbatim, ...], Field(max_length=MOST)] = ()
    orders: Annotated[tuple[Order, ...], Field(max_length=MOST)] = ()
    times: Annotated[tuple[When, ...], Field(max_length=MOST)] = ()


IN_TIME = ("orders", "times")
"""Lists that a still has none of."""
TIMES = ("start_s", "end_s")


@cache
def schema(still: bool, senses: Senses, most: int) -> str:
    """The JSON schema of what is written, with at most so many questions of a kind."""
    tree = copy.deepcopy(Written.model_json_schema())
    axes = [axis for axis in Axis.__args__ if _asked(axis, still, senses)]  # type: ignore[attr-defined]
    for name in IN_TIME if still else ():
        del tree["properties"][name]
        del tree["$defs"][{"orders": "Order", "times": "When"}[name]]
    for body in tree["$defs"].values():
        properties: dict[str, Any] = body["properties"]
        properties["axis"] = {"enum": axes}
        for name in TIMES:
            properties[name] = {"type": "string", "pattern": NUMBER}
            if still:
                del properties[name]
        body["required"] = list(properties)
    for node in (tree, *tree["$defs"].values()):
        node.pop("title", None)
        node.pop("description", None)
        for body in node["properties"].values():
            body.pop("title", None)
    for body in tree["properties"].values():
        body.pop("default", None)
        body["maxItems"] = most
    tree["required"] = list(tree["properties"])
    return json.dumps(tree, separators=(",", ":"))


def _asked(axis: Axis, still: bool, senses: Senses) -> bool:
    return not (still and axis in MOVING) and not (not senses.hears and axis in HEARD)


@dataclass(frozen=True, slots=True)
class Terms:
    """The window that was shown, in seconds on the clock of the clip, and when that begins in the media."""

    still: bool
    window_s: tuple[float, float]
    clip_start_us: int
    span_us: tuple[int, int]
    alone: bool  # whether the window is all of the clip
    time_s: float  # by which a time may be off


Group = tuple[Question, ...]
"""A question, or two in contrast."""


def read(text: str, terms: Terms) -> tuple[Group, ...]:
    """The questions in a model's words; Wrong where they are not JSON, not of the schema, or no questions."""
    try:
        written = Written.model_validate(json.loads(text, strict=False))
    except ValidationError as error:
        lines = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:5])
        raise Wrong("; ".join(lines)) from error
    except ValueError as error:
        raise Wrong(f"it is not JSON: {error}") from error
    wrong = [line for name, item in _items(written) for line in _faults(item, name, terms)]
    if wrong:
        raise Wrong("; ".join(wrong[:5]))
    return tuple(_group(item, terms) for _, item in _items(written) if not _wordless(item))


Item = Choice | Pair | Count | Verbatim | Order | When


def _wordless(item: Item) -> bool:
    """Whether what is to be told word for word has no word: any answer without one would be right."""
    return isinstance(item, Verbatim) and not spoken(item.words)


def _items(written: Written) -> Iterator[tuple[str, Item]]:
    for name in Written.model_fields:
        yield from ((f"{name}[{at}]", item) for at, item in enumerate(getattr(written, name)))


def _faults(item: Item, name: str, terms: Terms) -> Iterator[str]:
    if terms.still and isinstance(item, Order | When):
        yield f"{name}: a picture has no times"
    if not terms.still:
        yield from _out_of(item, name, terms.window_s)
    match item:
        case Choice(right=right, wrong=wrong) if len({plain(one) for one in (right, *wrong)}) < len(wrong) + 1:
            yield f"{name}: two of its answers are the same"
        case Pair(so=so, not_so=not_so) if plain(so) == plain(not_so):
            yield f"{name}: both questions are the same"
        case Order(first=first, second=second) if plain(first) == plain(second):
            yield f"{name}: both things are the same"


def _out_of(item: Item, name: str, window_s: tuple[float, float]) -> Iterator[str]:
    if item.start_s is None or item.end_s is None:
        yield f"{name}: start_s and end_s are missing"
        return
    first, last = window_s
    times = {"start_s": item.start_s, "end_s": item.end_s, **({"at_s": item.at_s} if isinstance(item, When) else {})}
    for key, said in times.items():
        if not first - LEEWAY_S <= float(said) <= last + LEEWAY_S:
            yield f"{name}.{key}: {said} s is not within {first:.2f} s to {last:.2f} s"
    if float(item.end_s) < float(item.start_s):
        yield f"{name}: it ends at {item.end_s} s, before it starts at {item.start_s} s"


def _group(item: Item, terms: Terms) -> Group:
    ask = _asker(item, terms)
    match item:
        case Choice():
            return (ask("choice", item.question, item.right, options=(item.right, *item.wrong)),)
        case Pair():
            options = ("yes", "no")
            return (ask("yes_no", item.so, "yes", options=options), ask("yes_no", item.not_so, "no", options=options))
        case Count():
            return (ask("count", item.question, str(item.number)),)
        case Verbatim():
            return (ask("verbatim", item.question, item.words),)
        case When():
            return (ask("time", item.question, f"{float(item.at_s):.2f}", tolerance=terms.time_s),)
        case Order():
            both = (item.first, item.second)
            named = "{}, or {}?".format(*shuffled("order", both))  # their places in the question say nothing of it
            return (
                ask("order", f"Which comes first: {named}", item.first, axis="order", about=both, options=both),
                ask("order", f"Which comes later: {named}", item.second, axis="order", about=both, options=both),
            )


def _asker(item: Item, terms: Terms) -> Callable[..., Question]:
    """Questions about the part that an item is about; where the clip has more windows, the text says which it is."""
    first, last = terms.window_s
    where = "" if terms.alone else f"Between {first:.2f} s and {last:.2f} s: "
    start_us, end_us = terms.span_us
    if item.start_s is not None and item.end_s is not None:
        said = [terms.clip_start_us + round(float(at) * 1e6) for at in (item.start_s, item.end_s)]
        start_us, end_us = (min(max(at, terms.span_us[0]), terms.span_us[1]) for at in said)

    def ask(
        kind: Any,
        text: str,
        truth: str,
        *,
        axis: str = item.axis,
        about: tuple[str, ...] = (),
        options: tuple[str, ...] = (),
        tolerance: float | None = None,
    ) -> Question:
        return Question(
            axis, kind, "free", f"{where}{text}", truth, start_us, end_us, ("frames",), about, options, tolerance
        )

    return ask
