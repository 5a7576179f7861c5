"""The reference of recipes and tables says what the code says."""

from dataclasses import dataclass, field
from typing import Literal

import pytest

from curate.stage import operational
from infra.guides.documented import documented
from infra.guides.reference import DOCUMENTS, HERE
from infra.guides.words import TOML, told_type, told_value


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_reference_is_what_the_code_gives(name: str) -> None:
    assert (HERE / name).read_text("utf-8") == DOCUMENTS[name](), (
        "write it anew: .venv/bin/python -m infra.guides.reference"
    )


@dataclass(frozen=True)
class Inner:
    side_px: int = 8
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outer:
    # --- of the picture
    mode: Literal["near", "far"]  # how it is seen
    inner: Inner = Inner(side_px=2_000)
    level: float | None = operational(None)  # dBFS;
    last: bool = False
    """Whether nothing
    comes after it."""

    secret: str = field(default="", repr=False)


def test_a_field_is_told_with_its_comment_and_without_those_for_machines() -> None:
    mode, inner, level, last = documented(Outer)
    assert (mode.comment, mode.above) == ("how it is seen", "of the picture")
    assert (inner.comment, inner.above) == ("", None)
    assert (level.comment, last.comment) == ("dBFS;", "Whether nothing comes after it")


def test_every_key_of_a_recipe_is_told() -> None:
    rows = [line for line in DOCUMENTS["recipe.md"]().splitlines() if line.startswith("| `")]
    assert [row for row in rows if row.endswith("|  |")] == []


def test_defaults_are_told_as_toml_writes_them() -> None:
    told = [told_value(one.default) for one in documented(Outer)]
    assert told == ["*must be given*", "`{side_px = 2_000}`", "*absent*", "`false`"]
    assert told_value(Inner()) == ""


def test_types_are_told_in_words() -> None:
    told = [told_type(one.hint, TOML, lambda cls: cls.__name__) for one in documented(Outer)]
    assert told == ['`"near"` or `"far"`', "Inner", "float", "boolean"]
    assert told_type(tuple[tuple[int, int], ...], TOML, str) == "list of [integer, integer]"
    assert told_type(dict[str, float] | None, TOML, str) == "table of float by string"
