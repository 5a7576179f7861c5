"""Taggers for tests, made in .venv-models: an AST with random weights, and an ONNX detector that is right.

`python -m tests.captioners.tiny_tagger FOLDER` writes FOLDER/ast and FOLDER/bands.onnx with FOLDER/bands.txt; with
`onnx` after it, the latter alone (torch takes minutes to import on a busy machine).
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RATE_HZ, HOP, SIZE = 16_000, 160, 512
BANDS = {"Low hum": 250.0, "Whistle": 1000.0, "Squeak": 4000.0}


def bands(folder: Path) -> None:
    """Power at a few pitches, each 10 ms: two filters in quadrature a band, squared, over a threshold."""
    time_s = (np.arange(SIZE) - SIZE / 2) / RATE_HZ
    window = np.hanning(SIZE) / np.hanning(SIZE).sum() * 2
    turns = [2 * np.pi * hz * time_s for hz in BANDS.values()]
    pairs = [wave(turn) * window for turn in turns for wave in (np.cos, np.sin)]
    filters = np.stack(pairs)[:, None].astype(np.float32)
    both = np.kron(np.eye(len(BANDS)), np.ones((1, 2)))[:, :, None].astype(np.float32)
    held = {
        "filters": filters, "both": both, "axis": np.array([1], np.int64), "floor": np.array(1e-12, np.float32),
        "steep": np.array(2.0, np.float32), "threshold": np.array(-2 * np.log(0.05**2), np.float32),
    }  # fmt: skip
    node = helper.make_node
    nodes = [
        node("Unsqueeze", ["wave", "axis"], ["channel"]),
        node("Conv", ["channel", "filters"], ["filtered"], strides=[HOP], pads=[SIZE // 2, SIZE // 2 - 1]),
        node("Mul", ["filtered", "filtered"], ["squared"]),
        node("Conv", ["squared", "both"], ["power"]),
        node("Add", ["power", "floor"], ["some"]),
        node("Log", ["some"], ["log"]),
        node("Mul", ["log", "steep"], ["scaled"]),
        node("Add", ["scaled", "threshold"], ["over"]),
        node("Sigmoid", ["over"], ["probability"]),
        node("Transpose", ["probability"], ["frames"], perm=[0, 2, 1]),
    ]
    takes = helper.make_tensor_value_info("wave", TensorProto.FLOAT, [1, "samples"])
    gives = helper.make_tensor_value_info("frames", TensorProto.FLOAT, [1, "frames", len(BANDS)])
    weights = [numpy_helper.from_array(value, name) for name, value in held.items()]
    graph = helper.make_graph(nodes, "bands", [takes], [gives], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, folder / "bands.onnx")
    (folder / "bands.txt").write_text("\n".join(BANDS))


def ast(folder: Path) -> None:
    import torch
    from transformers import ASTConfig, ASTFeatureExtractor, ASTForAudioClassification

    torch.manual_seed(0)
    names = {0: "Speech", 1: "Dog", 2: "Bark", 3: "Rain"}
    config = ASTConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, max_length=128,
        num_mel_bins=32, id2label=names, label2id={name: index for index, name in names.items()},
    )  # fmt: skip
    ASTForAudioClassification(config).save_pretrained(folder)
    ASTFeatureExtractor(max_length=128, num_mel_bins=32).save_pretrained(folder)


def main() -> None:
    folder = Path(sys.argv[1])
    bands(folder)
    if sys.argv[2:] != ["onnx"]:
        ast(folder / "ast")


if __name__ == "__main__":
    main()
