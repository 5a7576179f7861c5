"""Words by WhisperX: what a recipe says of it. Models are folders on this machine, known by their hashes."""

from dataclasses import dataclass, field
from typing import Literal

from curate.errors import RecipeError
from curate.stage import OPERATIONAL, operational

WINDOW_S = 30.0  # what Whisper hears at once


@dataclass(frozen=True)
class Aligner:
    """Places the words of one language in time: wav2vec 2.0 with CTC, in a folder as transformers saves it."""

    language: str  # as Whisper names it: "en"
    sha256: str  # of what is in the folder
    model: str = field(metadata=OPERATIONAL)


@dataclass(frozen=True)
class WhisperX:
    """Whisper through CTranslate2 on the speech that is there, words placed by an aligner, speakers told apart.

    In a language without aligner the times of words are not known: a sentence is kept where one clip holds all of it.
    """

    sha256: str  # of what is in the folder
    model: str = field(metadata=OPERATIONAL)  # a folder with a CTranslate2 model and its tokenizer.json
    language: str | None = None  # of all speech; None: found for each context
    aligners: tuple[Aligner, ...] = ()
    diariser: str | None = field(default=None, metadata=OPERATIONAL)  # a folder with a pyannote pipeline; None: nobody
    diariser_sha256: str | None = None  # of what is in that folder
    beam_size: int = 5  # readings that are followed at once
    compute_type: Literal["default", "float32", "float16", "bfloat16", "int8", "int8_float16"] = "default"
    """What CTranslate2 calculates in; default: as the folder was made."""

    stretch_s: float = WINDOW_S  # of speech that is heard at once, at most
    batch: int = operational(16)  # stretches that the model hears side by side

    def __post_init__(self) -> None:
        if not 1.0 <= self.stretch_s <= WINDOW_S:
            raise RecipeError(f"whisperx.stretch_s is from 1 to {WINDOW_S:g} seconds, not {self.stretch_s}")
        languages = [one.language for one in self.aligners]
        if len(set(languages)) < len(languages):
            raise RecipeError(f"whisperx.aligners: one for each language, not {', '.join(languages)}")
