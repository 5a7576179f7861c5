"""Encoders of text at work, and by hand; run in .venv-models: `python -m tests.encode.embedded MODELS`, JSON out."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, CLIPModel, Qwen2ForCausalLM, T5EncoderModel, UMT5EncoderModel

from curate.encode.embed import Embed
from curate.encode.stored import Values, restored
from curate.encode.text import TextTransformer
from curate.encode.text_contract import TextModel
from curate.encode.wording import Wordings
from curate.errors import UsageError
from curate.weights import sha256

MODELS = Path(sys.argv[1])
TEXTS = [
    "A dog barks.",
    "A wide shot of a street at night. Two people walk from left to right. A dog barks, music plays.",
    "",
    "seconds",
]
LONG = " ".join(["A dog barks, music plays."] * 30)


def model(name: str, **more: Any) -> TextModel:
    most = {"clip": 32, "clip-text": 32}.get(name, 64)
    given = {"max_tokens": most, "stored": "float32", **more}
    return TextModel(name, sha256(MODELS / name), str(MODELS / name), **given)


def values(name: str, texts: list[str], batch_tokens: int = 4096, **more: Any) -> list[Values]:
    return [one.values for one in TextTransformer(model(name, **more), batch_tokens).encode(texts)]


def by_hand(name: str, text: str) -> dict[str, Values]:
    """By the calls that the library's documentation shows, one text at a time."""
    asked = AutoTokenizer.from_pretrained(MODELS / name)(text, return_tensors="pt")
    kinds: dict[str, Callable[[], Any]] = {
        "t5": lambda: T5EncoderModel.from_pretrained(MODELS / name),
        "umt5": lambda: UMT5EncoderModel.from_pretrained(MODELS / name),
        "clip": lambda: CLIPModel.from_pretrained(MODELS / name).text_model,
        "qwen": lambda: Qwen2ForCausalLM.from_pretrained(MODELS / name).model,
    }
    with torch.inference_mode():
        said = kinds[name]().eval()(**asked, output_hidden_states=True)
    found = {"last": said.last_hidden_state[0].numpy(), "penultimate": said.hidden_states[-2][0].numpy()}
    return found | ({"pooled": said.pooler_output.numpy()} if name == "clip" else {})


def apart(one: Values, other: Values) -> float:
    """The largest difference; -1 where the shapes differ."""
    return float(np.abs(one - other).max()) if one.shape == other.shape else -1.0


def agreement() -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for name in ("t5", "umt5", "clip", "qwen"):
        hand = by_hand(name, TEXTS[1])
        found[name] = {hidden: apart(values(name, TEXTS, hidden=hidden)[1], hand[hidden]) for hidden in hand}
    found["parts"] = {
        "clip": apart(values("clip", TEXTS)[1], values("clip", TEXTS[1:2])[0]),
        "t5-whole": float(values("t5-whole", TEXTS)[1].shape[1]),
        "clip-text": float(values("clip-text", TEXTS)[1].shape[1]),
    }
    return found


def batches() -> dict[str, float]:
    """The largest difference of a text among others to the same text alone."""
    found = {}
    for name in ("t5", "umt5", "clip", "qwen"):
        together = values(name, TEXTS)
        alone = [values(name, [text], batch_tokens=64)[0] for text in TEXTS]
        found[name] = max(apart(one, other) for one, other in zip(together, alone, strict=True))
    return found


def lengths() -> dict[str, Any]:
    said = {name: TextTransformer(model(name), 4096).encode([*TEXTS, LONG]) for name in ("t5", "clip", "qwen")}
    framed = TextTransformer(model("qwen", template="Describe: {} seconds", drop=3), 4096).encode(["A dog", ""])
    whole = {name: len(AutoTokenizer.from_pretrained(MODELS / name)(LONG, verbose=False).input_ids) for name in said}
    return {
        "shapes": {name: [list(one.values.shape) for one in found] for name, found in said.items()},
        "tokens": {name: [one.tokens for one in found] for name, found in said.items()},
        "truncated": {name: [one.truncated for one in found] for name, found in said.items()},
        "whole": whole,
        "framed": [[one.tokens, *one.values.shape] for one in framed],
    }


def work() -> dict[str, Any]:
    """The stage, whole."""
    rows = [
        Wordings(f"caption-{n}", f"clip-{n}", (("dense", text), ("tags", "street"), ("none", "")))
        for n, text in enumerate([*TEXTS, LONG])
    ]
    stage = Embed(model("t5", stored="bfloat16"), variants=("dense", "tags", "none"))
    outcomes = list(stage.open()(rows))
    alone = [heavy for row in rows for one in stage.open()([row]) for heavy in one.rows]
    heavies = [heavy for one in outcomes for heavy in one.rows]
    again = [heavy.row.sha256 for one in stage.open()(rows) for heavy in one.rows]
    exact = values("t5", [TEXTS[1]])[0]
    back = restored(heavies[3].body, "bfloat16", heavies[3].row.shape)  # type: ignore[arg-type]
    return {
        "rows": [asdict(heavy.row) for heavy in heavies],
        "sizes": [len(heavy.body) for heavy in heavies],  # type: ignore[arg-type]
        "again": again == [heavy.row.sha256 for heavy in heavies],
        "alone": max(
            apart(*(restored(h.body, "bfloat16", h.row.shape) for h in pair))  # type: ignore[arg-type]
            for pair in zip(heavies, alone, strict=True)
        ),
        "keys_alone": [h.row.content_key for h in alone] == [h.row.content_key for h in heavies],
        "rounded": apart(exact, back),
        "contracts": [
            TextTransformer(one, 4096).contract.encoder
            for one in (
                model("t5"),
                model("t5", stored="float16"),
                model("t5", hidden="penultimate"),
                model("t5", max_tokens=9),
                model("t5", template="{} ."),
                replace(model("t5"), name="other"),
                replace(model("t5"), folder=str(_copy())),
            )
        ],
    }  # fmt: skip


def _copy(fill: float | None = None) -> Path:
    """The T5 elsewhere; with all that its last norm gives one number."""
    to = MODELS / ("copy" if fill is None else "nan")
    to.mkdir(exist_ok=True)
    for file in (MODELS / "t5").iterdir():
        (to / file.name).write_bytes(file.read_bytes())
    if fill is not None:
        tensors = load_file(to / "model.safetensors")
        tensors["encoder.final_layer_norm.weight"] = torch.full((32,), fill)
        save_file(tensors, to / "model.safetensors", metadata={"format": "pt"})
    return to


def refusals() -> dict[str, str]:
    (bare := MODELS / "bare").mkdir()
    for name in ("config.json", "model.safetensors"):
        (bare / name).write_bytes((MODELS / "clip-text" / name).read_bytes())
    (empty := MODELS / "empty").mkdir()
    nan, large = _copy(float("nan")), [Wordings("c", "clip", (("dense", "A dog"),))]
    cases: dict[str, Callable[[], Any]] = {
        "hash": lambda: TextTransformer(replace(model("t5"), sha256="0" * 64), 4096),
        "nothing": lambda: TextTransformer(TextModel("x", sha256(empty), str(empty)), 4096),
        "tokenizer": lambda: TextTransformer(TextModel("x", sha256(bare), str(bare), max_tokens=32), 4096),
        "long": lambda: TextTransformer(model("clip", max_tokens=77), 4096),
        "pooled": lambda: TextTransformer(model("t5", hidden="pooled"), 4096).encode(["A dog"]),
        "nan": lambda: list(Embed(TextModel("x", sha256(nan), str(nan))).open()(large)),
    }
    return {name: _said(case) for name, case in cases.items()}


def _said(case: Callable[[], Any]) -> str:
    try:
        case()
    except UsageError as error:
        return str(error)
    return "nothing"


def main() -> None:
    torch.set_num_threads(1)
    facts = {
        "agreement": agreement(), "batches": batches(), "lengths": lengths(), "work": work(), "refusals": refusals(),
    }  # fmt: skip
    json.dump(facts, sys.stdout)


if __name__ == "__main__":
    main()
