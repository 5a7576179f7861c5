"""What a mutation works on, and what it gives."""

import dataclasses
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from random import Random

from captioners.check.bank import Rules
from captioners.check.bank.asking import Subject
from captioners.check.judge import names
from captioners.check.question import Question, Reader, Topic
from captioners.check.quiz.rows import asking
from captioners.check.reader.answer import ProseReader
from captioners.check.reader.read import read
from captioners.check.reader.said import Said, SaidTopic
from captioners.check.reader.sentences import QUOTE, sentences_verbatim
from captioners.evidence import CaptionedEvidence
from schemas.caption import Caption


@dataclass(frozen=True, slots=True)
class Edit:
    """A sentence of the prose and what stands in its place; None: nothing. Without `old`, `new` is added at the end."""

    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Mutant:
    """A caption with an error, and the axis on which it must show."""

    caption: Caption
    axis: str


@dataclass(frozen=True)
class Victim:
    """A caption that is about to be broken, and who will read it then."""

    row: CaptionedEvidence
    rules: Rules
    random: Random
    reader: Reader = field(default_factory=ProseReader)

    @cached_property
    def it(self) -> Subject:
        return Subject(self.row.evidence, self.rules)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """What is asked of this clip and can be read: an error elsewhere is one that nobody here can see."""
        every = asking(self.row.evidence, self.rules, self.row.questions).questions
        return tuple(filter(self.reader.reads, every))

    @cached_property
    def asked(self) -> frozenset[tuple[Topic, tuple[str, ...]]]:
        """The questions by their topics."""
        return frozenset((question.topic, question.about) for question in self.questions)

    def asks(self, *topics: Topic) -> bool:
        """Whether anything of these topics is asked."""
        return any(topic in topics for topic, _ in self.asked)

    def saying(self, topic: SaidTopic) -> Iterator[tuple[str, Said]]:
        """The sentences that say, without doubt, that something of this topic is there."""
        for sentence in sentences_verbatim(self.row.caption.dense):
            if re.search(r"uncertain|possibl|perhaps|maybe", sentence):
                continue
            for said in read(sentence, names(self.row.evidence)).said:
                if said.topic == topic and not said.absent and not said.other:
                    yield sentence, said
                    break


Broken = tuple[tuple[Edit, ...], str]
"""The edits and the axis on which they must show."""

Mutation = Callable[[Victim], Broken | None]


def broken(victim: Victim, mutation: Mutation) -> Mutant | None:
    """The caption with the mutation's edits in its prose and in the claims of the same words."""
    found = mutation(victim)
    if found is None:
        return None
    edits, axis = found
    caption = victim.row.caption
    for edit in edits:
        caption = _edited(caption, edit)
    return Mutant(caption, axis)


def _edited(caption: Caption, edit: Edit) -> Caption:
    if edit.old is None:
        return dataclasses.replace(caption, dense=f"{caption.dense} {edit.new}")
    dense = caption.dense.replace(edit.old, edit.new or "", 1).replace("  ", " ").strip()
    claims = []
    for claim in caption.claims:
        if claim.text != edit.old:
            claims.append(claim)
        elif edit.new is not None:
            claims.append(dataclasses.replace(claim, text=edit.new))
    return dataclasses.replace(caption, dense=dense, claims=tuple(claims))


def in_quotation(sentence: str, at: int) -> bool:
    """Whether a place lies between quotation marks."""
    return any(match.start() <= at < match.end() for match in QUOTE.finditer(sentence))


def replaced(sentence: str, pattern: str, new: str) -> str:
    """The sentence with the first match outside quotations replaced, capital kept."""
    for match in re.finditer(pattern, sentence, re.IGNORECASE):
        if not in_quotation(sentence, match.start()):
            word = new[:1].upper() + new[1:] if match.group(0)[:1].isupper() else new
            return sentence[: match.start()] + word + sentence[match.end() :]
    return sentence
