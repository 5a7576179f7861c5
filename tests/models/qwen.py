"""Sizes that the tiny models of Qwen's families share, and the files that lie beside their weights."""

import json
from pathlib import Path
from typing import Any

from transformers import Qwen2Tokenizer

from tests.models.words import END, PAD, size

HIDDEN = 64
VISION = {"depth": 2, "hidden_size": 64, "intermediate_size": 128, "num_heads": 2, "spatial_merge_size": 2,
          "temporal_patch_size": 2, "out_hidden_size": HIDDEN}  # fmt: skip


def text(words: Qwen2Tokenizer) -> dict[str, Any]:
    """The language model of two layers."""
    end, pad = words.convert_tokens_to_ids([END, PAD])
    return {
        "vocab_size": size(words), "hidden_size": HIDDEN, "intermediate_size": 128, "num_hidden_layers": 2,
        "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 8192, "bos_token_id": pad,
        "eos_token_id": end, "pad_token_id": pad,
    }  # fmt: skip


def pixels(patch: int, most: int) -> dict[str, Any]:
    """How a picture is prepared: 4 to `most` tokens of 2 x 2 patches each."""
    token = (2 * patch) ** 2
    return {
        "patch_size": patch, "temporal_patch_size": 2, "merge_size": 2, "image_mean": [0.5] * 3, "image_std": [0.5] * 3,
        "size": {"shortest_edge": 4 * token, "longest_edge": most * token},
    }  # fmt: skip


def write_generation(folder: Path, words: Qwen2Tokenizer) -> None:
    end, pad = words.convert_tokens_to_ids([END, PAD])
    told = {"bos_token_id": pad, "eos_token_id": [end, pad], "pad_token_id": pad, "do_sample": False}
    (folder / "generation_config.json").write_text(json.dumps(told))
