"""What is asked by one who sees and hears the clip. It is never shown a caption."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import ClassVar

from captioners.asking import Sampling
from captioners.asking.model import Model
from captioners.check.bank import Rules
from captioners.check.quiz.paper import Manner
from captioners.check.quiz.round import Round
from captioners.check.quiz.written import MOST
from captioners.evidence import SeenEvidence
from captioners.prompt import AGAIN, prompt
from captioners.seeing.look import LookAt
from captioners.seeing.profile import Sight
from captioners.seeing.talk import Source
from captioners.vlm import few_ahead, sight_of
from curate.errors import RecipeError
from curate.media.limits import GIB, Limits
from curate.media.pool import Pool
from curate.stage import Outcome, Run, operational
from schemas.question import QuizQuestion


@dataclass(frozen=True)
class Quiz:
    """Have a model that sees a clip write questions about it, and answer them `times` over, by other frames each time.

    A question is stable if all answers are right; only such are asked of captions. The questions of the tools are put
    to it once, so that a caption can be held against what can be seen.
    """

    model: Model
    profile: str  # one of PROFILES
    sight: Sight = field(default_factory=Sight)
    prompt: str = "quiz.v1"  # that asks for questions: of captioners/prompts, or the path of a file
    prompt_sha256: str | None = None  # of that file
    answer_prompt: str = "sitting.v1"  # that asks them
    answer_prompt_sha256: str | None = None  # of that file
    sampling: Sampling = field(default_factory=Sampling)
    times: int = 3  # that each is answered; two at least
    most: int = 4  # questions of a kind, of each window
    asked_together: int = 12  # questions that are put to the model at once
    most_facts: int = 100  # that are told to one who writes; never to one who answers
    most_tool_questions: int = 24  # of the tools, that are put to it once
    time_s: float = 0.5  # by which a time may be off
    rules: Rules = field(default_factory=Rules)  # of the tools' questions: those of [check]
    children: int = operational(2)  # processes that decode, of each worker
    clips_together: int = operational(8)
    decode_limits: Limits = operational(Limits(memory_bytes=3 * GIB, deadline_s=60.0, deadline_per_media_s=4.0))

    name: ClassVar[str] = "quiz"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = SeenEvidence
    gives: ClassVar[type] = QuizQuestion

    def __post_init__(self) -> None:
        object.__setattr__(self, "sight", sight_of(self.name, self.model, self.profile, self.sight))
        if self.times < 2 or self.asked_together < 1:
            raise RecipeError(f"quiz: {self.times=} is less than 2, or {self.asked_together=} than 1")
        if not 1 <= self.most <= MOST:
            raise RecipeError(f"quiz.most: from 1 to {MOST}, not {self.most}")
        few_ahead(f"{self.name}.children", self.children)
        few_ahead(f"{self.name}.clips_together", self.clips_together)

    def open(self) -> Run[SeenEvidence, QuizQuestion]:
        looking = Pool(LookAt(self.sight), self.decode_limits, self.children)
        engine = self.model.open()
        manner = Manner(
            Source(self.model.name, self.model.revision, self.model.engine, self.profile),
            prompt(self.prompt, self.prompt_sha256),
            prompt(self.answer_prompt, self.answer_prompt_sha256),
            prompt(AGAIN),
            self.sampling,
            self.sight,
            self.rules,
            self.times,
            self.most,
            self.asked_together,
            self.most_facts,
            self.most_tool_questions,
            self.time_s,
        )

        def run(rows: Iterable[SeenEvidence]) -> Iterator[Outcome[QuizQuestion]]:
            left = iter(rows)
            while some := tuple(islice(left, self.clips_together)):  # so few that their media are still there
                yield from Round(manner, looking, engine).about(some)

        return run
