"""The questions about one clip: how they come to be, what is answered to each, and the rows that they become."""

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from captioners.asking import Sampling
from captioners.check.bank import Rules, questions
from captioners.check.bank.asking import pick
from captioners.check.question import Question, right
from captioners.check.quiz.rows import question_id
from captioners.check.quiz.written import Group, Terms, schema
from captioners.evidence import Evidence, SeenEvidence
from captioners.prompt import Prompt
from captioners.seeing.answer import Senses
from captioners.seeing.profile import Sight
from captioners.seeing.talk import Source
from captioners.seeing.window import Window, whole, windows
from schemas.question import Asker, QuizQuestion, Sitting
from schemas.trace import Failure

_LOUD = ("speech", "event", "music", "loudness")


@dataclass(frozen=True, slots=True)
class Manner:
    """All that is the same for each clip: who is asked, in which words, how much and how often."""

    source: Source
    template: Prompt
    sitting: Prompt
    again: Prompt
    sampling: Sampling
    sight: Sight
    rules: Rules
    times: int
    most: int
    asked_together: int
    most_facts: int
    most_tool_questions: int
    time_s: float

    @property
    def senses(self) -> Senses:
        return Senses(sees=True, hears=bool(self.sight.sound))

    def sha256(self, still: bool) -> str:
        """Of all words that do not depend on the clip."""
        words = (self.template.text, self.sitting.text, self.again.text, schema(still, self.senses, self.most))
        return hashlib.sha256("\n".join(words).encode()).hexdigest()


@dataclass
class Posed:
    """A question, the window that shows what it is about, and what was answered to it so far."""

    question: Question
    asker: Asker
    window: Window
    pair: str | None = None
    sat: dict[int, Sitting] = field(default_factory=dict)  # by which time it was; answers come in any order

    @property
    def sittings(self) -> tuple[Sitting, ...]:
        return tuple(self.sat[nth] for nth in sorted(self.sat))

    @property
    def right(self) -> bool:
        said = [one.answer for one in self.sittings]
        return bool(said) and all(answer is not None and right(self.question, answer) for answer in said)


class Paper:
    """All that is asked about one clip."""

    def __init__(self, manner: Manner, row: SeenEvidence) -> None:
        self._manner, self.row = manner, row
        self.windows = windows(row.evidence.clip, manner.sight)
        self.posed: dict[str, Posed] = {}
        self.failure: Failure | None = None
        self._tokens_in = self._tokens_out = 0
        self._pose_tools()

    @property
    def id(self) -> str:
        return self.row.id

    @property
    def evidence(self) -> Evidence:
        return self.row.evidence

    def fail(self, failure: Failure) -> None:
        """The clip has no questions; the first reason counts."""
        self.failure = self.failure or failure

    def spend(self, tokens_in: int, tokens_out: int) -> None:
        self._tokens_in += tokens_in
        self._tokens_out += tokens_out

    def terms(self, window: Window) -> Terms:
        """What is written about a window must keep to this."""
        clip = self.evidence.clip
        edges = (window.start_us - clip.start_us) / 1e6, (window.end_us - clip.start_us) / 1e6
        alone = len(self.windows) == 1
        return Terms(clip.still, edges, clip.start_us, (window.start_us, window.end_us), alone, self._manner.time_s)

    def pose(self, window: Window, groups: tuple[Group, ...]) -> None:
        """Take what was written about a window; a question that is there already is not asked twice."""
        for group in groups:
            ids = [question_id(self.id, "model", one) for one in group]
            if len(set(ids)) == len(ids) and not self.posed.keys() & set(ids):
                others = (*ids[1:], ids[0]) if len(ids) > 1 else (None,)
                for key, question, other in zip(ids, group, others, strict=True):
                    self.posed[key] = Posed(question, "model", window, other)

    def sitting(self, nth: int) -> dict[Window, list[Posed]]:
        """What is asked the nth time, by the window that is shown: the tools' questions only the first time.

        In an order that says nothing of the truth: it was written with "yes" before "no", and one thing after another.
        """
        found: dict[Window, list[Posed]] = {}
        for one in (self.posed[key] for key in sorted(self.posed)):
            if nth == 0 or one.asker == "model":
                found.setdefault(one.window, []).append(one)
        return found

    def rows(self) -> tuple[QuizQuestion, ...]:
        """The questions with all answers, and what each took of the tokens."""
        count = len(self.posed)
        shares = zip(_parts(self._tokens_in, count), _parts(self._tokens_out, count), strict=True)
        both = zip(self.posed.items(), shares, strict=True)
        return tuple(self._row(key, posed, share) for (key, posed), share in both)

    def _row(self, key: str, posed: Posed, tokens: tuple[int, int]) -> QuizQuestion:
        question, manner, source = posed.question, self._manner, self._manner.source
        other = self.posed[posed.pair] if posed.pair else posed
        return QuizQuestion(
            question_id=key,
            clip_id=self.id,
            asker=posed.asker,
            axis=question.axis,
            kind=question.kind,
            topic=question.topic,
            text=question.text,
            truth=question.truth,
            start_us=question.start_us,
            end_us=question.end_us,
            evidence=question.evidence,
            about=question.about,
            options=question.options,
            tolerance=question.tolerance,
            pair=posed.pair,
            stable=posed.right and other.right,
            sittings=posed.sittings,
            model=source.model,
            revision=source.revision,
            engine=source.engine,
            profile=source.profile,
            prompt=manner.template.name,
            prompt_hash=manner.sha256(self.evidence.clip.still),
            sampling=json.dumps(dataclasses.asdict(manner.sampling), sort_keys=True),
            tokens_in=tokens[0],
            tokens_out=tokens[1],
        )

    def _pose_tools(self) -> None:
        asked = {question_id(self.id, "tools", one): one for one in self._tool_questions()}
        for key in pick(self.id, list(asked), self._manner.most_tool_questions):
            self.posed[key] = Posed(asked[key], "tools", self._window(asked[key]))

    def _tool_questions(self) -> Iterator[Question]:
        """Those that one with these senses could answer."""
        sounds = {row.sound_id for row in self.evidence.sounds or ()}
        for question in questions(self.evidence, self._manner.rules):
            if self._manner.senses.hears or not (question.axis in _LOUD or sounds & set(question.evidence)):
                yield question

    def _window(self, question: Question) -> Window:
        """The window that a question is about; all of the clip, by fewer frames, where it is about more than one."""
        for window in self.windows:
            if window.start_us <= question.start_us and question.end_us <= window.end_us:
                return window
        clip = self.evidence.clip
        return whole(clip, self._manner.sight, clip.start_us, clip.end_us)


def _parts(total: int, count: int) -> list[int]:
    """A whole number in so many parts that differ by one at most."""
    return [total * (at + 1) // count - total * at // count for at in range(count)]
