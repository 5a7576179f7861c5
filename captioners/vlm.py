"""What a model that sees says of a clip: asked window by window, held to a schema, never taken at half its word."""

from dataclasses import dataclass, field
from typing import ClassVar

from captioners.asking import Sampling
from captioners.asking.model import Model
from captioners.evidence import SeenEvidence
from captioners.prompt import AGAIN, prompt
from captioners.seeing.answer import Bounds, Senses
from captioners.seeing.look import Look
from captioners.seeing.profile import PROFILES, Sight
from captioners.seeing.talk import Source, Wording
from captioners.seeing.talks import Talks
from captioners.seeing.window import budget
from curate.errors import RecipeError
from curate.media.limits import GIB, Limits
from curate.media.pool import Pool
from curate.stage import Run, operational
from schemas.view import View

MOST_AHEAD = 12


@dataclass(frozen=True)
class See:
    """Ask a vision-language model for the record of each clip. What is not said here is as the model's profile has it.

    Clips are shown in windows of time. An answer that does not keep to its schema or its window is asked for once more,
    with what is wrong about it; one that was cut off is a failure, and so is a clip of which one window failed.
    """

    model: Model
    profile: str  # one of PROFILES
    sight: Sight = field(default_factory=Sight)
    prompt: str = "see.v1"  # of captioners/prompts, or the path of a file
    prompt_sha256: str | None = None  # of that file
    sampling: Sampling = field(default_factory=Sampling)
    bounds: Bounds = field(default_factory=Bounds)
    most_facts: int = 200  # that are told with one window
    children: int = operational(2)  # processes that decode, of each worker
    decode_limits: Limits = operational(Limits(memory_bytes=3 * GIB, deadline_s=60.0, deadline_per_media_s=4.0))

    name: ClassVar[str] = "see"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = SeenEvidence
    gives: ClassVar[type] = View

    def __post_init__(self) -> None:
        # the numbers themselves, so that what was shown is part of the fingerprint
        object.__setattr__(self, "sight", sight_of(self.name, self.model, self.profile, self.sight))
        few_ahead(f"{self.name}.children", self.children)

    def open(self) -> Run[SeenEvidence, View]:
        looking = Pool(Look(self.sight), self.decode_limits, self.children)
        engine = self.model.open()
        wording = Wording(
            Source(self.model.name, self.model.revision, self.model.engine, self.profile),
            prompt(self.prompt, self.prompt_sha256),
            prompt(AGAIN),
            self.sampling,
            self.bounds,
            Senses(sees=True, hears=bool(self.sight.sound)),
            self.most_facts,
        )
        return lambda rows: Talks(wording, looking, engine).about(rows)


def few_ahead(setting: str, rows: int) -> None:
    """RecipeError where more rows would be taken ahead than their bytes are kept for (jobs/gather.py)."""
    if not 1 <= rows <= MOST_AHEAD:
        raise RecipeError(f"{setting}: from 1 to {MOST_AHEAD}, not {rows}")


def sight_of(table: str, model: Model, profile: str, own: Sight) -> Sight:
    """The numbers of a profile with a recipe's own over them; RecipeError where the model cannot be shown so much."""
    if profile not in PROFILES:
        raise RecipeError(f"{table}.profile: no model {profile!r} is known; there are {', '.join(PROFILES)}")
    sight = own.over(PROFILES[profile].sight)
    budget(sight)
    vllm = model.vllm
    if vllm is not None and sight.shown_as == "images" and vllm.images <= (sight.max_frames or 0):
        raise RecipeError(
            f"{table}.model.vllm.images = {vllm.images} is too few for {table}.sight.max_frames and one more"
        )
    return sight
