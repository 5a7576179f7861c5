"""The retelling of a clip: what was measured, with what a model that sees says of it."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from captioners.asking import Ask, Reply
from captioners.blended import blended
from captioners.evidence import Evidence
from captioners.measured import record_of
from captioners.phrasing import Phrase
from captioners.record import Record, bounded
from captioners.render.dense import draft
from captioners.render.draft import Draft
from captioners.retelling import Making, caption
from curate.errors import TooLarge
from curate.stage import Outcome, Run, each
from schemas.caption import Caption
from schemas.view import View


@dataclass(frozen=True, slots=True)
class Blend:
    """Retell a clip from its measurements, and from the view of it where there is one.

    What scores below `sure` (0..1) is marked uncertain; of the palette, `colours` are told. With `phrase`, the dense
    prose is put in other words by a model, which may add nothing.
    """

    sure: float = 0.5  # 0..1; what scores less is marked uncertain
    colours: int = 5  # of the palette, that are told
    phrase: Phrase | None = None
    name: ClassVar[str] = "caption"
    version: ClassVar[int] = 4
    takes: ClassVar[type] = Evidence
    gives: ClassVar[type] = Caption

    @property
    def environment(self) -> str | None:
        """The kind of workers that it needs; None: those of the core."""
        return self.phrase.model.environment if self.phrase else None

    def keyed(self, key: str | None) -> "Blend":
        """The same with the key that the servers of its model want."""
        if self.phrase is None:
            return self
        return replace(self, phrase=replace(self.phrase, model=self.phrase.model.keyed(key)))

    def open(self) -> Run[Evidence, Caption]:
        def one(evidence: Evidence) -> Iterator[Caption]:
            yield caption(evidence.clip.clip_id, _record(evidence, self), _making(evidence))

        if self.phrase is None:
            return each(one)
        phrase, engine = self.phrase, self.phrase.model.open()
        return lambda rows: _phrased(rows, self, phrase, engine)


def _phrased(
    rows: Iterable[Evidence], settings: Blend, phrase: Phrase, engine: Run[Ask, Reply]
) -> Iterator[Outcome[Caption]]:
    """Captions whose dense prose a model has phrased; a clip that could not be asked about has none."""
    waiting: dict[str, tuple[Evidence, Record, Draft]] = {}
    settled: deque[Outcome[Caption]] = deque()

    def asks() -> Iterator[Ask]:
        for evidence in rows:
            try:
                record = _record(evidence, settings)
            except TooLarge as error:
                settled.append(Outcome(evidence.id, (), error.failure))
                continue
            told = draft(record)
            waiting[evidence.id] = (evidence, record, told)
            yield phrase.ask(evidence.id, record, told)

    for answer in engine(asks()):
        evidence, record, told = waiting.pop(answer.input_id)
        if answer.failure is not None:
            settled.append(Outcome(evidence.id, (), answer.failure))
        else:
            prose = phrase.told(answer.rows[0], told)
            settled.append(Outcome(evidence.id, (caption(evidence.id, record, _making(evidence), prose),)))
        while settled:
            yield settled.popleft()
    yield from settled


def _record(evidence: Evidence, settings: Blend) -> Record:
    """The record of one clip; TooLarge where it holds more than a record may."""
    with bounded():
        record = record_of(evidence, settings.sure, settings.colours)
        for view in _views(evidence):
            record = blended(record, Record.model_validate_json(view.record))
    return record


def _views(evidence: Evidence) -> list[View]:
    return [view for view in (evidence.view, evidence.hearing) if view is not None]


def _making(evidence: Evidence) -> Making:
    """Who made it; the rows in `views` and `hearings` say all that was asked."""
    views = _views(evidence)
    if not views:
        return Making(captioner="measured")
    return Making(
        captioner="blend",
        model=" + ".join(view.model for view in views),
        prompt_hash=" + ".join(view.prompt_hash or "none" for view in views),
        tokens_in=sum(view.tokens_in for view in views),
        tokens_out=sum(view.tokens_out for view in views),
    )
