"""The reference of recipes, of tables and of keys, from the code that they are made of.

.venv/bin/python -m infra.guides.reference      # writes recipe.md, tables.md and keys.md beside this file
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import get_origin

from curate.score.metrics import METRICS
from curate.stage import OPERATIONAL
from infra.guides.documented import Documented, documented, parts
from infra.guides.keys import keys_md
from infra.guides.words import ARROW, TOML, optional, told_type, told_value
from jobs.recipe import Recipe, load
from jobs.road import road
from schemas.row import VOLATILE
from schemas.tables import TABLES, Table
from schemas.trace import Failure, Stamp, Trace

HERE = Path(__file__).parent
MADE = "<!-- Made by `.venv/bin/python -m infra.guides.reference`: change it in the code. -->\n"
FULL = HERE.parent / "recipes" / "models.toml"
BESIDE: Mapping[str, str] = {
    "sources": "`retold add`, and `run` where it is given sources",
    "ratings": "`rate` from `clips`, where a recipe names raters",
    "proxies": "`proxy` from `verdicts`, where a recipe asks; `retold review fill`",
    "reviews": "`retold review collect`",
    "embeddings": "`embed` from `captions`, where a recipe names a text encoder",
    "picks": "`pick`",
    "plans": "`plan`",
    "plan_records": "`plan`",
    "stages": "every job, once for each fingerprint",
    "recipes": "`run`, `retry` and the command of each job, where it is another than the last",
    "runs": "every job, once for each of its runs",
}
"""Who makes the tables that no job of `FULL` gives."""


def recipe_md() -> str:
    """All keys of a recipe."""
    tables = dict(_keys(Recipe, ""))
    home = {cls: where for where, cls in reversed(tables.items())}  # where a table that is in several places is told

    def link(cls: type) -> str:
        return f"[table](#{_anchor(home[cls])})"

    lines = [
        "# The keys of a recipe\n", MADE,
        "A recipe is TOML. A key has a default, is *absent* (None), or *must be given* where its table is there.",
        "*Nothing anew*: another value makes no row again; any other key makes anew what depends on it, beside the",
        "old rows. `retold recipe check FILE` names what is wrong with a recipe, `retold recipe render FILE` prints it",
        "with all defaults filled in, `retold recipe schema` is its JSON schema, for editors.\n",
        "## Of the recipe\n", *_listed(Recipe, link),
    ]  # fmt: skip
    for where, cls in tables.items():
        if home[cls] == where:
            also = ", ".join(f"`{other}`" for other, same in tables.items() if same is cls and other != where)
            lines += [f"## `{where}`\n", _told(cls), *([f"Also {also}.\n"] if also else []), *_listed(cls, link)]
    lines += [
        "## Metrics\n",
        "What `score.metrics` and `pick.bounds` name.\n",
        "| metric | what its value says |",
        "|---|---|",
    ]
    lines += [f"| `{name}` | {_cell(' '.join(_told(METRICS[name]).split()))} |" for name in METRICS]
    return "\n".join(lines) + "\n"


def tables_md() -> str:
    """All tables of a lake."""
    made = _makers()
    lines = [
        "# The tables of a lake\n", MADE,
        "Each is a Delta table at `LAKE/NAME`. Times are microseconds from the first presented frame of the media,",
        "spans are half-open, what is absent (None) is null. In a *volatile* column two runs of one work may differ.\n",
    ]  # fmt: skip
    lines += [f"- [`{name}`](#{name}): {made[name]}" for name in TABLES]
    for table in TABLES.values():
        lines += [f"\n## `{table.name}`\n", _told(table.row), f"Made by {made[table.name]}. {_keyed(table)}\n"]
        lines += _columns(table.row)
        for part in dict.fromkeys(part for field in documented(table.row) for part in _within(field.hint)):
            lines += [f"### `{table.name}`: {part.__name__}\n", _told(part), *_columns(part)]
    for envelope in (Trace, Failure, Stamp):
        lines += [f"\n## {envelope.__name__}\n", _told(envelope), *_columns(envelope)]
    return "\n".join(lines) + "\n"


def _keys(cls: type, where: str) -> Iterator[tuple[str, type]]:
    for field in documented(cls):
        for part in list(parts(field.hint))[:1]:
            name = f"{where}.{field.name}".lstrip(".")
            yield f"[[{name}]]" if get_origin(field.hint) is tuple else f"[{name}]", part
            yield from _keys(part, name)


def _within(hint: object) -> Iterator[type]:
    """The dataclasses in a column, theirs too."""
    for part in parts(hint):
        yield part
        for field in documented(part):
            yield from _within(field.hint)


def _listed(cls: type, link: Callable[[type], str]) -> Iterator[str]:
    yield "| key | type | default | |"
    yield "|---|---|---|---|"
    for field in documented(cls):
        said = [field.comment or _first_of(field.hint), "*nothing anew*" if field.metadata == OPERATIONAL else ""]
        told, default = told_type(field.hint, TOML, link), told_value(field.default)
        yield f"| `{field.name}` | {_cell(told)} | {_cell(default)} | {_cell('; '.join(filter(None, said)))} |"
    yield ""


def _first_of(hint: object) -> str:
    """The first sentence of what a table says of itself; the others stand where it is told."""
    sentences = [" ".join(_told(part).split()).partition(". ")[0].removesuffix(".") for part in parts(hint)]
    return sentences[0] if sentences else ""


def _columns(cls: type) -> Iterator[str]:
    yield "| column | type | |"
    yield "|---|---|---|"
    for field in documented(cls):
        if field.above:
            yield f"| | | **{_cell(field.above)}** |"
        said = [field.comment, "*volatile*" if field.metadata == VOLATILE else ""]
        yield f"| `{field.name}` | {_cell(_arrow(field))} | {_cell('; '.join(filter(None, said)))} |"
    yield ""


def _arrow(field: Documented) -> str:
    told = told_type(field.hint, ARROW, lambda part: part.__name__)
    return f"{told}, or null" if optional(field.hint) else told


def _makers() -> dict[str, str]:
    """Table -> who makes its rows."""
    made: dict[str, dict[str, None]] = {}
    for job in road(load(FULL)):
        made.setdefault(job.output, {})[f"`{job.stage.name}` from `{job.over}`"] = None
    return {name: "; ".join(made[name]) if name in made else BESIDE[name] for name in TABLES}


def _keyed(table: Table) -> str:
    key = ", ".join(f"`{column}`" for column in table.key)
    if table.envelope is None:
        return f"Key: {key}."
    name = table.envelope.__name__
    return f"Key: {key}. Beside its own, a row has the columns of [{name}](#{name.lower()})."


def _told(documented_: object) -> str:
    return f"{inspect.getdoc(documented_)}\n"


def _anchor(heading: str) -> str:
    return "".join(letter for letter in heading if letter not in "[.]")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "recipe.md": recipe_md,
    "tables.md": tables_md,
    "keys.md": partial(keys_md, MADE),
}

if __name__ == "__main__":
    for name, made in DOCUMENTS.items():
        (HERE / name).write_text(made(), "utf-8")
