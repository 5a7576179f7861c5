"""Words by Whisper through CTranslate2, from a model folder on this machine: nothing is downloaded."""

from importlib.metadata import version
from pathlib import Path

from faster_whisper import WhisperModel

from captioners.heard import Heard
from captioners.level import Samples
from captioners.speech import SpeechConfig, Words
from curate.errors import RecipeError


def words(config: SpeechConfig) -> Words:
    """Load the model; the score of a word is the probability Whisper gives it."""
    if config.model is None or not (Path(config.model) / "model.bin").is_file():
        raise RecipeError(
            f"engine 'faster-whisper' needs a folder with a CTranslate2 model (model.bin): model = {config.model!r}"
        )
    model = WhisperModel(config.model, device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)
    engine = "faster-whisper " + ".".join(version("faster-whisper").split(".")[:2])

    def decode(samples: Samples) -> list[Heard]:
        segments, _ = model.transcribe(
            samples, language=config.language, word_timestamps=True, condition_on_previous_text=False, temperature=0.0
        )
        return [
            Heard(
                "word",
                word.start,
                word.end,
                engine,
                text=word.word.strip(),
                score=word.probability,
                language=config.language,
            )
            for segment in segments
            for word in segment.words or ()
            if word.word.strip()
        ]

    return decode
