"""What encoding costs beside a bare loop over the same VAE on the same frames, and what each way of running it brings.

    .venv-models/bin/python infra/bench/encode.py [--width 32] [--clips 8] [--frames 17] [--size 128x224] [--times 3]
    .venv-models/bin/python infra/bench/encode.py --sizes

A Wan 2.1 VAE with random weights; `--width 96` is the full size. The stage decodes real files in children, makes rows
and hashes; the bare loop has its frames in memory and does nothing but encode. Runs alternate, least of each; the first
of each is not counted. `--sizes` prints what latents weigh.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import diffusers
import numpy as np
import torch

from curate.encode.bucket import Bucket
from curate.encode.family import PICTURES, SOUNDS
from curate.encode.health import HealthRules
from curate.encode.model import EncoderModel
from curate.encode.size import bytes_per_s, footprint, picture_bytes, sound_bytes_per_s
from curate.encode.stage import Encode
from curate.encode.taken import Take
from curate.media.facts import read_facts
from curate.media.file import ClipFile, LocalFile
from curate.weights import sha256
from schemas.clip import Clip, clip_id

LENIENT = HealthRules(psnr_db=0.0, ssim=-1.0, least_deviation=0.0)  # random weights give nothing back


@dataclass(frozen=True)
class Work:
    """The same clips as files and as frames."""

    clips: Sequence[ClipFile]
    frames: np.ndarray  # [N, T, H, W, 3]


def film(path: Path, frames: int, height: int, width: int) -> Path:
    """Moving waves and some noise, H.264."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:height, :width]
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", 24, width=width, height=height, pix_fmt="yuv420p")
        for n in range(frames):
            planes = [128 + 80 * np.sin((x + 2 * n) / 17 + c) * np.cos(y / 19 + c) for c in range(3)]
            picture = np.clip(np.stack(planes, -1) + rng.normal(0, 6, (height, width, 3)), 0, 255).astype(np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        out.mux(stream.encode())
    return path


def work(folder: Path, count: int, frames: int, size: tuple[int, int]) -> Work:
    path = film(folder / "film.mp4", count * frames + 24, 2 * size[0], 2 * size[1])
    file = LocalFile(str(path), 0, path.stat().st_size)
    media = read_facts(file).media(path.name, path.name, file.size)
    spans = [(round(n * frames * 1e6 / 24), round((n + 1) * frames * 1e6 / 24)) for n in range(count)]
    clips = [
        ClipFile(
            Clip(clip_id(media.media_id, *span), media.media_id, *span, frames, "cut", "cut", 0, False, 0, 0,
                 2 * size[1], 2 * size[0]),
            media, file,
        )
        for span in spans
    ]  # fmt: skip
    taken = [outcome.rows[0].frames for outcome in Take(24.0, (frames,), (size,), True, None, "mono").open()(clips)]
    return Work(clips, np.stack(taken))


def bare(
    folder: Path, one: Work, batch: int, prepared: Callable[[torch.nn.Module], torch.nn.Module]
) -> Callable[[], None]:
    """The loop that a notebook has: frames in memory, encode, normalise, to the host."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    vae = prepared(diffusers.AutoencoderKLWan.from_pretrained(folder, low_cpu_mem_usage=False).eval().to(device))
    mean, std = (
        torch.tensor(part, device=device).view(1, -1, 1, 1, 1)
        for part in (vae.config.latents_mean, vae.config.latents_std)
    )

    def run() -> None:
        with torch.inference_mode():
            for start in range(0, len(one.frames), batch):
                clips = torch.from_numpy(one.frames[start : start + batch]).to(device)
                pixels = clips.permute(0, 4, 1, 2, 3).float() / 127.5 - 1
                ((vae.encode(pixels).latent_dist.mode() - mean) / std).half().cpu().numpy()

    return run


def staged(folder: Path, one: Work, batch: int, ahead: bool = True) -> Callable[[], None]:
    frames, height, width = one.frames.shape[1:4]
    stage = Encode(
        picture="wan-2.1", picture_model=EncoderModel(sha256(folder), str(folder)), sound=None, frames=(frames,),
        sizes=((height, width),), decode_every=1 << 40, health=LENIENT, batch_pixels=batch * frames * height * width,
        children=2 if ahead else 1,
    )  # fmt: skip
    opened = stage.open()

    def run() -> None:
        outcomes = list(opened(one.clips)) if ahead else [out for clip in one.clips for out in opened([clip])]
        if failed := [outcome.failure for outcome in outcomes if outcome.failure]:
            raise SystemExit(f"a clip failed: {failed[0]}")

    return run


def channels_last(vae: torch.nn.Module) -> torch.nn.Module:
    formats = {4: torch.channels_last, 5: torch.channels_last_3d}
    for one in vae.parameters():
        if one.dim() in formats:
            one.data = one.data.contiguous(memory_format=formats[one.dim()])
    return vae


def compiled(vae: torch.nn.Module) -> torch.nn.Module:
    vae.encoder = torch.compile(vae.encoder)
    return vae


def least_s(ways: dict[str, Callable[[], None]], times: int) -> dict[str, tuple[float, float]]:
    """Wall and CPU seconds of this process, least of some runs, in turns."""
    for run in ways.values():
        run()
    found = {name: (float("inf"), float("inf")) for name in ways}
    for _ in range(times):
        for name, run in ways.items():
            wall, cpu = time.perf_counter(), time.process_time()
            run()
            spent = (time.perf_counter() - wall, time.process_time() - cpu)
            found[name] = (min(found[name][0], spent[0]), min(found[name][1], spent[1]))
    return found


def sizes() -> None:
    """Print what latents weigh."""
    print("| encoder | channels x time x space | 704x1280, MB/s | 480x832, MB/s | still of 1024x1024, kB |")
    print("|---|---|---|---|---|")
    for name, family in PICTURES.items():
        one, step = footprint(name), family.frame_step
        frames = 1 + step * round(96 / step) if step else 0
        rates = [
            f"{bytes_per_s(one, Bucket(frames, height, width), 24.0) / 1e6:.2f} ({frames} frames)" if step else "-"
            for height, width in ((704, 1280), (480, 832))
        ]
        still = picture_bytes(one, Bucket(1, 1024, 1024)) / 1e3
        print(
            f"| {name} | {family.channels} x {family.time_stride} x {family.space_stride} | {' | '.join(rates)} "
            f"| {still:.0f} |"
        )
    print("\n| sound | kB/s |\n|---|---|")
    for name, sound in SOUNDS.items():
        print(f"| {name} | {sound_bytes_per_s(footprint(name), sound.rate_hz) / 1e3:.2f} |")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--width", type=int, default=32, help="of the VAE; the full size is 96")
    parser.add_argument("--clips", type=int, default=8)
    parser.add_argument("--frames", type=int, default=17)
    parser.add_argument("--size", default="128x224")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--sizes", action="store_true")
    arguments = parser.parse_args()
    if arguments.sizes:
        sizes()
        return
    height, width = (int(side) for side in arguments.size.split("x"))
    with tempfile.TemporaryDirectory() as folder:
        vae = Path(folder) / "vae"
        torch.manual_seed(0)
        diffusers.AutoencoderKLWan(base_dim=arguments.width).save_pretrained(vae)
        one, batch = work(Path(folder), arguments.clips, arguments.frames, (height, width)), arguments.batch
        ways = {
            "bare loop, one clip at a time": bare(vae, one, 1, lambda model: model),
            f"bare loop, {batch} clips": bare(vae, one, batch, lambda model: model),
            f"bare loop, {batch} clips, channels-last": bare(vae, one, batch, channels_last),
            "the stage, one clip at a time": staged(vae, one, 1),
            f"the stage, {batch} clips": staged(vae, one, batch),
            "the stage, nothing decoded ahead": staged(vae, one, 1, ahead=False),
        }
        if arguments.compile:
            ways[f"bare loop, {batch} clips, compiled"] = bare(vae, one, batch, compiled)
        found = least_s(ways, arguments.times)
    where = torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} threads"
    frames = arguments.clips * arguments.frames
    first = found["bare loop, one clip at a time"][0]
    print(
        f"{where}; VAE of width {arguments.width}, {arguments.clips} clips of {arguments.frames} frames of "
        f"{arguments.size}\n"
    )
    print("| way | frames/s | of the bare loop | CPU ms a frame, of the worker |\n|---|---|---|---|")
    for name, (wall_s, cpu_s) in found.items():
        print(f"| {name} | {frames / wall_s:.2f} | {100 * first / wall_s:.0f} % | {1e3 * cpu_s / frames:.1f} |")


if __name__ == "__main__":
    main()
