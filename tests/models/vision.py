"""A tiny Qwen3-VL with random weights: text, images, video. In .venv-vllm: `python -m tests.models.vision FOLDER`."""

import sys
from pathlib import Path

import torch
from transformers import (
    Qwen2VLImageProcessor,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
    Qwen3VLProcessor,
    Qwen3VLVideoProcessor,
)

from tests.models.qwen import VISION, pixels, text, write_generation
from tests.models.words import tokenizer

PATCH = 16


def main() -> None:
    folder = Path(sys.argv[1])
    begin, end, image, video = "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"
    blocks = {"IMAGE": begin + image + end, "VIDEO": begin + video + end}
    words = tokenizer([begin, end, image, video], blocks)
    numbers = dict(
        zip((begin, end, image, video), words.convert_tokens_to_ids([begin, end, image, video]), strict=True)
    )
    turning = {"rope_type": "default", "rope_theta": 5e6, "mrope_section": [8, 4, 4], "mrope_interleaved": True}
    torch.manual_seed(0)
    config = Qwen3VLConfig(
        text_config={**text(words), "head_dim": 32, "rope_parameters": turning},
        vision_config={
            **VISION, "patch_size": PATCH, "num_position_embeddings": 256, "deepstack_visual_indexes": [0],
        },
        vision_start_token_id=numbers[begin], vision_end_token_id=numbers[end], image_token_id=numbers[image],
        video_token_id=numbers[video],
    )  # fmt: skip
    Qwen3VLForConditionalGeneration(config).to(torch.bfloat16).save_pretrained(folder)
    Qwen3VLProcessor(
        image_processor=Qwen2VLImageProcessor(**pixels(PATCH, 64)),
        video_processor=Qwen3VLVideoProcessor(**pixels(PATCH, 256), fps=2, min_frames=4, max_frames=16),
        tokenizer=words,
        chat_template=words.chat_template,
    ).save_pretrained(folder)
    write_generation(folder, words)


if __name__ == "__main__":
    main()
