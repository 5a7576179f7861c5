"""Tiny encoders of text with random weights, saved as real ones are; run in .venv-models:

python -m tests.encode.tiny_text FOLDER
"""

import sys
from pathlib import Path

import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import (
    CLIPConfig,
    CLIPModel,
    CLIPTextConfig,
    CLIPTextModel,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    T5Config,
    T5EncoderModel,
    T5ForConditionalGeneration,
    UMT5Config,
    UMT5EncoderModel,
)

from tests.models.words import SENTENCES, tokenizer

SIZE = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4}


def words(folder: Path, template: str, marks: dict[str, str], most: int) -> None:
    """Byte-level BPE with the marks of a family around a text."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special = list(dict.fromkeys(marks.values()))
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )  # fmt: skip
    bpe.train_from_iterator(SENTENCES, trainer)
    named = [(mark, special.index(mark)) for mark in special if mark in template]
    bpe.post_processor = processors.TemplateProcessing(template, special_tokens=named)
    PreTrainedTokenizerFast(tokenizer_object=bpe, model_max_length=most, **marks).save_pretrained(folder)


def t5(folder: Path, config: type[T5Config] | type[UMT5Config], model: type[torch.nn.Module]) -> None:
    sizes = {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 3, "num_heads": 4, "decoder_start_token_id": 0}
    model(config(vocab_size=400, pad_token_id=0, eos_token_id=1, **sizes)).save_pretrained(folder)  # type: ignore[operator]
    words(folder, "$A </s>", {"pad_token": "<pad>", "eos_token": "</s>"}, 512)


def clip(folder: Path, *, whole: bool) -> None:
    text = {"vocab_size": 400, "max_position_embeddings": 32, "bos_token_id": 0, "eos_token_id": 1, **SIZE}
    vision = {"image_size": 32, "patch_size": 8, **SIZE}
    both = CLIPConfig(text_config=text, vision_config=vision, projection_dim=16)
    (CLIPModel(both) if whole else CLIPTextModel(CLIPTextConfig(**text))).save_pretrained(folder)
    words(folder, "<s> $A </s>", {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "</s>"}, 32)


def qwen(folder: Path) -> None:
    made = tokenizer((), {})
    config = Qwen2Config(vocab_size=448, num_key_value_heads=2, max_position_embeddings=1024, **SIZE)
    Qwen2ForCausalLM(config).save_pretrained(folder)
    made.save_pretrained(folder)


def main() -> None:
    root = Path(sys.argv[1])
    transformers.utils.logging.disable_progress_bar()
    torch.manual_seed(0)
    t5(root / "t5", T5Config, T5EncoderModel)
    t5(root / "t5-whole", T5Config, T5ForConditionalGeneration)
    t5(root / "umt5", UMT5Config, UMT5EncoderModel)
    clip(root / "clip", whole=True)
    clip(root / "clip-text", whole=False)
    qwen(root / "qwen")


if __name__ == "__main__":
    main()
