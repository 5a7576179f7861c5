"""Many captions read by a model at once; what it guesses of a clip without any caption is asked once."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from captioners.asking import Ask, Reply
from captioners.check.examine import Answered, Asking
from captioners.check.heard import Heard, Query, heard
from captioners.check.question import right
from captioners.check.reader.model import Answers, ModelReader
from captioners.evidence import CaptionedEvidence
from captioners.prompt import Prompt
from curate.stage import Outcome, Run
from schemas.caption import Verdict
from schemas.trace import Failure

Asked = Callable[[CaptionedEvidence], Asking]
Judged = Callable[[CaptionedEvidence, tuple[Answered, ...]], Verdict]


@dataclass
class _Read:
    """What one text, or none, has answered so far: by the place of the first question of a part."""

    asking: Asking
    open: int = 0
    told: dict[int, Answers] = field(default_factory=dict)
    failure: Failure | None = None

    @property
    def answers(self) -> Answers:
        return tuple(answer for start in sorted(self.told) for answer in self.told[start])


class Readings:
    """The captions of one unit. A caption is settled when it and the guesses about its clip are."""

    def __init__(self, reader: ModelReader, again: Prompt, asked: Asked, judged: Judged) -> None:
        self._reader, self._again, self._asked, self._judged = reader, again, asked, judged
        self._guesses: dict[str, _Read] = {}  # by clip
        self._reads: dict[str, tuple[CaptionedEvidence, _Read]] = {}  # by caption, those that are not settled
        self._part: dict[str, tuple[_Read, int, str]] = {}  # by the id of an ask: of which text, where, of which clip
        self._settled: deque[Outcome[Verdict]] = deque()

    def of(self, rows: Iterable[CaptionedEvidence], engine: Run[Ask, Reply]) -> Iterator[Outcome[Verdict]]:
        """One outcome for each caption."""
        for outcome in heard(engine, self._queries(rows), self._again):
            self._hear(outcome)
            while self._settled:
                yield self._settled.popleft()
        yield from self._settled

    def _queries(self, rows: Iterable[CaptionedEvidence]) -> Iterator[Query[Answers]]:
        for row in rows:
            clip_id = row.caption.clip_id
            asking = self._asked(row)
            if clip_id not in self._guesses:
                self._guesses[clip_id] = _Read(asking)
                yield from self._put(f"{clip_id}?", None, self._guesses[clip_id], clip_id)
            read = _Read(asking)
            self._reads[row.id] = (row, read)
            yield from self._put(row.id, row.caption.dense, read, clip_id)
            self._settle(clip_id)

    def _put(self, key: str, prose: str | None, read: _Read, clip_id: str) -> Iterator[Query[Answers]]:
        queries = list(self._reader.queries(key, prose, read.asking.questions))
        read.open = len(queries)
        for start, query in enumerate(queries):
            self._part[query.ask.id] = (read, start, clip_id)
        yield from queries

    def _hear(self, outcome: Outcome[Heard[Answers]]) -> None:
        read, start, clip_id = self._part.pop(outcome.input_id)
        read.open -= 1
        if outcome.failure is not None:
            read.failure = read.failure or outcome.failure
        for answer in outcome.rows:
            read.told[start] = answer.said
        self._settle(clip_id)

    def _settle(self, clip_id: str) -> None:
        guess = self._guesses[clip_id]
        if guess.open:
            return
        mine = [key for key, (row, read) in self._reads.items() if row.caption.clip_id == clip_id and not read.open]
        for key in mine:
            row, read = self._reads.pop(key)
            failure = guess.failure or read.failure
            if failure is not None:
                self._settled.append(Outcome(key, (), failure))
            else:
                verdict = self._judged(row, counted(read.asking, guess.answers, read.answers))
                self._settled.append(Outcome(key, (verdict,)))


def counted(asking: Asking, guesses: Answers, answers: Answers) -> tuple[Answered, ...]:
    """The answers to the questions that were not guessed right without any caption."""
    asked = zip(asking.questions, guesses, answers, strict=True)
    return tuple(
        Answered(question, answer, asking.seen.get(question))
        for question, guess, answer in asked
        if guess is None or not right(question, guess)
    )
