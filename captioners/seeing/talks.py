"""Many talks at once: what is asked is fed to an engine as it takes it, and what it answers comes in any order."""

from collections import deque
from collections.abc import Iterable, Iterator

from captioners.asking import Ask, Reply
from captioners.evidence import Evidence, SeenEvidence
from captioners.seeing.look import Showing
from captioners.seeing.talk import Talk, Wording
from curate.media.file import ClipFile
from curate.stage import Outcome, Run
from schemas.view import View


class Talks:
    """The talks about the clips of one unit, many at once."""

    def __init__(self, wording: Wording, looking: Run[ClipFile, Showing], engine: Run[Ask, Reply]) -> None:
        self._wording, self._looking, self._engine = wording, looking, engine
        self._talks: dict[str, Talk] = {}  # by the id of what was asked
        self._settled: deque[Outcome[View]] = deque()
        self._again: list[Ask] = []

    def about(self, rows: Iterable[SeenEvidence]) -> Iterator[Outcome[View]]:
        """One outcome for each clip. What has to be asked again is asked when all has been asked once."""
        for asks in (self._first(rows), iter(self._again)):
            for answer in self._engine(asks):
                self._hear(answer)
                while self._settled:
                    yield self._settled.popleft()
        yield from self._settled

    def _first(self, rows: Iterable[SeenEvidence]) -> Iterator[Ask]:
        known: dict[str, Evidence] = {}

        def files() -> Iterator[ClipFile]:
            for row in rows:
                known[row.id] = row.evidence
                yield row.clip_file

        for outcome in self._looking(files()):
            evidence = known.pop(outcome.input_id)
            if not outcome.rows:  # it could not be decoded, or there is nothing to take in
                self._settled.append(Outcome(outcome.input_id, (), outcome.failure))
                continue
            talk = Talk(self._wording, evidence, outcome.rows[0])
            for ask in talk.asks():
                self._talks[ask.id] = talk
                yield ask

    def _hear(self, answer: Outcome[Reply]) -> None:
        talk = self._talks.pop(answer.input_id)
        more = talk.hear(answer)
        if more is not None:
            self._talks[more.id] = talk
            self._again.append(more)
        settled = talk.settled()
        if settled is not None:
            self._settled.append(settled)
