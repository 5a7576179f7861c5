"""The check of one caption: the blind and the deaf test, and its claims in reverse."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar

from captioners.check.bank import Rules
from captioners.check.examine import Answered, Asking, Examination, answered, axes, disputed, examination, failed
from captioners.check.quiz.rows import asking
from captioners.check.reader import ProseReader
from captioners.check.reader.model import ModelReader
from captioners.check.reading import Readings
from captioners.evidence import CaptionedEvidence
from captioners.prompt import AGAIN, prompt
from captioners.record import Record
from curate.stage import Run, each
from schemas.caption import PERSON, Caption, Status, Verdict


@dataclass(frozen=True, slots=True)
class Check:
    """Test a caption by its clip's evidence. A caption that nothing could be asked of is flagged, never passed.

    Shares are of all questions, 0..1; the others are counts.
    """

    min_coverage: float = 0.6  # of the questions, the share that the text answers
    max_contradiction: float = 0.0  # of the questions, the share that it answers otherwise than the evidence
    max_claims_contradicted: int = 0  # by the evidence
    max_conflicts: int = 0  # between the sources of one caption
    rules: Rules = field(default_factory=Rules)
    reader: ModelReader | None = None  # None: the embedded one, which reads no English
    name: ClassVar[str] = "check"
    version: ClassVar[int] = 3
    takes: ClassVar[type] = CaptionedEvidence
    gives: ClassVar[type] = Verdict

    @property
    def environment(self) -> str | None:
        """The kind of workers that it needs; None: those of the core."""
        return self.reader.model.environment if self.reader else None

    def keyed(self, key: str | None) -> "Check":
        """The same with the key that the servers of its reader want."""
        if self.reader is None:
            return self
        return replace(self, reader=replace(self.reader, model=self.reader.model.keyed(key)))

    def open(self) -> Run[CaptionedEvidence, Verdict]:
        embedded = ProseReader()

        def one(row: CaptionedEvidence) -> Iterator[Verdict]:
            asked = self.asked(row)
            yield self.judged(row, answered(row.caption, asked, embedded))

        if self.reader is None:
            return each(one)
        reader, engine, again = self.reader, self.reader.model.open(), prompt(AGAIN)
        return lambda rows: Readings(reader, again, self.asked, self.judged).of(rows, engine)

    def asked(self, row: CaptionedEvidence) -> Asking:
        """What a caption is asked, whoever reads it."""
        return asking(row.evidence, self.rules, row.questions)

    def judged(self, row: CaptionedEvidence, answers: tuple[Answered, ...]) -> Verdict:
        """The verdict that follows from what a reader answered."""
        said = {one.claim_id: one.finding for one in row.testimony.findings} if row.testimony else {}
        return self.verdict(row, examination(answers, row.caption, row.evidence, self.rules, said))

    def verdict(self, row: CaptionedEvidence, examination: Examination) -> Verdict:
        """The verdict of one examination under this policy."""
        found = axes(examination.answers)
        asked, answered = sum(axis.asked for axis in found), sum(axis.answered for axis in found)
        contradicted = sum(axis.contradicted for axis in found)
        coverage = answered / asked if asked else None
        contradiction = contradicted / asked if asked else None
        untrue = examination.found("contradicted")
        conflicts = Record.model_validate_json(row.caption.record).conflicts
        passes = untrue <= self.max_claims_contradicted and len(conflicts) <= self.max_conflicts
        return Verdict(
            caption_id=row.caption.caption_id,
            clip_id=row.caption.clip_id,
            status=_status(row.caption, passes and self._good(coverage, contradiction)),
            coverage=coverage,
            accuracy=(answered - contradicted) / answered if answered else None,
            contradiction=contradiction,
            claims_supported=examination.found("supported"),
            claims_contradicted=untrue,
            claims_unverifiable=examination.found("unverifiable"),
            axes=found,
            failed=(*failed(examination, row.evidence), *disputed(conflicts, row.evidence)),
        )

    def _good(self, coverage: float | None, contradiction: float | None) -> bool:
        if coverage is None or contradiction is None:
            return False
        return coverage >= self.min_coverage and contradiction <= self.max_contradiction


def _status(caption: Caption, passes: bool) -> Status:
    """What a person has decided on stands, whatever its figures."""
    if caption.captioner == PERSON:
        return "reviewed"
    if not passes:
        return "flagged"
    return "pass" if caption.parent is None else "repaired"
