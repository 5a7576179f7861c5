"""A tiny Qwen2.5-Omni with random weights, without the part that speaks: text, images, video, sound.

In .venv-vllm: `python -m tests.models.omni FOLDER`.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import (
    Qwen2_5OmniConfig,
    Qwen2_5OmniProcessor,
    Qwen2_5OmniThinkerConfig,
    Qwen2_5OmniThinkerForConditionalGeneration,
    Qwen2VLImageProcessor,
    Qwen2VLVideoProcessor,
    WhisperFeatureExtractor,
)

from tests.models.qwen import HIDDEN, VISION, pixels, text, write_generation
from tests.models.words import tokenizer

PATCH = 14
MELS = 128
NAMED = {
    "audio_token": "<|AUDIO|>", "image_token": "<|IMAGE|>", "video_token": "<|VIDEO|>",
    "vision_bos_token": "<|vision_bos|>", "vision_eos_token": "<|vision_eos|>",
    "audio_bos_token": "<|audio_bos|>", "audio_eos_token": "<|audio_eos|>",
}  # fmt: skip


def main() -> None:
    folder = Path(sys.argv[1])
    blocks = {
        "IMAGE": "<|vision_bos|><|IMAGE|><|vision_eos|>",
        "VIDEO": "<|vision_bos|><|VIDEO|><|vision_eos|>",
        "AUDIO": "<|audio_bos|><|AUDIO|><|audio_eos|>",
    }
    words = tokenizer(list(NAMED.values()), blocks, extra_special_tokens=NAMED)
    numbers = {name: words.convert_tokens_to_ids(token) for name, token in NAMED.items()}
    turning = {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [8, 4, 4]}
    torch.manual_seed(0)
    thinker = Qwen2_5OmniThinkerConfig(
        text_config={**text(words), "rope_parameters": turning, "tie_word_embeddings": False},
        vision_config={**VISION, "patch_size": PATCH, "window_size": 112, "fullatt_block_indexes": [1]},
        audio_config={
            "d_model": 64, "encoder_layers": 2, "encoder_attention_heads": 2, "encoder_ffn_dim": 128,
            "num_mel_bins": MELS, "max_source_positions": 1500, "n_window": 100, "output_dim": HIDDEN,
        },
        audio_token_index=numbers["audio_token"], image_token_index=numbers["image_token"],
        video_token_index=numbers["video_token"], vision_start_token_id=numbers["vision_bos_token"],
        vision_end_token_id=numbers["vision_eos_token"], audio_start_token_id=numbers["audio_bos_token"],
        audio_end_token_id=numbers["audio_eos_token"],
    )  # fmt: skip
    config = Qwen2_5OmniConfig(thinker_config=thinker.to_dict(), enable_audio_output=False)
    config.architectures = ["Qwen2_5OmniForConditionalGeneration"]
    config.dtype = "bfloat16"
    config.save_pretrained(folder)
    weights = Qwen2_5OmniThinkerForConditionalGeneration(thinker).to(torch.bfloat16).state_dict()
    named = {f"thinker.{name}": value.contiguous() for name, value in weights.items()}  # as in the whole model
    save_file(named, folder / "model.safetensors", metadata={"format": "pt"})
    Qwen2_5OmniProcessor(
        image_processor=Qwen2VLImageProcessor(**pixels(PATCH, 64)),
        video_processor=Qwen2VLVideoProcessor(**pixels(PATCH, 256)),
        feature_extractor=WhisperFeatureExtractor(
            feature_size=MELS, chunk_length=300, padding_side="right", return_attention_mask=True
        ),
        tokenizer=words,
        chat_template=words.chat_template,
    ).save_pretrained(folder)
    write_generation(folder, words)


if __name__ == "__main__":
    main()
