"""Prose cut into sentences, with quotations set aside so that quoted words are not read as the author's own."""

import re
from dataclasses import dataclass

_QUOTE = re.compile(r'"([^"]+)"|“([^”]+)”|«([^»]+)»|‹([^›]+)›|「([^」]+)」|(?<!\w)\'([^\']+)\'(?!\w)|‘([^’]+)’(?!\w)')
_MARK = "\ue000"  # stands for one quotation, from the private use area: no prose holds it
_END = re.compile(rf"(?<=[.!?])\s+(?=[A-Z0-9{_MARK}(])|(?<=[.!?]{_MARK})\s+(?=[A-Z])|\n+")


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation and where its mark stands in the sentence."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in lower case, one mark for each quotation; `plain` keeps the case."""

    plain: str
    quotes: tuple[Quote, ...]

    @property
    def text(self) -> str:
        return self.plain.lower()


def sentences(prose: str) -> list[Sentence]:
    """The sentences of a prose. A full stop inside a number or a quotation ends nothing."""
    quoted: list[str] = []

    def aside(match: re.Match[str]) -> str:
        text = next(group for group in match.groups() if group is not None)
        quoted.append(text)
        closing = "." if text.rstrip().endswith((".", "!", "?")) and _sentence_ends(prose, match.end()) else ""
        return f"{_MARK}{closing}"

    masked = _QUOTE.sub(aside, prose.replace(_MARK, " "))
    result, used = [], 0
    for part in _END.split(masked):
        marks = [match.start() for match in re.finditer(_MARK, part)]
        quotes = tuple(Quote(quoted[used + i], at) for i, at in enumerate(marks))
        used += len(marks)
        if part.strip():
            result.append(Sentence(part, quotes))
    return result


def _sentence_ends(prose: str, at: int) -> bool:
    return re.match(r"\s+[A-Z]|\s*$", prose[at:]) is not None
