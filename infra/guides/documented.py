"""A dataclass as its readers see it: each field with its type, its default, and the comment beside it."""

import ast
import dataclasses
import inspect
import io
import textwrap
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import get_args, get_type_hints

from infra.guides.words import default_of

ABOVE = "---"
"""How a comment begins that stands above several fields and tells what they have in common."""


@dataclass(frozen=True, slots=True)
class Documented:
    """One field. `default` is `dataclasses.MISSING` where it has to be given."""

    name: str
    hint: object
    default: object
    comment: str
    above: str | None
    metadata: Mapping[str, object]


def documented(cls: type) -> Iterator[Documented]:
    """The fields of a dataclass, in order; what does not show itself, such as a secret, is left out."""
    hints, comments, above = get_type_hints(cls, include_extras=True), *_comments(cls)
    for one in dataclasses.fields(cls):
        if one.repr:
            yield Documented(
                one.name, hints[one.name], default_of(one), comments[one.name], above.get(one.name), one.metadata
            )


def parts(hint: object) -> Iterator[type]:
    """The dataclasses that a type is made of, outermost first."""
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        yield hint
    for argument in get_args(hint):
        yield from parts(argument)


def _comments(cls: type) -> tuple[dict[str, str], dict[str, str]]:
    """What is said beside or below each field, and what is said above some."""
    source = textwrap.dedent(inspect.getsource(cls))
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    said = {token.start[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT}
    beside, above = {}, {}
    (definition,) = ast.parse(source).body
    body = getattr(definition, "body", [])
    for node, below in zip_longest(body, body[1:]):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            lines = [said.get(line, "") for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)]
            words = [line for line in lines if line and not line.startswith(("noqa", "fmt"))]
            beside[node.target.id] = " ".join(words) or _said_below(below)
            if (over := said.get(node.lineno - 1, "")).startswith(ABOVE):
                above[node.target.id] = over.removeprefix(ABOVE).strip()
    return beside, above


def _said_below(node: ast.stmt | None) -> str:
    """The docstring of a field, in one line."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return " ".join(node.value.value.split()).removesuffix(".")
    return ""
