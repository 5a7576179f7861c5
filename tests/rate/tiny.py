"""Tiny models with random weights, saved as real ones are; run in .venv-models: `python -m tests.rate.tiny FOLDER`."""

import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import (
    CLIPConfig,
    CLIPModel,
    PreTrainedTokenizerFast,
    VideoMAEConfig,
    VideoMAEForVideoClassification,
    ViTConfig,
    ViTForImageClassification,
)

SIZE = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
PICTURE = {
    "do_resize": True, "size": {"shortest_edge": 32}, "do_center_crop": True, "crop_size": {"height": 32, "width": 32},
    "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True, "image_mean": [0.5] * 3,
    "image_std": [0.5] * 3,
}  # fmt: skip


def prepared(folder: Path, kind: str) -> None:
    (folder / "preprocessor_config.json").write_text(json.dumps({"image_processor_type": kind, **PICTURE}))


def clip(folder: Path) -> None:
    marks = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
    text = {"vocab_size": 400, "max_position_embeddings": 32, **SIZE, **marks}
    vision = {"image_size": 32, "patch_size": 8, **SIZE}
    CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=16)).save_pretrained(folder)
    prepared(folder, "CLIPImageProcessor")
    words = Tokenizer(models.BPE())
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<s>", "</s>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )  # fmt: skip
    words.train_from_iterator(["a photo of a cat", "a red picture"], trainer)
    words.post_processor = processors.TemplateProcessing("<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)])
    ends = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "</s>"}
    PreTrainedTokenizerFast(tokenizer_object=words, model_max_length=32, **ends).save_pretrained(folder)


def classifier(folder: Path, labels: list[str]) -> None:
    names = dict(enumerate(labels))
    config = ViTConfig(image_size=32, patch_size=8, id2label=names, label2id={v: k for k, v in names.items()}, **SIZE)
    ViTForImageClassification(config).save_pretrained(folder)
    prepared(folder, "ViTImageProcessor")


def video(folder: Path) -> None:
    config = VideoMAEConfig(image_size=32, patch_size=16, num_frames=4, num_labels=1, **SIZE)
    VideoMAEForVideoClassification(config).save_pretrained(folder)
    prepared(folder, "VideoMAEImageProcessor")


def main() -> None:
    root = Path(sys.argv[1])
    transformers.utils.logging.disable_progress_bar()
    torch.manual_seed(0)
    for name in ("clip", "classifier", "number", "video"):
        (root / name).mkdir(parents=True)
    clip(root / "clip")
    classifier(root / "classifier", ["safe", "bare", "worse"])
    classifier(root / "number", ["quality"])
    video(root / "video")
    layers = {"layers.0.weight": (8, 16), "layers.0.bias": (8,), "layers.2.weight": (1, 8), "layers.2.bias": (1,)}
    save_file({name: torch.randn(shape) for name, shape in layers.items()}, root / "head.safetensors")


if __name__ == "__main__":
    main()
