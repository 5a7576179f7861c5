"""The examples of a document: its fenced blocks, by the language that they are in.

A block of `sh` or `python` is an example: all of a document run, in order, in one folder. Commands in any other place,
indented or in a fence of another kind, are of machines that a test does not have: the command line parses them.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("captioners", "curate", "infra", "jobs", "schemas")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^ {4}.*$", re.MULTILINE)
_RETOLD = re.compile(r"^ *(?:\.venv/bin/)?retold (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Example:
    """One block. `line` is where it begins."""

    line: int
    language: str
    text: str


def documents() -> list[Path]:
    """All that is written for people."""
    rooms = (document for room in ROOMS for document in (ROOT / room).rglob("*.md"))
    return [*sorted(ROOT.glob("*.md")), *sorted(rooms)]


def relative(document: Path) -> str:
    return str(document.relative_to(ROOT))


def examples(document: Path) -> Iterator[Example]:
    """What of a document is run."""
    text = document.read_text("utf-8")
    for found in _FENCE.finditer(text):
        language, block = found.groups()
        if language in {"sh", "python"}:
            yield Example(text.count("\n", 0, found.start()) + 2, language, block)


def commands(block: str) -> Iterator[list[str]]:
    """The arguments of each line that calls `retold`, without the comment behind it."""
    for found in _RETOLD.finditer(block):
        yield shlex.split(found.group(1), comments=True)


def told(document: Path) -> Iterator[list[str]]:
    """All commands of a document, run or not."""
    text = document.read_text("utf-8")
    for block in (*(found.group(2) for found in _FENCE.finditer(text)), *_INDENTED.findall(text)):
        yield from commands(block)
