"""Prose cut into sentences, with quotations set aside so that quoted words are not read as the author's own."""

import re
from dataclasses import dataclass

QUOTE = re.compile(r'"([^"]+)"|“([^”]+)”|«([^»]+)»|‹([^›]+)›|「([^」]+)」|(?<!\w)\'([^\']+)\'(?!\w)|‘([^’]+)’(?!\w)')
_MARK = "\ue000"  # stands for one quotation, from the private use area: no prose holds it
_CLOSE = "\ue001"  # stands after a quotation that ends its sentence
_END = re.compile(rf"(?<=[.!?])\s+(?=[A-Z0-9{_MARK}(])|(?<={_CLOSE})\s+|\n+")
LONGEST = 4000  # characters


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
        lowered = self.plain.lower()
        return lowered if len(lowered) == len(self.plain) else "".join(_lower(letter) for letter in self.plain)


def sentences(prose: str) -> list[Sentence]:
    """The sentences of a prose. A full stop inside a number or a quotation ends nothing."""
    masked, quoted, _ = _masked(prose)
    result, used = [], 0
    for piece in (piece for part in _END.split(masked) for piece in _pieces(part)):
        part = piece.replace(_CLOSE, "")
        marks = [match.start() for match in re.finditer(_MARK, part)]
        quotes = tuple(Quote(quoted[used + i], at) for i, at in enumerate(marks))
        used += len(marks)
        if part.strip():
            result.append(Sentence(part, quotes))
    return result


def _pieces(part: str) -> list[str]:
    """A sentence without end, as a decoder in a loop writes it, cut at blanks: reading takes the square of a length."""
    return re.findall(rf".{{1,{LONGEST}}}(?:\s+|$)|\S{{{LONGEST}}}|.+", part, re.DOTALL)


def sentences_verbatim(prose: str) -> list[str]:
    """The sentences of a prose as they stand in it, quotations and all."""
    masked, _, whole = _masked(prose)
    replaced = iter(whole)
    parts = [re.sub(_MARK, lambda _: next(replaced), part) for part in _END.split(masked)]
    return [part.replace(_CLOSE, "").strip() for part in parts if part.strip(f" {_CLOSE}")]


def _masked(prose: str) -> tuple[str, list[str], list[str]]:
    """The prose with a mark for each quotation, the quoted texts, and the quotations with their marks."""
    prose = prose.replace(_MARK, " ")
    quoted: list[str] = []
    whole: list[str] = []

    def aside(match: re.Match[str]) -> str:
        text = next(group for group in match.groups() if group is not None)
        quoted.append(text)
        whole.append(match.group(0))
        closing = _CLOSE if text.rstrip().endswith((".", "!", "?")) and _sentence_ends(prose, match.end()) else ""
        return f"{_MARK}{closing}"

    return QUOTE.sub(aside, prose), quoted, whole


def _lower(letter: str) -> str:
    """A letter in lower case where that is one letter too: places must stay where they are."""
    return letter.lower() if len(letter.lower()) == 1 else letter


def _sentence_ends(prose: str, at: int) -> bool:
    return re.match(r"\s+[A-Z]|\s*$", prose[at:]) is not None
