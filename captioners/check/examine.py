"""One caption examined: asked all questions, and its statements held against the evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from captioners.check.bank import Rules, questions
from captioners.check.bank.asking import Subject
from captioners.check.judge import Court, Finding, judge, names
from captioners.check.question import Question, Reader, countable, right
from captioners.check.reader.read import read
from captioners.check.reader.sentences import sentences_verbatim
from captioners.evidence import Evidence
from captioners.record import Conflict
from schemas.caption import Axis, Caption, Claim, FailedQuestion

IS_SO = "Is this so: "
"""Asked of a statement that is contradicted."""
WHICH = "Which of the two is so?"
"""Asked where two sources of a caption do not agree."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked of the captions of one clip; `seen`: what one who sees the clip got right of it, and what not."""

    questions: tuple[Question, ...]
    seen: Mapping[Question, bool] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Answered:
    """A question, and what the reader made of it; `seen`: whether one who sees the clip got it right, if asked."""

    question: Question
    answer: str | None
    seen: bool | None = None

    @property
    def right(self) -> bool:
        return self.answer is not None and right(self.question, self.answer)


@dataclass(frozen=True, slots=True)
class Examination:
    """All answers, and what became of each statement: the claims, and the sentences that are no claim's."""

    answers: tuple[Answered, ...]
    claims: tuple[tuple[Claim, Finding], ...]
    strays: tuple[tuple[str, Finding], ...]

    def found(self, finding: Finding) -> int:
        """How many statements came out so."""
        return sum(each == finding for _, each in (*self.claims, *self.strays))


def examine(
    caption: Caption, evidence: Evidence, reader: Reader, rules: Rules, asking: Asking | None = None
) -> Examination:
    """Ask what the evidence answers of the dense prose; judge every statement of the caption."""
    asked = asking or Asking(questions(evidence, rules))
    return examination(answered(caption, asked, reader), caption, evidence, rules)


def answered(caption: Caption, asking: Asking, reader: Reader) -> tuple[Answered, ...]:
    """What a reader answers from the dense prose, of what it reads and does not guess."""
    asked = countable(asking.questions, reader)
    return tuple(Answered(one, reader.answer(caption.dense, one), asking.seen.get(one)) for one in asked)


def examination(
    answers: tuple[Answered, ...],
    caption: Caption,
    evidence: Evidence,
    rules: Rules,
    found: Mapping[str, Finding] = MappingProxyType({}),
) -> Examination:
    """The answers of whichever reader, and every statement judged.

    `found` is what one who sees the clip says of claims, by their ids; it is heard where the evidence is silent.
    """
    court = court_of(caption, evidence, rules)
    claims = tuple((claim, _of_both(judge(court, claim.text), found.get(claim.claim_id))) for claim in caption.claims)
    told = {claim.text for claim in caption.claims}
    strays = tuple((text, judge(court, text)) for text in sentences_verbatim(caption.dense) if text not in told)
    return Examination(answers, claims, strays)


def court_of(caption: Caption, evidence: Evidence, rules: Rules) -> Court:
    """Where the statements of a caption are judged."""
    return Court(Subject(evidence, rules), read(caption.dense, names(evidence)))


def _of_both(measured: Finding, seen: Finding | None) -> Finding:
    return seen if measured == "unverifiable" and seen is not None else measured


def axes(answers: tuple[Answered, ...]) -> tuple[Axis, ...]:
    """How each axis did, in the order in which they were asked."""
    names = dict.fromkeys(each.question.axis for each in answers)
    return tuple(_axis(name, [each for each in answers if each.question.axis == name]) for name in names)


def _axis(name: str, answers: list[Answered]) -> Axis:
    answered = [each for each in answers if each.answer is not None]
    good = sum(each.right for each in answered)
    seen = [each for each in answers if each.seen is not None]
    by_both = sum(bool(each.seen) for each in seen), sum(each.right for each in seen)
    return Axis(name, len(answers), len(answered), good, len(answered) - good, len(seen), *by_both)


def failed(examination: Examination, evidence: Evidence) -> tuple[FailedQuestion, ...]:
    """What an annotator must look at: questions not answered right, and contradicted statements."""
    rows = [
        FailedQuestion(q.axis, q.text, q.start_us, q.end_us, q.truth, each.answer, q.evidence)
        for each in examination.answers
        if not each.right
        for q in (each.question,)
    ]
    for claim, finding in examination.claims:
        if finding == "contradicted":
            rows.append(_untrue(claim.facet, claim.text, claim.start_us, claim.end_us, claim.evidence))
    clip = evidence.clip
    for text, finding in examination.strays:
        if finding == "contradicted":
            rows.append(_untrue("prose", text, clip.start_us, clip.end_us, ()))
    return tuple(rows)


def disputed(conflicts: tuple[Conflict, ...], evidence: Evidence) -> tuple[FailedQuestion, ...]:
    """What the sources of a caption could not agree on: the truth is what was held, the answer what was disputed."""
    rows = []
    for conflict in conflicts:
        span, clip = conflict.basis.span, evidence.clip
        start_us, end_us = (span.start_us, span.end_us) if span else (clip.start_us, clip.end_us)
        rows.append(
            FailedQuestion(
                conflict.facet,
                WHICH,
                start_us,
                end_us,
                conflict.held,
                conflict.disputed,
                conflict.basis.evidence,
            )
        )
    return tuple(rows)


def _untrue(axis: str, text: str, start_us: int, end_us: int, rows: tuple[str, ...]) -> FailedQuestion:
    return FailedQuestion(axis, f"{IS_SO}{text}", start_us, end_us, "no", "yes", rows)
