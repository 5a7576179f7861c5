"""What a model that only hears says of the sound of a clip, in words."""

from dataclasses import dataclass, field
from typing import ClassVar

from captioners.asking import Sampling
from captioners.asking.model import Model
from captioners.evidence import SeenEvidence
from captioners.prompt import AGAIN, prompt
from captioners.seeing.answer import Bounds, Senses
from captioners.seeing.look import Hark
from captioners.seeing.talk import Source, Wording
from captioners.seeing.talks import Talks
from captioners.vlm import few_ahead
from curate.errors import RecipeError
from curate.media.limits import GIB, Limits
from curate.media.pool import Pool
from curate.stage import Run, operational
from schemas.view import View


@dataclass(frozen=True)
class Hear:
    """Ask an audio model what it hears in each clip. Nothing is asked of a clip without sound.

    With `prompt` "none" the model takes no words (Qwen3-Omni-Captioner is one): what it says is kept as it says it.
    """

    model: Model
    window_s: float = 30.0  # such models are at their best below this
    prompt: str = "hear.v1"  # of captioners/prompts, the path of a file, or "none"
    prompt_sha256: str | None = None  # of that file
    sampling: Sampling = field(default_factory=Sampling)
    bounds: Bounds = field(default_factory=Bounds)
    most_facts: int = 200  # that are told with one window
    children: int = operational(2)  # processes that decode, of each worker
    decode_limits: Limits = operational(Limits(memory_bytes=2 * GIB, deadline_s=60.0, deadline_per_media_s=2.0))

    name: ClassVar[str] = "hear"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = SeenEvidence
    gives: ClassVar[type] = View

    def __post_init__(self) -> None:
        if self.window_s <= 0:
            raise RecipeError(f"hear.window_s must be more than 0, not {self.window_s:g}")
        few_ahead(f"{self.name}.children", self.children)

    def open(self) -> Run[SeenEvidence, View]:
        listening = Pool(Hark(self.window_s), self.decode_limits, self.children)
        engine = self.model.open()
        wording = Wording(
            Source(self.model.name, self.model.revision, self.model.engine, "sound"),
            None if self.prompt == "none" else prompt(self.prompt, self.prompt_sha256),
            prompt(AGAIN),
            self.sampling,
            self.bounds,
            Senses(sees=False, hears=True),
            self.most_facts,
        )
        return lambda rows: Talks(wording, listening, engine).about(rows)
