"""Ask a model of a folder in this process; run in .venv-vllm: `python -m tests.models.answering FOLDER SCHEMA KIND...`.

Each KIND is text, images, video, sound, or several with `+` between; one JSON line tells what came for each.
"""

import json
import os
import sys
from typing import Any

os.environ |= {
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0", "VLLM_CPU_KVCACHE_SPACE": "1", "HF_HUB_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1",
}  # fmt: skip

import numpy as np
from PIL import Image
from transformers import AutoTokenizer
from vllm import LLM, SamplingParams
from vllm.sampling_params import StructuredOutputsParams

FRAMES = np.random.default_rng(0).integers(0, 255, (8, 96, 128, 3), np.uint8)
TIMES = {
    "fps": 2.0, "total_num_frames": 8, "duration": 4.0, "frames_indices": list(range(8)), "video_backend": "opencv",
    "do_sample_frames": False,
}  # fmt: skip
DATA: dict[str, tuple[str, list[Any]]] = {  # vLLM's name of the kind, and two images, one video, one second of a tone
    "images": ("image", [Image.fromarray(frame) for frame in FRAMES[:2]]),
    "video": ("video", [(FRAMES, TIMES)]),
    "sound": ("audio", [(np.sin(np.arange(16000) * 440 * 2 * np.pi / 16000).astype(np.float32), 16000)]),
}


def main() -> None:
    folder, schema, *kinds = sys.argv[1:]
    words = AutoTokenizer.from_pretrained(folder)
    shown = [[DATA[part] for part in kind.split("+") if part != "text"] for kind in kinds]
    most = {name: len(data) for parts in shown for name, data in parts}
    engine = LLM(
        model=folder, max_model_len=2048, max_num_seqs=8, enforce_eager=True, dtype="bfloat16", seed=0,
        limit_mm_per_prompt=most, structured_outputs_config={"backend": "guidance", "disable_any_whitespace": True},
    )  # fmt: skip
    asks = [
        {
            "prompt": words.apply_chat_template(
                [{"role": "user", "content": [*({"type": name} for name, data in parts for _ in data),
                                              {"type": "text", "text": "Describe."}]}],
                tokenize=False, add_generation_prompt=True,
            ),
            "multi_modal_data": dict(parts),
        }
        for parts in shown
    ]  # fmt: skip
    sampling = SamplingParams(temperature=0, max_tokens=300, structured_outputs=StructuredOutputsParams(json=schema))
    for kind, answer in zip(kinds, engine.generate(asks, sampling, use_tqdm=False), strict=True):
        [said] = answer.outputs
        told = {"kind": kind, "text": said.text, "end": said.finish_reason, "tokens": len(answer.prompt_token_ids)}
        print(json.dumps(told), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
