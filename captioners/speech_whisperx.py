"""Words by WhisperX (https://github.com/m-bain/whisperX), from folders of this machine: the only file that imports it.

Where speech is, our own detector says; nothing is downloaded, and nothing is told to anybody.
"""

import contextlib
import io
import logging
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from captioners.asides import Written, written
from captioners.heard import Heard
from captioners.level import Samples
from captioners.listener import Context, Listener
from captioners.speech import FRAME_S
from captioners.stretch import Stretch, stretches
from captioners.transcriber import WINDOW_S, WhisperX
from curate.errors import RecipeError
from curate.media.silero import RATE_HZ
from curate.weights import checked

os.environ["HF_HUB_OFFLINE"] = "1"  # both are read when the packages are imported
os.environ["PYANNOTE_METRICS_ENABLED"] = "false"

import nltk
import torch
from whisperx.alignment import LANGUAGES_WITHOUT_SPACES, align, load_align_model
from whisperx.asr import load_model
from whisperx.diarize import DiarizationPipeline, Segment, assign_word_speakers
from whisperx.utils import PUNKT_LANGUAGES
from whisperx.vads import Vad

ENGINE = "whisperx " + ".".join(version("whisperx").split(".")[:2])
_FILES = ("model.bin", "config.json", "tokenizer.json")  # without the last it would be sought on the network


def listener(config: WhisperX) -> Listener:
    """Check and load the models; on a GPU where there is one."""
    logging.getLogger("whisperx").setLevel(logging.ERROR)
    return _Transcriber(config)


class _Spans(Vad):  # type: ignore[misc]  # WhisperX is not typed
    """The place of WhisperX's own voice detector: it is told where speech is."""

    def __init__(self) -> None:
        self.samples: list[tuple[int, int]] = []

    def __call__(self, audio: object) -> list[Any]:
        return [Segment((first + 0.5) / RATE_HZ, (end + 0.5) / RATE_HZ) for first, end in self.samples]

    @staticmethod
    def preprocess_audio(audio: Any) -> Any:
        return audio

    @staticmethod
    def merge_chunks(segments: list[Any], chunk_size: float, onset: float, offset: float | None) -> list[Any]:
        return [{"start": one.start, "end": one.end, "segments": [(one.start, one.end)]} for one in segments]


class _Transcriber:
    def __init__(self, config: WhisperX) -> None:
        self._config = config
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._spans = _Spans()
        folder = checked(config.model, config.sha256, "listen.whisperx.model", every_file=True)
        missing = [name for name in _FILES if not (folder / name).is_file()]
        if missing:
            raise RecipeError(
                f"listen.whisperx.model: {folder} is no CTranslate2 model, it has no {' or '.join(missing)}"
            )
        with contextlib.redirect_stdout(io.StringIO()):  # it says which detector it does not use
            self._whisper = load_model(
                str(folder), self._device, compute_type=config.compute_type, vad_model=self._spans,
                asr_options={"beam_size": config.beam_size}, local_files_only=True, threads=torch.get_num_threads(),
            )  # fmt: skip
        self._language = config.language or (None if self._whisper.model.model.is_multilingual else "en")
        self._aligners = {}
        for number, one in enumerate(config.aligners):
            place = checked(one.model, one.sha256, f"listen.whisperx.aligners.{number}.model", every_file=True)
            with contextlib.redirect_stdout(io.StringIO()):
                self._aligners[one.language] = load_align_model(
                    one.language, self._device, model_name=str(place), model_cache_only=True
                )
        self._diariser = None
        if config.diariser is not None:
            place = checked(config.diariser, config.diariser_sha256, "listen.whisperx.diariser", every_file=True)
            self._diariser = DiarizationPipeline(str(place), device=self._device)
        self._sentences = _no_sentences()

    def __call__(self, contexts: Sequence[Context]) -> list[list[Heard]]:
        """All contexts of one language together, so that the model is never fed by ones."""
        parts = [_parts(one, self._config.stretch_s) for one in contexts]
        texts: list[list[Written]] = [[] for _ in contexts]
        languages = [self._spoken(one.wave, part) if part else None for one, part in zip(contexts, parts, strict=True)]
        for language in sorted({one for one in languages if one is not None}):
            owners = [index for index, one in enumerate(languages) if one == language]
            sounds = [_piece(contexts[index].wave, part) for index in owners for part in parts[index]]
            found = iter(self._written(sounds, language))
            for index in owners:
                texts[index] = [next(found) for _ in parts[index]]
        return [
            self._placed(context.wave, part, text, language) if language else []
            for context, part, text, language in zip(contexts, parts, texts, languages, strict=True)
        ]

    def _spoken(self, wave: Samples, parts: Sequence[Stretch]) -> str:
        """The language of a context."""
        if self._language:
            return self._language
        heard = np.concatenate([_piece(wave, part) for part in parts])[: round(WINDOW_S * RATE_HZ)]
        return str(self._whisper.detect_language(heard))

    def _written(self, sounds: Sequence[Samples], language: str) -> list[Written]:
        """What Whisper writes of each piece of sound."""
        ends = np.cumsum([len(sound) for sound in sounds]).tolist()
        self._spans.samples = list(zip([0, *ends], ends, strict=False))
        found = self._whisper.transcribe(np.concatenate(sounds), batch_size=self._config.batch, language=language)
        spaced = language not in LANGUAGES_WITHOUT_SPACES
        return [written(one["text"], spaced=spaced) for one in found["segments"]]

    def _placed(self, wave: Samples, parts: Sequence[Stretch], texts: Sequence[Written], language: str) -> list[Heard]:
        heard: list[Heard] = []
        for part, text in zip(parts, texts, strict=True):
            words = self._aligned(wave, part, text.text, language) if text.text else []
            timed = [word for word in words if word is not None]
            if text.text and not timed:
                heard.append(Heard("sentence", *part, ENGINE, text=text.text, language=language))
            heard += timed
            heard += text.events(words, *part, ENGINE)
        return self._with_speakers(wave, heard)

    def _aligned(self, wave: Samples, part: Stretch, text: str, language: str) -> list[Heard | None]:
        """The words of a stretch in order, None for one without a time; none where no aligner speaks the language."""
        if language not in self._aligners:
            return []
        asked = [{"text": text, "start": part[0], "end": part[1]}]
        found = align(asked, *self._aligners[language], wave, self._device)
        return [_word(one, part, language) for segment in found["segments"] for one in segment["words"]]

    def _with_speakers(self, wave: Samples, heard: list[Heard]) -> list[Heard]:
        """Words with their speakers, "1", "2", ... as they begin to speak in this context."""
        said = [index for index, one in enumerate(heard) if one.kind == "word"]
        if self._diariser is None or not said:
            return heard
        words = [{"start": heard[index].start_s, "end": heard[index].end_s} for index in said]
        asked = {"segments": [{"start": words[0]["start"], "end": words[-1]["end"], "words": words}]}
        found = assign_word_speakers(self._diariser(wave), asked)["segments"][0]["words"]
        names: dict[str, str] = {}
        for index, word in zip(said, found, strict=True):
            if "speaker" in word:
                name = names.setdefault(word["speaker"], str(len(names) + 1))
                heard[index] = replace(heard[index], speaker=name)
        return heard


def _parts(context: Context, longest_s: float) -> list[Stretch]:
    return stretches([one for one in context.found if one.kind == "speech"], context.wave, longest_s)


def _piece(wave: Samples, part: Stretch) -> Samples:
    return wave[round(part[0] * RATE_HZ) : round(part[1] * RATE_HZ)]


def _word(found: dict[str, Any], part: Stretch, language: str) -> Heard | None:
    if "start" not in found or "end" not in found:
        return None
    start_s = min(max(float(found["start"]), part[0]), part[1] - FRAME_S)
    end_s = max(min(float(found["end"]), part[1]), start_s + FRAME_S)
    score = float(found["score"]) if "score" in found else None
    return Heard("word", start_s, end_s, ENGINE, text=found["word"], score=score, language=language)


def _no_sentences() -> tempfile.TemporaryDirectory[str]:
    """Give NLTK a splitter of sentences that has learnt nothing; WhisperX would download one.

    The same one on every machine; sentences are made of words, elsewhere.
    """
    folder = tempfile.TemporaryDirectory(prefix="retold-punkt-")
    for language in {"english", *PUNKT_LANGUAGES.values()}:
        place = Path(folder.name) / "tokenizers" / "punkt_tab" / language
        place.mkdir(parents=True)
        for name in ("collocations.tab", "sent_starters.txt", "abbrev_types.txt", "ortho_context.tab"):
            (place / name).touch()
    nltk.data.path[:] = [folder.name]
    return folder
