"""The text-only reader that is a model: what it is asked of a caption, and first without any."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from captioners.asking import Ask, Sampling
from captioners.asking.model import Model
from captioners.check.heard import Query
from captioners.check.question import Question
from captioners.check.sheet import sheet
from captioners.prompt import prompt
from curate.errors import RecipeError

Answers = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class ModelReader:
    """A text-only model that answers from a caption, or says that it cannot tell; many questions in one ask."""

    model: Model
    prompt: str = "reader.v1"  # of captioners/prompts, or the path of a file
    prompt_sha256: str | None = None  # of that file
    sampling: Sampling = field(default_factory=Sampling)
    asked_together: int = 24  # questions that are put to the model at once

    def __post_init__(self) -> None:
        if self.asked_together < 1:
            raise RecipeError(f"check.reader.asked_together must be 1 or more, not {self.asked_together}")

    def queries(self, key: str, prose: str | None, questions: tuple[Question, ...]) -> Iterator[Query[Answers]]:
        """The questions in parts, with the id of each; without prose it is asked to guess.

        Options stand in the same order with a caption and without, so that what a place alone gets right is guessed.
        """
        template = prompt(self.prompt, self.prompt_sha256)
        for part in parts(questions, self.asked_together):
            put = sheet(questions[part])
            words = template.render(caption=prose, lines=put.lines)
            yield Query(Ask(f"{key}#{part.start}", (words,), None, put.schema, self.sampling), put.read)


def parts(questions: tuple[Question, ...], most: int) -> list[slice]:
    """The questions in as few parts as have at most so many."""
    return [slice(start, start + most) for start in range(0, len(questions), most)]
