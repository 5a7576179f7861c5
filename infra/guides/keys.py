"""The keys of the annotators' page and its words, from the page's own tables."""

import re
from pathlib import Path

PAGES = Path(__file__).parents[2] / "curate" / "review" / "pages"
_BINDING = re.compile(r'bind\("(\w+)", \[(.*?)\], "\w+", "(.*?)"')
_PAIR = re.compile(r'^  \w+: \["(.*?)", "(.*?)"\],$', re.MULTILINE)


def keys_md(made: str) -> str:
    """Every key by what it is for, the letters of errors, and what belongs to which facet."""
    bindings = _BINDING.findall((PAGES / "bindings.js").read_text("utf-8"))
    lines = ["# The keys of the annotators' page\n", made, "`?` shows them on the page.\n"]
    for group in dict.fromkeys(group for group, _, _ in bindings):
        lines += [f"## {group}\n", "| key | what it does |", "|---|---|"]
        lines += [f"| {_keys(names)} | {does} |" for of, names, does in bindings if of == group]
        lines += [""]
    lines += ["## What is wrong: the letter after `W`\n", "| letter | kind of error |", "|---|---|"]
    lines += [f"| `{letter}` | {name} |" for letter, name in _PAIR.findall(_table("ERROR_KINDS"))]
    lines += ["", "## Facets\n", "| facet | what belongs to it |", "|---|---|"]
    lines += [f"| {name} | {words} |" for name, words in _PAIR.findall(_table("FACETS"))]
    return "\n".join(lines) + "\n"


def _table(name: str) -> str:
    """The text of one object of `words.js`."""
    return (PAGES / "words.js").read_text("utf-8").partition(f"export const {name} = {{")[2].partition("\n};")[0]


def _keys(names: str) -> str:
    return " or ".join(f"`{name}`" for name in re.findall(r'"(.*?)"', names))
