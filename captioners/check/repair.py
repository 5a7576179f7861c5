"""A caption that did not pass goes back to a model that sees, once, with what is open: the truth is never told."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import ClassVar

from captioners.asking import Ask, Reply, Sampling
from captioners.asking.model import Model
from captioners.check.complaint import Complaint, complaints
from captioners.check.examine import IS_SO
from captioners.check.heard import Heard, Query, heard
from captioners.check.mend import Settled, mending, read, schema
from captioners.evidence import FlawedCaption
from captioners.phrasing import carried
from captioners.prompt import AGAIN, prompt
from captioners.record import Record, bounded
from captioners.render.dense import draft
from captioners.retelling import REPAIRED, Making, caption
from captioners.revision import revised
from captioners.seeing.facts import facts
from captioners.seeing.look import LookAt, Showing, Shown, Viewing
from captioners.seeing.profile import Sight
from captioners.seeing.reading import FRAMES, SOUND
from captioners.seeing.window import Window, around
from captioners.vlm import few_ahead, sight_of
from curate.errors import RecipeError, TooLarge
from curate.media.file import ClipFile
from curate.media.limits import GIB, Limits
from curate.media.pool import Pool
from curate.stage import Outcome, Run, operational
from schemas.caption import Caption
from schemas.trace import Failure


@dataclass(frozen=True)
class Repair:
    """Ask a model that sees about what a flagged caption got wrong or does not tell, each at its span; once.

    What it can tell is put into the record; a caption of which it can tell nothing new has no repair. The questions of
    one span are asked together, with `margin_s` more on both sides and with what was measured there.
    """

    model: Model
    profile: str  # one of PROFILES
    sight: Sight = field(default_factory=Sight)
    prompt: str = "repair.v1"  # of captioners/prompts, or the path of a file
    prompt_sha256: str | None = None  # of that file
    sampling: Sampling = field(default_factory=Sampling)
    most_questions: int = 32  # about one caption
    asked_together: int = 8  # questions that are put to the model at once
    most_facts: int = 100  # that are told with one span
    margin_s: float = 0.5  # that is shown before and after a span
    children: int = operational(2)  # processes that decode, of each worker
    captions_together: int = operational(8)
    decode_limits: Limits = operational(Limits(memory_bytes=3 * GIB, deadline_s=60.0, deadline_per_media_s=4.0))

    name: ClassVar[str] = "repair"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = FlawedCaption
    gives: ClassVar[type] = Caption

    def __post_init__(self) -> None:
        object.__setattr__(self, "sight", sight_of(self.name, self.model, self.profile, self.sight))
        if self.margin_s <= 0 or self.asked_together < 1 or self.most_questions < 1:
            raise RecipeError(
                f"repair: {self.margin_s=} is not more than 0, or {self.asked_together=} or {self.most_questions=} "
                "is less than 1"
            )
        few_ahead(f"{self.name}.children", self.children)
        few_ahead(f"{self.name}.captions_together", self.captions_together)

    def open(self) -> Run[FlawedCaption, Caption]:
        looking = Pool(LookAt(self.sight), self.decode_limits, self.children)
        engine = self.model.open()

        def run(rows: Iterable[FlawedCaption]) -> Iterator[Outcome[Caption]]:
            left = iter(rows)
            while some := tuple(islice(left, self.captions_together)):  # so few that their media are still there
                yield from Repairs(self, looking, engine).of(some)

        return run

    @property
    def prompt_hash(self) -> str:
        """Of all words that do not depend on the caption."""
        words = (prompt(self.prompt, self.prompt_sha256).text, prompt(AGAIN).text)
        return hashlib.sha256("\n".join(words).encode()).hexdigest()

    @property
    def evidence(self) -> tuple[str, ...]:
        """What a statement of the model rests on."""
        return (FRAMES, SOUND) if self.sight.sound else (FRAMES,)


@dataclass(slots=True)
class _Case:
    """What becomes of one caption: what is open, and the answers so far."""

    row: FlawedCaption
    file: ClipFile
    spans: dict[Window, list[Complaint]]
    answers: list[tuple[Complaint, Settled]] = field(default_factory=list)
    failure: Failure | None = None
    tokens_in: int = 0
    tokens_out: int = 0


class Repairs:
    """The repairs of a few captions at once."""

    def __init__(self, stage: Repair, looking: Run[Viewing, Showing], engine: Run[Ask, Reply]) -> None:
        self._stage, self._looking, self._engine = stage, looking, engine
        self._asked: dict[str, tuple[_Case, tuple[Complaint, ...]]] = {}

    def of(self, rows: Iterable[FlawedCaption]) -> Iterator[Outcome[Caption]]:
        """One outcome for each caption; most have no rows: they are not flagged, or nothing new can be told of them."""
        cases: dict[str, _Case] = {}
        for row in rows:
            if row.file is None:
                yield Outcome(row.id, ())
            else:
                file = ClipFile(row.evidence.clip, row.evidence.media, row.file)
                cases[row.id] = _Case(row, file, self._spans(row))
        for outcome in heard(self._engine, self._queries(cases), prompt(AGAIN)):
            self._hear(outcome)
        yield from (self._settled(case) for case in cases.values())

    def _spans(self, row: FlawedCaption) -> dict[Window, list[Complaint]]:
        """What is open, by the window that shows its span and a little more."""
        clip, stage = row.evidence.clip, self._stage
        found: dict[Window, list[Complaint]] = {}
        for one in complaints(row.caption, row.verdict, stage.most_questions):
            found.setdefault(around(clip, stage.sight, one.start_us, one.end_us, stage.margin_s), []).append(one)
        return found

    def _queries(self, cases: dict[str, _Case]) -> Iterator[Query[tuple[Settled, ...]]]:
        asked = (case for case in cases.values() if case.spans)
        for showing in self._looking(Viewing(case.row.id, case.file, tuple(case.spans)) for case in asked):
            case = cases[showing.input_id]
            if showing.failure is not None:
                case.failure = showing.failure
                continue
            for index, (shown, found) in enumerate(zip(showing.rows[0].windows, case.spans.values(), strict=True)):
                for start in range(0, len(found), self._stage.asked_together):
                    some = tuple(found[start : start + self._stage.asked_together])
                    key = f"{case.row.id}.{index}.{start}"
                    self._asked[key] = (case, some)
                    terms = partial(read, asked=some, clip=case.row.evidence.clip, window=shown.window)
                    yield Query(self._ask(key, case, shown, some), terms)

    def _ask(self, key: str, case: _Case, shown: Shown, asked: tuple[Complaint, ...]) -> Ask:
        evidence, window, stage = case.row.evidence, shown.window, self._stage
        words = prompt(stage.prompt, stage.prompt_sha256).render(
            still=evidence.clip.still,
            hears=bool(stage.sight.sound),
            start_s=(window.start_us - evidence.clip.start_us) / 1e6,
            end_s=(window.end_us - evidence.clip.start_us) / 1e6,
            asked=asked,
            facts=facts(evidence, window.start_us, window.end_us)[: stage.most_facts],
        )
        return Ask(key, (*shown.parts, words), None, schema(asked, evidence.clip.still), stage.sampling)

    def _hear(self, outcome: Outcome[Heard[tuple[Settled, ...]]]) -> None:
        case, asked = self._asked.pop(outcome.input_id)
        case.failure = case.failure or outcome.failure
        for answer in outcome.rows:
            case.tokens_in += answer.tokens_in
            case.tokens_out += answer.tokens_out
            case.answers += zip(asked, answer.said, strict=True)

    def _settled(self, case: _Case) -> Outcome[Caption]:
        if case.failure is not None:
            return Outcome(case.row.id, (), case.failure)
        try:
            return Outcome(case.row.id, tuple(self._repaired(case)))
        except TooLarge as error:
            return Outcome(case.row.id, (), error.failure)

    def _repaired(self, case: _Case) -> Iterator[Caption]:
        """The caption with what was told, and without sentences of its phrasing that are not so; if that changes it."""
        before, stage = case.row.caption, self._stage
        record = Record.model_validate_json(before.record)
        told = frozenset(claim.text for claim in before.claims)
        mended = mending(case.answers, case.row.evidence.clip, stage.evidence, told)
        with bounded():
            after = revised(record, mended.edits)
        left = tuple(one for number, one in enumerate(record.conflicts) if number not in mended.settled)
        after = after.model_copy(update={"conflicts": left})
        doubted = frozenset(one.question.removeprefix(IS_SO) for one in case.row.verdict.failed)
        phrasing = before.phrasing
        if after == record and not (phrasing and any(one.text in doubted for one in phrasing.sentences)):
            return
        making = Making(
            captioner=f"{before.captioner}{REPAIRED}",
            language=before.language,
            model=stage.model.name,
            prompt_hash=stage.prompt_hash,
            tokens_in=case.tokens_in,
            tokens_out=case.tokens_out,
            parent=before.caption_id,
        )
        phrased = None if phrasing is None else carried(phrasing, draft(after), doubted)
        yield caption(before.clip_id, after, making, phrased)
