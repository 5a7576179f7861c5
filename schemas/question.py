"""Questions about a clip by one who sees it, and what it answers when it is asked them again."""

from dataclasses import dataclass
from typing import Literal

Asker = Literal["model", "tools"]


@dataclass(frozen=True, slots=True)
class Sitting:
    """One time that a question was answered by one who sees: over these frames, with options in this order."""

    answer: str | None  # None: it could not tell
    options: tuple[str, ...]
    frames_us: tuple[int, ...]  # of the media


@dataclass(frozen=True, slots=True)
class QuizQuestion:
    """A question with its truth. Those of "tools" come from the evidence, and are here for what is seen of them.

    `stable`: all answers of the one who sees are right. Of a contrastive pair both are stable, or none.
    """

    question_id: str
    clip_id: str
    asker: Asker
    axis: str
    kind: str
    topic: str
    text: str
    truth: str
    start_us: int
    end_us: int
    evidence: tuple[str, ...]
    about: tuple[str, ...]
    options: tuple[str, ...]
    tolerance: float | None
    pair: str | None  # the question that it is in contrast to
    stable: bool
    sittings: tuple[Sitting, ...]
    model: str
    revision: str | None
    engine: str
    profile: str
    prompt: str
    prompt_hash: str  # of all words that do not depend on the clip, and the schema of what is written
    sampling: str  # JSON
    tokens_in: int  # its share: those of a clip's questions together are what the clip took
    tokens_out: int

    @property
    def id(self) -> str:
        return self.question_id
