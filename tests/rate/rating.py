"""Rate clips with raters, and once more by transformers alone; run in .venv-models, JSON in and out.

`python -m tests.rate.rating` reads {"raters": [...], "files": [...]}. Each file is one clip, from 0 to 1 s.
"""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoModelForImageClassification, AutoTokenizer, CLIPModel

from curate.media.file import ClipFile
from curate.media.picture import frames_rgb
from curate.rate.rating import Rater
from curate.rate.stage import Rate
from tests.rate.clips import second


def direct(models: Path, frames: list[Image.Image]) -> dict[str, float]:
    """Means over frames, by the calls that the library's documentation shows."""
    clip = CLIPModel.from_pretrained(models / "clip").eval()
    tokens = AutoTokenizer.from_pretrained(models / "clip")(["a red picture"], return_tensors="pt")
    with torch.inference_mode():
        pixels = AutoImageProcessor.from_pretrained(models / "clip")(images=frames, return_tensors="pt")
        both = clip(**tokens, **pixels)
        alike = (both.image_embeds @ both.text_embeds.T).mean()
        classifier = AutoModelForImageClassification.from_pretrained(models / "classifier").eval()
        pixels = AutoImageProcessor.from_pretrained(models / "classifier")(images=frames, return_tensors="pt")
        shares = classifier(**pixels).logits.softmax(-1)[:, 1:].sum(-1).mean()
    return {"clip/a red picture": float(alike), "nsfw": float(shares)}


def main() -> None:
    asked = json.load(sys.stdin)
    rows: list[ClipFile] = [second(Path(path)) for path in asked["files"]]
    stage = Rate(raters=tuple(Rater(**{**one, **_tuples(one)}) for one in asked["raters"]), rate_hz=4.0)
    rated: dict[str, Any] = {}
    for outcome in stage.open()(rows):
        if outcome.failure is not None:
            rated[outcome.input_id] = outcome.failure.kind
        else:
            rated[outcome.input_id] = [dataclasses.asdict(score) for score in outcome.rows]
    first = rows[0]
    at_us = [125_000, 375_000, 625_000, 875_000]
    seen = frames_rgb(first.file, first.media, 0, 1_000_000, at_us=at_us)
    pictures = [Image.fromarray(np.asarray(frame)) for _, frame in seen]
    json.dump({"rated": rated, "direct": direct(Path(asked["models"]), pictures)}, sys.stdout)


def _tuples(one: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(value) for key, value in one.items() if isinstance(value, list)}


if __name__ == "__main__":
    main()
