"""What a model answers: its own, smaller record, in seconds on the clock of the clip. It is held to a JSON schema.

Every key must be there, so that nothing is passed over; what cannot be seen is null or an empty list.
"""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from captioners.record import Move, Pace, Place, Travel

_STRICT = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
_LIST = 64
_CHARS = 400

Words = Annotated[str, Field(min_length=1, max_length=_CHARS)]
Prose = Annotated[str, Field(min_length=1, max_length=2000)]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Label = Annotated[str, Field(min_length=1, max_length=40)]
Seconds = Annotated[float, Field(ge=0, le=1e6)]


class Timed(BaseModel):
    """Something that holds from `start_s` to `end_s`; without times in a still. `sure`: it is plainly seen or heard."""

    model_config = _STRICT
    start_s: Seconds | None = None
    end_s: Seconds | None = None
    sure: bool = True


class SeenShot(Timed):
    framing: Words | None = None
    angle: Words | None = None
    lens: Words | None = None


class SeenSetting(Timed):
    place: Words | None = None
    depth: Words | None = None
    style: Words | None = None
    medium: Words | None = None


class SeenLight(Timed):
    source: Words | None = None
    direction: Words | None = None
    temperature: Words | None = None


class SeenCamera(Timed):
    move: Move | Travel
    pace: Pace | None = None


class SeenSubject(Timed):
    name: Name
    count: Annotated[int, Field(ge=1, le=1000)] | None = None
    looks: Words | None = None
    clothing: Words | None = None
    position: Words | None = None
    size: Words | None = None
    facing: Words | None = None


class SeenAction(Timed):
    actor: Name
    verb: Name
    target: Words | None = None
    direction: Words | None = None
    speed: Words | None = None
    contact: Words | None = None


class SeenText(Timed):
    text: Words
    fact: Name | None = None  # the fact that it was told as
    place: Place | None = None
    language: Name | None = None
    gloss: Words | None = None


class SeenOverlay(Timed):
    description: Words


class SeenSound(Timed):
    """`fact` is the fact that tells of the sound; None: the model heard it by itself."""

    label: Label
    fact: Name | None = None
    source: Words | None = None
    on_screen: bool | None = None


class SeenSpeech(Timed):
    text: Words | None = None
    fact: Name | None = None
    speaker: Words | None = None
    manner: Words | None = None
    language: Name | None = None
    gloss: Words | None = None


class HeardMusic(Timed):
    fact: Name | None = None
    instruments: Words | None = None
    vocals: Words | None = None
    style: Words | None = None


class Answer(BaseModel):
    """All that is said of one window, by one who sees, who hears, or who does both."""

    model_config = _STRICT
    shots: Annotated[tuple[SeenShot, ...], Field(max_length=_LIST)] = ()
    settings: Annotated[tuple[SeenSetting, ...], Field(max_length=8)] = ()
    lights: Annotated[tuple[SeenLight, ...], Field(max_length=8)] = ()
    colours: Annotated[tuple[Label, ...], Field(max_length=12)] = ()
    subjects: Annotated[tuple[SeenSubject, ...], Field(max_length=_LIST)] = ()
    actions: Annotated[tuple[SeenAction, ...], Field(max_length=_LIST)] = ()
    camera: Annotated[tuple[SeenCamera, ...], Field(max_length=16)] = ()
    texts: Annotated[tuple[SeenText, ...], Field(max_length=_LIST)] = ()
    overlays: Annotated[tuple[SeenOverlay, ...], Field(max_length=16)] = ()
    speech: Annotated[tuple[SeenSpeech, ...], Field(max_length=_LIST)] = ()
    sounds: Annotated[tuple[SeenSound, ...], Field(max_length=_LIST)] = ()
    music: Annotated[tuple[HeardMusic, ...], Field(max_length=16)] = ()
    ambience: Prose | None = None
    first_frame: Words | None = None
    last_frame: Words | None = None


TIMES = ("start_s", "end_s")
SEEN = (
    "shots", "settings", "lights", "colours", "subjects", "actions", "camera", "texts", "overlays", "first_frame",
    "last_frame",
)  # fmt: skip
"""What one who only hears is not asked."""
HEARD = ("music", "ambience")
"""What one who only sees is not asked; of speech and sounds it is asked who makes them."""
MOVING = ("camera", "actions", "speech", "sounds", "music", "ambience", "last_frame")
"""What a still has none of; what is done in it is told of its subjects."""
LEEWAY_S = 0.25
"""So far beyond its window a time may lie: it is then that of the edge."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may be said: items of a list, characters of a string. Less than the record holds."""

    items: int = 24  # of a list
    chars: int = 240  # of a string


class Wrong(Exception):
    """An answer that cannot be taken; the message says what is wrong with it, in words that a model understands."""


@dataclass(frozen=True, slots=True)
class Senses:
    """What a model takes in."""

    sees: bool = True
    hears: bool = False


@cache
def schema(still: bool, senses: Senses, bounds: Bounds) -> str:
    """The JSON schema of an answer. In a clip every item has its times, in a still none has."""
    tree = copy.deepcopy(Answer.model_json_schema())
    unasked = {*(MOVING if still else ()), *(() if senses.sees else SEEN), *(() if senses.hears else HEARD)}
    for name in unasked:
        del tree["properties"][name]
    for node in _nodes(tree):
        node.pop("title", None)
        node.pop("default", None)
        node.pop("description", None)
        if node.get("type") == "array":
            node["maxItems"] = min(node["maxItems"], bounds.items)
        if node.get("type") == "string" and "enum" not in node:
            node["maxLength"] = min(node["maxLength"], bounds.chars)
        if "properties" in node:
            _times(node["properties"], still)
            node["required"] = list(node["properties"])
    used = _used(tree)
    tree["$defs"] = {name: body for name, body in tree["$defs"].items() if name in used}
    return json.dumps(tree, separators=(",", ":"))


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every schema in a schema; a property that is called "title" is none."""
    if isinstance(tree, list):
        for item in tree:
            yield from _nodes(item)
    elif isinstance(tree, dict):
        yield tree
        for name, item in tree.items():
            inner = item.values() if name in {"properties", "$defs"} else [item]
            for body in inner:
                yield from _nodes(body)


def _times(properties: dict[str, Any], still: bool) -> None:
    for name in TIMES:
        if name not in properties:
            continue
        if still:
            del properties[name]
        else:
            properties[name] = {"type": "number", "minimum": 0, "maximum": 1e6}


def _used(tree: dict[str, Any]) -> set[str]:
    """Definitions that are referred to, from the answer itself or from one that is."""
    reached: set[str] = set()
    waiting: list[Any] = [{"properties": tree["properties"]}]
    while waiting:
        for node in _nodes(waiting.pop()):
            name = str(node.get("$ref", "")).rpartition("/")[2]
            if name and name not in reached:
                reached.add(name)
                waiting.append(tree["$defs"][name])
    return reached


@dataclass(frozen=True, slots=True)
class Terms:
    """What an answer must keep to: its window on the clock of the clip, whether the model hears, which facts it has."""

    still: bool
    window_s: tuple[float, float]
    senses: Senses
    facts: frozenset[str]


def read(text: str, terms: Terms) -> Answer:
    """The answer in a model's words; Wrong where it is not JSON, not of the schema, out of its window, or made up."""
    try:
        answer = Answer.model_validate(json.loads(text, strict=False))
    except ValueError as error:  # ValidationError is one
        raise Wrong(_said(error)) from error
    wrong = [line for name, item in _items(answer) for line in _faults(item, name, terms)]
    if wrong:
        raise Wrong("; ".join(wrong[:5]))
    return answer


def in_own_words(text: str) -> Answer:
    """The answer of a model that takes no words: what it says of the sound as a whole."""
    try:
        return Answer(ambience=" ".join(text.split()))
    except ValidationError as error:
        raise Wrong(_said(error)) from error


def _faults(item: Timed, name: str, terms: Terms) -> Iterator[str]:
    if not terms.still and (fault := _out_of(item, name, terms.window_s)):
        yield fault
    if isinstance(item, SeenText | SeenSound | SeenSpeech | HeardMusic):
        if item.fact is not None and item.fact not in terms.facts:
            yield f"{name}: no fact is called {item.fact!r}"
        if item.fact is None and not isinstance(item, SeenText) and not terms.senses.hears:
            yield f"{name}: you do not hear the clip; name the fact that tells of it, or leave it out"


def _items(answer: Answer) -> Iterator[tuple[str, Timed]]:
    for name in Answer.model_fields:
        value = getattr(answer, name)
        if isinstance(value, tuple):
            yield from ((f"{name}[{index}]", item) for index, item in enumerate(value) if isinstance(item, Timed))


def _out_of(item: Timed, name: str, window_s: tuple[float, float]) -> str | None:
    if item.start_s is None or item.end_s is None:
        return f"{name}: start_s and end_s are missing"
    if item.end_s < item.start_s:
        return f"{name}: it ends at {item.end_s:g} s, before it starts at {item.start_s:g} s"
    first, last = window_s
    if item.start_s < first - LEEWAY_S or item.end_s > last + LEEWAY_S:
        return f"{name}: {item.start_s:g} s to {item.end_s:g} s is not within {first:.2f} s to {last:.2f} s"
    return None


def _said(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        lines = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:5]]
        return "; ".join(lines)
    return f"it is not JSON: {error}"
