"""What a person writes as TOML, held against the dataclass that it is to become."""

import dataclasses
import tomllib
import types
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from curate.errors import RecipeError, meant


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """A file as plain data; RecipeError says that `what` cannot be read, or is no TOML."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise RecipeError(f"the {what} {path} is not UTF-8 text: {error}") from error
    except OSError as error:
        raise RecipeError(f"the {what} {path} cannot be read: {error.strerror}") from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{path} is not TOML: {error}") from error


def mistakes(error: ValidationError) -> list[str]:
    """A line for each value that cannot be."""
    return [f"{'.'.join(map(str, e['loc']))}: {_said(e)}" for e in error.errors()]


def _said(error: ErrorDetails) -> str:
    if error["type"] == "missing":
        return "has to be given"
    said = 'Input should be a list, as in ["a"]' if error["type"] == "tuple_type" else error["msg"]
    return f"{said} (got {error['input']!r})"


def refused(name: str, wrong: Sequence[str]) -> RecipeError:
    """The error that tells of all mistakes at once."""
    return RecipeError(f"{name} has {len(wrong)} mistake(s):\n" + "\n".join(f"  {line}" for line in wrong))


def _dataclass_in(hint: object) -> type | None:
    if dataclasses.is_dataclass(hint):
        return cast(type, hint)
    if get_origin(hint) in (Union, types.UnionType, tuple, list):
        return next((found for arg in get_args(hint) if (found := _dataclass_in(arg))), None)
    return None


def unknown(cls: type, data: object, where: str = "") -> Iterator[str]:
    """A line for each key that no field has."""
    if isinstance(data, list | tuple):
        for item in data:
            yield from unknown(cls, item, where)
    if not isinstance(data, Mapping):
        return
    hints = get_type_hints(cls)
    names = [f.name for f in dataclasses.fields(cls) if f.repr]  # what does not show, such as a secret, is no key
    for key, value in data.items():
        if key not in names:
            yield f"{where}{key}: unknown key; {meant(key, names)}"
        elif inner := _dataclass_in(hints[key]):
            yield from unknown(inner, value, f"{where}{key}.")
