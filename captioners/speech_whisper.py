"""Words by Whisper through CTranslate2, from a model folder on this machine: nothing is downloaded."""

from importlib.metadata import version
from pathlib import Path

from faster_whisper import WhisperModel

from captioners.heard import Heard
from captioners.level import Samples
from captioners.speech import SpeechConfig, Words
from curate.errors import RecipeError

_FILES = ("model.bin", "config.json", "tokenizer.json")  # without the last it would be sought on the network


def words(config: SpeechConfig) -> Words:
    """Load the model; the score of a word is the probability Whisper gives it."""
    missing = [name for name in _FILES if config.model is None or not (Path(config.model) / name).is_file()]
    if config.model is None or missing:
        raise RecipeError(
            "engine 'faster-whisper' needs a folder with a CTranslate2 model: "
            f"model = {config.model!r} has no {' or '.join(missing)}"
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
