"""Types and values in the words of whoever writes a recipe or reads a table."""

import dataclasses
import json
import types
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from schemas.row import F32List, I64List

TOML: Mapping[object, str] = {str: "string", int: "integer", float: "float", bool: "boolean"}
ARROW: Mapping[object, str] = {
    str: "string", int: "int64", float: "float64", bool: "bool", bytes: "binary",
    I64List: "list of int64", F32List: "list of float32",
}  # fmt: skip
_BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "min_length": "length ≥"}
_LONGEST = 12  # of an array that is written out


def told_type(hint: object, scalars: Mapping[object, str], link: Callable[[type], str]) -> str:
    """A type in words: scalars by name, dataclasses as links."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in scalars or origin is None:
        return scalars.get(hint) or link(cast(type, hint))
    if origin is Annotated:
        return told_type(arguments[0], scalars, link) + "".join(map(_bounds, arguments[1:]))
    if origin is Literal:
        return " or ".join(f"`{json.dumps(value)}`" for value in arguments)
    words = [told_type(argument, scalars, link) for argument in arguments if argument not in (type(None), ...)]
    if origin in (Union, types.UnionType):
        return " or ".join(words)
    if origin is tuple:
        return f"list of {words[0]}" if ... in arguments else f"[{', '.join(words)}]"
    return f"table of {words[1]} by {words[0]}"


def optional(hint: object) -> bool:
    """Whether a value may be absent."""
    return type(None) in get_args(hint)


def told_value(value: object) -> str:
    """A value as TOML writes it; of a dataclass, what differs from its own defaults, and nothing where nothing does."""
    if value is None:
        return "*absent*"
    if value is dataclasses.MISSING:
        return "*must be given*"
    if isinstance(value, tuple) and len(value) > _LONGEST:
        return f"{len(value)} values: `retold recipe render`"
    told = _toml(value)
    return f"`{told}`" if told else ""


def _toml(value: Any) -> str:
    if dataclasses.is_dataclass(value):
        other = [(one.name, getattr(value, one.name)) for one in dataclasses.fields(value) if one.repr]
        usual = {one.name: default_of(one) for one in dataclasses.fields(value)}
        told = [f"{name} = {_toml(mine)}" for name, mine in other if mine != usual[name]]
        return f"{{{', '.join(told)}}}" if told else ""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value) if isinstance(value, bool) or not isinstance(value, int) else f"{value:_}"


def default_of(field: "dataclasses.Field[Any]") -> Any:
    """The default of a field; `dataclasses.MISSING` where it has none."""
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def _bounds(said: Any) -> str:
    """What pydantic asks of a value, as ", ≥ 1"."""
    rules = [*getattr(said, "metadata", ())]
    return "".join(
        f", {sign} {getattr(rule, key)}" for rule in rules for key, sign in _BOUNDS.items() if hasattr(rule, key)
    )
