"""What encoding costs beside a bare loop over the same VAE, and what each way of running it brings.

    .venv-models/bin/python infra/bench/encode.py [--device cuda --compute bfloat16] [--only WORD...] [--times 3]

Two VAEs of diffusers with random weights: a still one (Flux's) and a causal one of videos (Wan 2.1's), `--width` times
wider than suits a CPU. Over tensors: the bare loop has frames in memory and does nothing but encode; ours makes rows
of them, checks and hashes. Over files: the bare loop opens each with PyAV and encodes in between; ours decodes in
children, ahead or not. A way is compared with another of the same turn; medians of so many turns, the first of each not
counted. On a CPU, torch has one thread, so that a core is left for what decodes.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import diffusers
import numpy as np
import torch

from curate.encode.encoder import picture_encoder
from curate.encode.family import PICTURES
from curate.encode.health import HealthRules, Vitals
from curate.encode.made import Maker
from curate.encode.model import EncoderModel
from curate.encode.stage import Encode
from curate.encode.taken import Take, Taken
from curate.media.facts import read_facts
from curate.media.file import ClipFile, LocalFile
from curate.weights import sha256
from schemas.clip import Clip, clip_id

LENIENT = HealthRules(psnr_db=0.0, ssim=-1.0, least_deviation=0.0)  # random weights give nothing back
NEVER = 1 << 40  # is a clip decoded back
BATCHES = (1, 4, 8)
DOWN, UP = ("DownEncoderBlock2D",) * 4, ("UpDecoderBlock2D",) * 4


@dataclass(frozen=True)
class Case:
    """A VAE and what it is given."""

    name: str
    vae: Callable[[int], torch.nn.Module]  # of so many times the width
    clips: int
    frames: int
    height: int
    width: int


def flux(times: int) -> torch.nn.Module:
    widths = tuple(32 * times * one for one in (1, 2, 4, 4))
    return diffusers.AutoencoderKL(
        down_block_types=DOWN, up_block_types=UP, block_out_channels=widths, latent_channels=16, layers_per_block=2,
        scaling_factor=0.3611, shift_factor=0.1159, use_quant_conv=False, use_post_quant_conv=False,
    )  # fmt: skip


def wan(times: int) -> torch.nn.Module:
    return diffusers.AutoencoderKLWan(base_dim=16 * times)


CASES = (Case("flux", flux, 16, 1, 128, 128), Case("wan-2.1", wan, 16, 5, 96, 160))


@dataclass(frozen=True)
class Work:
    """The same clips as files and as what an encoder takes."""

    case: Case
    folder: Path  # of the VAE
    model: EncoderModel
    files: tuple[ClipFile, ...]
    taken: tuple[Taken, ...]

    @property
    def device(self) -> str:
        return "cuda" if torch.cuda.is_available() else "cpu"


def film(path: Path, case: Case, seed: int) -> Path:
    """Moving waves and some noise, twice the size: H.264, or PNG where it is one picture."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: 2 * case.height, : 2 * case.width]
    with av.open(str(path), "w") as out:
        codec, pixels = ("png", "rgb24") if case.frames == 1 else ("libx264", "yuv420p")
        stream = out.add_stream(codec, 24, width=2 * case.width, height=2 * case.height, pix_fmt=pixels)
        for n in range(case.frames):
            planes = [128 + 80 * np.sin((x + 2 * n + 9 * seed) / 17 + c) * np.cos(y / 19 + c) for c in range(3)]
            picture = np.clip(np.stack(planes, -1) + rng.normal(0, 6, (*x.shape, 3)), 0, 255).astype(np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        out.mux(stream.encode())
    return path


def clip_of(path: Path, case: Case) -> ClipFile:
    file = LocalFile(str(path), 0, path.stat().st_size)
    media = read_facts(file).media(path.name, path.name, file.size)
    end_us = round(case.frames * 1e6 / 24)
    clip = Clip(
        clip_id(media.media_id, 0, end_us), media.media_id, 0, end_us, case.frames, "edge", "edge", 0,
        case.frames == 1, 0, 0, 2 * case.width, 2 * case.height,
    )  # fmt: skip
    return ClipFile(clip, media, file)


def take(case: Case) -> Take:
    return Take(24.0, (case.frames,), ((case.height, case.width),), case.frames > 1, None, "mono")


def work(folder: Path, case: Case, times: int, compute: str) -> Work:
    torch.manual_seed(0)
    case.vae(times).save_pretrained(folder / "vae")
    suffix = "png" if case.frames == 1 else "mp4"
    files = tuple(clip_of(film(folder / f"{n}.{suffix}", case, n), case) for n in range(case.clips))
    taken = tuple(row for outcome in take(case).open()(files) for row in outcome.rows)
    model = EncoderModel(sha256(folder / "vae"), str(folder / "vae"), compute=compute)  # type: ignore[arg-type]
    return Work(case, folder / "vae", model, files, taken)


def opened(path: str, case: Case) -> np.ndarray:
    """[T, H, W, 3], as a notebook decodes a file."""
    with av.open(path) as file:
        frames = [
            frame.reformat(case.width, case.height, "rgb24", interpolation="AREA").to_ndarray()
            for frame in file.decode(video=0)
        ]
    return np.stack(frames)


def changed(vae: torch.nn.Module, how: str) -> torch.nn.Module:
    if how == "channels-last":
        formats = {4: torch.channels_last, 5: torch.channels_last_3d}
        for one in vae.parameters():
            if one.dim() in formats:
                one.data = one.data.contiguous(memory_format=formats[one.dim()])
    if how == "compiled":
        vae.encoder = torch.compile(vae.encoder)
    return vae


def bare(one: Work, batch: int, how: str = "", *, files: bool = False) -> Callable[[], None]:
    """The loop that a notebook has: frames, encode, normalise, to the host."""
    dtype = getattr(torch, one.model.compute)
    loaded = getattr(diffusers, PICTURES[one.case.name].class_name).from_pretrained(
        one.folder, low_cpu_mem_usage=False, torch_dtype=dtype
    )
    vae, flat = changed(loaded.eval().to(one.device), how), one.case.name == "flux"
    shift, scale = _constants(vae, one.device, flat)

    def frames() -> Iterator[np.ndarray]:
        for start in range(0, one.case.clips, batch):
            if files:
                yield np.stack([opened(row.file.path, one.case) for row in one.files[start : start + batch]])
            else:
                yield np.stack([row.frames for row in one.taken[start : start + batch]])

    def run() -> None:
        with torch.inference_mode():
            for clips in frames():
                pixels = torch.from_numpy(clips).to(one.device).permute(0, 4, 1, 2, 3)
                pixels = (pixels.float() / 127.5 - 1).to(dtype)
                found = vae.encode(pixels[:, :, 0] if flat else pixels).latent_dist.mode()
                ((found.float() - shift) * scale).half().cpu().numpy()

    return run


def _constants(vae: torch.nn.Module, device: str, flat: bool) -> tuple[torch.Tensor, torch.Tensor]:
    if flat:
        return torch.tensor(vae.config.shift_factor), torch.tensor(vae.config.scaling_factor)
    mean, std = (
        torch.tensor(part, device=device).view(1, -1, 1, 1, 1)
        for part in (vae.config.latents_mean, vae.config.latents_std)
    )
    return mean, 1 / std


def rows_of_tensors(one: Work, batch: int) -> Callable[[], None]:
    """What the stage does once frames are there."""
    encoder = picture_encoder(one.case.name, one.model)
    maker = Maker(encoder, None, 24.0, NEVER)

    def run() -> None:
        vitals = Vitals(encoder.spec, LENIENT)
        for start in range(0, one.case.clips, batch):
            list(maker.made(one.taken[start : start + batch], vitals))
        vitals.judge()

    return run


def rows_of_files(one: Work, batch: int, *, ahead: bool) -> Callable[[], None]:
    """The stage. Not ahead: it is given a batch, and the next when that is encoded."""
    case = one.case
    stage = Encode(
        picture=case.name, picture_model=one.model, sound=None, frames=(case.frames,), decode_every=NEVER,
        sizes=((case.height, case.width),), health=LENIENT,
        batch_pixels=batch * case.frames * case.height * case.width, children=1,
    )  # fmt: skip
    staged, step = stage.open(), case.clips if ahead else batch

    def run() -> None:
        for start in range(0, case.clips, step):
            for outcome in staged(one.files[start : start + step]):
                if outcome.failure:
                    raise SystemExit(f"a clip failed: {outcome.failure}")

    return run


def ways(one: Work, compiled: bool) -> dict[str, tuple[Callable[[], None], str]]:
    """Each way, and which of them it is compared with."""
    found = {}
    for batch in BATCHES:
        found[f"tensors, bare, {batch}"] = (bare(one, batch), "tensors, bare, 1")
        found[f"tensors, ours, {batch}"] = (rows_of_tensors(one, batch), f"tensors, bare, {batch}")
    most = BATCHES[-1]
    for how in ("channels-last", *(["compiled"] if compiled else [])):
        found[f"tensors, bare, {most}, {how}"] = (bare(one, most, how), f"tensors, bare, {most}")
    for batch in BATCHES[1:]:
        found[f"files, bare, {batch}"] = (bare(one, batch, files=True), f"tensors, bare, {batch}")
        for ahead in (True, False):
            name = f"files, ours, {batch}" + ("" if ahead else ", nothing ahead")
            found[name] = (rows_of_files(one, batch, ahead=ahead), f"files, bare, {batch}")
    return found


def turns(chosen: dict[str, tuple[Callable[[], None], str]], times: int) -> dict[str, list[tuple[float, float]]]:
    """Wall and CPU seconds of this process, in turns."""
    for run, _ in chosen.values():
        run()
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in chosen}
    for _ in range(times):
        for name, (run, _) in chosen.items():
            wall, cpu = time.perf_counter(), time.process_time()
            run()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            found[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return found


def table(one: Work, chosen: dict[str, tuple[Callable[[], None], str]], times: int) -> None:
    case, spent = one.case, turns(chosen, times)
    where = torch.cuda.get_device_name() if one.device == "cuda" else "CPU, 1 thread"
    load = ", ".join(f"{load:.0f}" for load in os.getloadavg())
    print(
        f"\n{case.name} on {where}, {one.model.compute}: {case.clips} clips of {case.frames} frames of "
        f"{case.height}x{case.width}; medians of {times} turns, load {load}\n"
    )
    print("| way, clips at a time | frames/s | speed, of | CPU ms a frame | CPU, of |\n|---|---|---|---|---|")
    for name, (_, against) in chosen.items():
        wall, cpu = (statistics.median(turn[at] for turn in spent[name]) for at in (0, 1))
        speed, less = (
            statistics.median(b[at] / a[at] for a, b in zip(spent[name], spent[against], strict=True)) for at in (0, 1)
        )
        frames = case.clips * case.frames
        told = (f"{speed:.0%} of {against}", f"{1 / less:.0%}") if name != against else ("", "")
        print(f"| {name} | {frames / wall:.2f} | {told[0]} | {1e3 * cpu / frames:.1f} | {told[1]} |", flush=True)


def main() -> None:
    """Print a table for each VAE."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--compute", choices=("float32", "bfloat16", "float16"), default="float32")
    parser.add_argument("--width", type=int, default=1)
    parser.add_argument("--only", nargs="*", help="words of the names of VAEs")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--compile", action="store_true")
    given = parser.parse_args()
    if given.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
        torch.set_num_threads(1)
    elif not torch.cuda.is_available():
        raise SystemExit("there is no GPU here: leave out --device")
    for case in CASES:
        if not given.only or any(word in case.name for word in given.only):
            with tempfile.TemporaryDirectory() as folder:
                one = work(Path(folder), case, given.width, given.compute)
                table(one, ways(one, given.compile), given.times)


if __name__ == "__main__":
    main()
