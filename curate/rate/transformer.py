"""Models of the transformers library, from local folders: the only file of the house that knows torch.

Weights are safetensors, code in a model's folder is not run, nothing is downloaded. Pictures are prepared by Pillow, so
that values do not depend on what else is installed. A GPU is used where there is one.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from transformers.models.auto import modeling_auto

from curate.errors import RecipeError

Floats = NDArray[np.float32]
Picture = NDArray[np.uint8]


class _Model:
    def __init__(self, folder: Path, kind: Any) -> None:
        transformers.utils.logging.disable_progress_bar()
        local = {"local_files_only": True, "trust_remote_code": False}
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        try:
            model = kind.from_pretrained(folder, use_safetensors=True, dtype=torch.float32, **local)
            self._prepare = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil", **local)
        except (OSError, ValueError) as error:
            raise RecipeError(f"{folder} is no model that can be loaded: {str(error).splitlines()[0]}") from error
        self._model = model.to(self._device).eval()
        self.config = model.config

    def _pixels(self, pictures: Sequence[Picture]) -> Any:
        """[N, 3, H, W]"""
        prepared = self._prepare(images=list(pictures), input_data_format="channels_last", return_tensors="pt")
        return prepared["pixel_values"].to(self._device)


class ClipModel(_Model):
    """CLIP, or a model of its family (SigLIP, ...): pictures and texts as unit vectors in one space."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, transformers.AutoModel)
        if not hasattr(self._model, "get_image_features"):
            raise RecipeError(
                f"{folder} holds a {type(self._model).__name__}, which has no space of pictures and texts"
            )
        self._folder = folder

    def pictures(self, pictures: Sequence[Picture]) -> Floats:
        """[N, D]"""
        with torch.inference_mode():
            return _unit(self._model.get_image_features(pixel_values=self._pixels(pictures)))

    def texts(self, texts: Sequence[str]) -> Floats:
        """[N, D]"""
        tokens = transformers.AutoTokenizer.from_pretrained(self._folder, local_files_only=True)
        fixed = "max_length" if self.config.model_type.startswith("siglip") else True  # as it was trained
        asked = tokens(list(texts), padding=fixed, truncation=True, return_tensors="pt").to(self._device)
        with torch.inference_mode():
            return _unit(self._model.get_text_features(**asked))


class Classifier(_Model):
    """Classes of a picture, or a number for it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, transformers.AutoModelForImageClassification)
        self.labels = _labels(self.config)

    def answers(self, pictures: Sequence[Picture]) -> Floats:
        """[N, L]: probabilities; numbers as they are where there is but one."""
        with torch.inference_mode():
            return _answers(self._model(pixel_values=self._pixels(pictures)).logits, self.config)


class VideoClassifier(_Model):
    """The same of a clip, from as many of its frames as the model takes."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, transformers.AutoModelForVideoClassification)
        self.labels = _labels(self.config)

    def answers(self, frames: Sequence[Picture]) -> Floats:
        """[1, L]"""
        at = np.linspace(0, len(frames) - 1, self.config.num_frames).round().astype(int)
        pixels = self._pixels([frames[index] for index in at])
        if pixels.ndim == 4:
            pixels = pixels[None]
        with torch.inference_mode():
            return _answers(self._model(pixel_values=pixels).logits, self.config)


def sees_videos(folder: Path) -> bool:
    """Whether the model in a folder takes several frames at once."""
    try:
        config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise RecipeError(f"{folder} is no model that can be loaded: {str(error).splitlines()[0]}") from error
    return config.model_type in modeling_auto.MODEL_FOR_VIDEO_CLASSIFICATION_MAPPING_NAMES


def _labels(config: Any) -> tuple[str, ...]:
    return tuple(config.id2label[index] for index in range(config.num_labels))


def _answers(logits: Any, config: Any) -> Floats:
    if config.num_labels > 1:
        several = config.problem_type == "multi_label_classification"
        logits = torch.sigmoid(logits) if several else torch.softmax(logits, -1)
    return np.asarray(logits.float().cpu().numpy(), np.float32)


def _unit(features: Any) -> Floats:
    vectors = getattr(features, "pooler_output", features)
    return np.asarray(torch.nn.functional.normalize(vectors.float(), dim=-1).cpu().numpy(), np.float32)
