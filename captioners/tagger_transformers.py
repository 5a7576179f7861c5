"""Taggers of the transformers library, from local folders: AST and any other classifier of sound."""

from collections.abc import Sequence
from pathlib import Path

import librosa
import numpy as np
import torch
import transformers

from captioners.heard import Heard
from captioners.level import Samples
from captioners.listener import Context, Listener
from captioners.tagger import Frames, Tagger, slid, tagged
from curate.errors import RecipeError
from curate.media.silero import RATE_HZ
from curate.weights import checked


class Classifier:
    """Classes of a short sound. Weights are safetensors, code in the folder is not run, nothing is downloaded."""

    def __init__(self, folder: Path, stage: Tagger) -> None:
        transformers.utils.logging.disable_progress_bar()
        local = {"local_files_only": True, "trust_remote_code": False}
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        try:
            model = transformers.AutoModelForAudioClassification.from_pretrained(
                folder, use_safetensors=True, dtype=torch.float32, **local
            )
            self._prepare = transformers.AutoFeatureExtractor.from_pretrained(folder, **local)
        except (OSError, ValueError) as error:
            raise RecipeError(
                f"listen.tagger: {folder} is no classifier of sound: {str(error).splitlines()[0]}"
            ) from error
        self._model = model.to(self._device).eval()
        self._several = stage.answers == "sigmoid"
        self.rate_hz = int(self._prepare.sampling_rate)
        self.labels = tuple(str(model.config.id2label[index]) for index in range(model.config.num_labels))

    def __call__(self, windows: Sequence[Samples]) -> Frames:
        """windows: of equal length, at `rate_hz`. [N, C] probabilities."""
        given = self._prepare(list(windows), sampling_rate=self.rate_hz, return_tensors="pt").to(self._device)
        with torch.inference_mode():
            logits = self._model(**given).logits.float()
        answers = torch.sigmoid(logits) if self._several else torch.softmax(logits, -1)
        return np.asarray(answers.cpu().numpy(), np.float32)


def listener(stage: Tagger) -> Listener:
    """Load the model; raises RecipeError where it is not what the recipe says."""
    classify = Classifier(checked(stage.model, stage.sha256, "listen.tagger.model"), stage)
    engine = f"transformers {stage.sha256[:8]}"

    def probabilities(samples: Samples) -> Frames:
        sound = librosa.resample(samples, orig_sr=RATE_HZ, target_sr=classify.rate_hz)
        found = slid(np.asarray(sound, np.float32), classify.rate_hz, stage, classify)
        return found.reshape(-1, len(classify.labels))

    def listen(contexts: Sequence[Context]) -> list[list[Heard]]:
        return [tagged(one.wave, one.found, probabilities, classify.labels, stage, engine) for one in contexts]

    return listen
