"""Links of documents lead to files, and to headings, that there are."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guides.examples import documents, relative

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def anchors(document: Path) -> set[str]:
    """How GitHub names the headings of a document."""
    headings = _HEADING.findall(document.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(document: Path) -> Iterator[str]:
    """The links of a document that lead nowhere; what is on the web is not asked for."""
    for link in _LINK.findall(document.read_text("utf-8")):
        path, _, anchor = link.partition("#")
        to = document.parent / path if path else document
        if "://" in link:
            continue
        if not to.exists() or (anchor and anchor not in anchors(to)):
            yield link


@pytest.mark.parametrize("document", documents(), ids=relative)
def test_links_lead_somewhere(document: Path) -> None:
    assert list(broken(document)) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("# A `[table]` here\n[a](two.md) [b](#a-table-here) [c](#b) [d](https://e.f)\n")
    assert list(broken(tmp_path / "one.md")) == ["two.md", "#b"]
