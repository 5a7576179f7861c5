"""An AST heard through the listener and by the library alone; run in .venv-models.

`python -m tests.captioners.tagging FOLDER SHA256` prints JSON: probabilities of both, and what the listener gives.
"""

import dataclasses
import json
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import ASTFeatureExtractor, ASTForAudioClassification

from captioners.heard import Heard
from captioners.listener import Context
from captioners.tagger import Tagger, TagRules, slid
from captioners.tagger_transformers import Classifier, listener
from tests.captioners.synth import RATE_HZ, hiss, laid, quiet, tone


def direct(folder: Path, window: "np.ndarray[tuple[int], np.dtype[np.float32]]") -> list[float]:
    """By the calls that the library's documentation shows."""
    prepared = ASTFeatureExtractor.from_pretrained(folder)(window, sampling_rate=RATE_HZ, return_tensors="pt")
    with torch.inference_mode():
        logits = ASTForAudioClassification.from_pretrained(folder).eval()(**prepared).logits
    return [float(value) for value in torch.sigmoid(logits)[0]]


def main() -> None:
    folder = Path(sys.argv[1])
    stage = Tagger(sys.argv[2], str(folder), rules=TagRules(begin=0.3, stay=0.2, least_s=0.2), batch=4)
    wave = laid(5, (0, hiss(5, 0.002)), (2, tone(700, 1.0)))
    classify = Classifier(folder, stage)
    found = slid(wave, RATE_HZ, stage, classify)
    embedded = (Heard("event", 2.0, 3.0, "energy", label="tone"),)
    heard = listener(stage)([Context(wave, embedded), Context(quiet(0), ())])
    answer = {
        "frames": found.tolist(), "labels": classify.labels,
        "direct": direct(folder, wave[round(2.1 * RATE_HZ) : round(3.1 * RATE_HZ)]),  # the window around 2.6 s
        "heard": [[dataclasses.asdict(one) for one in context] for context in heard],
    }  # fmt: skip
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
