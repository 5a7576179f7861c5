"""A few clips at once: questions about them are written, and then answered, each time over other frames."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TypeVar

from captioners.asking import Ask, Reply
from captioners.check.heard import Heard, Query, heard
from captioners.check.quiz.paper import Manner, Paper, Posed
from captioners.check.quiz.written import Group, read, schema
from captioners.check.sheet import Sheet, sheet
from captioners.evidence import SeenEvidence
from captioners.seeing.facts import facts
from captioners.seeing.look import Showing, Shown, Viewing
from captioners.seeing.window import Window, shifted
from curate.stage import Outcome, Run
from schemas.question import QuizQuestion, Sitting

T = TypeVar("T")
Answers = tuple[str | None, ...]


class Round:
    """The questions of a few clips, from their first word to their last answer."""

    def __init__(self, manner: Manner, looking: Run[Viewing, Showing], engine: Run[Ask, Reply]) -> None:
        self._manner, self._looking, self._engine = manner, looking, engine

    def about(self, rows: Iterable[SeenEvidence]) -> Iterator[Outcome[QuizQuestion]]:
        """One outcome for each clip, in order."""
        papers = {row.id: Paper(self._manner, row) for row in rows}
        self._write(papers)
        self._sit(papers)
        for paper in papers.values():
            yield Outcome(paper.id, () if paper.failure else paper.rows(), paper.failure)

    def _write(self, papers: dict[str, Paper]) -> None:
        asked: dict[str, tuple[Paper, int]] = {}
        written: dict[tuple[str, int], tuple[Group, ...]] = {}

        def queries() -> Iterator[Query[tuple[Group, ...]]]:
            viewings = (Viewing(paper.id, paper.row.clip_file, paper.windows) for paper in papers.values())
            for showing in self._looking(viewings):
                paper = papers[showing.input_id]
                for index, shown in enumerate(self._shown(paper, showing)):
                    key = f"{paper.id}#w{index}"
                    asked[key] = (paper, index)
                    yield Query(self._writing(key, paper, shown), partial(read, terms=paper.terms(shown.window)))

        for outcome in heard(self._engine, queries(), self._manner.again):
            paper, index = asked.pop(outcome.input_id)
            for groups in _said(paper, outcome):
                written[paper.id, index] = groups
        for (name, index), groups in sorted(written.items(), key=lambda item: item[0]):
            papers[name].pose(papers[name].windows[index], groups)

    def _sit(self, papers: dict[str, Paper]) -> None:
        asked: dict[str, tuple[Paper, int, Sheet, list[Posed], Shown]] = {}
        todo = [
            (paper, nth, windows)
            for nth in range(self._manner.times)
            for paper in papers.values()
            if paper.failure is None and (windows := paper.sitting(nth))
        ]
        at = {_name(paper, nth): (paper, nth, windows) for paper, nth, windows in todo}

        def queries() -> Iterator[Query[Answers]]:
            for showing in self._looking(self._viewing(*one) for one in todo):
                paper, nth, windows = at[showing.input_id]
                shown_of = zip(self._shown(paper, showing), windows.values(), strict=False)  # nothing, where it failed
                for index, (shown, posed) in enumerate(shown_of):
                    for start in range(0, len(posed), self._manner.asked_together):
                        some = posed[start : start + self._manner.asked_together]
                        put = sheet(tuple(one.question for one in some), nth)
                        key = f"{showing.input_id}.{index}.{start}"
                        asked[key] = (paper, nth, put, some, shown)
                        yield Query(self._asking(key, paper, shown, put), put.read)

        for outcome in heard(self._engine, queries(), self._manner.again):
            paper, nth, put, some, shown = asked.pop(outcome.input_id)
            for answers in _said(paper, outcome):
                for one, answer, offered in zip(some, answers, put.offered, strict=True):
                    one.sat[nth] = Sitting(answer, offered, shown.frames_us)

    def _viewing(self, paper: Paper, nth: int, windows: dict[Window, list[Posed]]) -> Viewing:
        """The windows by other frames than those by which the questions were written, and at each sitting by others."""
        share = (nth + 1) / (self._manner.times + 1)
        return Viewing(_name(paper, nth), paper.row.clip_file, tuple(shifted(window, share) for window in windows))

    def _shown(self, paper: Paper, showing: Outcome[Showing]) -> tuple[Shown, ...]:
        """What was decoded; of a clip that has failed, nothing."""
        if showing.failure is not None:
            paper.fail(showing.failure)
        return showing.rows[0].windows if showing.rows and paper.failure is None else ()

    def _writing(self, key: str, paper: Paper, shown: Shown) -> Ask:
        manner, still, window = self._manner, paper.evidence.clip.still, shown.window
        words = manner.template.render(
            still=still,
            hears=manner.senses.hears,
            start_s=paper.terms(window).window_s[0],
            end_s=paper.terms(window).window_s[1],
            most=manner.most,
            facts=facts(paper.evidence, window.start_us, window.end_us)[: manner.most_facts],
        )
        return Ask(key, (*shown.parts, words), None, schema(still, manner.senses, manner.most), manner.sampling)

    def _asking(self, key: str, paper: Paper, shown: Shown, put: Sheet) -> Ask:
        first, last = paper.terms(shown.window).window_s
        words = self._manner.sitting.render(
            still=paper.evidence.clip.still,
            hears=self._manner.senses.hears,
            start_s=first,
            end_s=last,
            lines=put.lines,
        )
        return Ask(key, (*shown.parts, words), None, put.schema, self._manner.sampling)


def _name(paper: Paper, nth: int) -> str:
    return f"{paper.id}#s{nth}"


def _said(paper: Paper, outcome: Outcome[Heard[T]]) -> Iterator[T]:
    """What was answered, its tokens booked; a failure is that of the clip."""
    if outcome.failure is not None:
        paper.fail(outcome.failure)
    for one in outcome.rows:
        paper.spend(one.tokens_in, one.tokens_out)
        yield one.said
