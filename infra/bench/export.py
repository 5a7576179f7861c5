"""What it costs to give clips away as files: how many can be copied, and how fast each kind is written.

python infra/bench/export.py [--scenes 24] [--seed 1] [FILES...]

Scenes of 1 to 6 s of real films are joined to one film of 1280x720 at 24 fps with sound, in groups of 2 s, and each is
a clip. x264 begins a group at most cuts (`scenecut`), as in films that people upload; a coder with fixed groups, as of
live streams, begins none there, but for those where a cut falls on its beat by chance.
"""

import argparse
import random
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from curate.export.clip import CutClip
from curate.export.format import Missed, Settings, Unit
from curate.export.sample import Sample
from curate.export.stage import Cut
from curate.export.webdataset import WebDataset
from curate.media.facts import read_facts
from curate.media.file import ClipFile, LocalFile
from curate.storage.blobs import Blobs
from schemas.clip import Clip, clip_id

GOOD = Path(__file__).resolve().parents[3] / "shared" / "media" / "good"
DEFAULT = ("sam2_dog_720p.mp4", "bbb_480p_30s.mp4", "v2d_slides_1080p_122s.mp4", "nasa_13013_180p.mp4")
FPS, GROUP = 24, 48
CODINGS = {"groups begin at cuts": (), "fixed groups": ("-sc_threshold", "0", "-flags", "+cgop")}
SHAPE = f"fps={FPS},scale=1280:720:force_original_aspect_ratio=increase,crop=1280:720,setsar=1,format=yuv420p"


@dataclass
class Cost:
    clips: int = 0
    media_s: float = 0.0
    cpu_s: float = 0.0
    wall_s: float = 0.0
    size_bytes: int = 0
    why: dict[str, int] = field(default_factory=dict)


def seconds(path: Path) -> float:
    asked = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)]
    return float(subprocess.run(asked, check=True, capture_output=True, text=True).stdout)


def joined(folder: Path, files: list[Path], scenes: int, seed: int) -> tuple[Path, list[int]]:
    """A lossless film of scenes, and how many frames each has."""
    chance = random.Random(seed)  # noqa: S311  no secret
    long = {path: seconds(path) for path in files}
    inputs, filters, lengths = list[str](), list[str](), list[int]()
    for n in range(scenes):
        path, frames = files[n % len(files)], chance.randint(FPS, 6 * FPS)
        frames = min(frames, int((long[path] - 1) * FPS))
        begin_s = chance.uniform(0, long[path] - frames / FPS - 0.5)
        inputs += ["-ss", f"{begin_s:.3f}", "-t", f"{frames / FPS + 0.5:.3f}", "-i", str(path)]
        filters.append(f"[{n}:v]{SHAPE},tpad=stop=24:stop_mode=clone,trim=end_frame={frames},setpts=PTS-STARTPTS[v{n}]")
        lengths.append(frames)
    graph = ";".join(filters) + ";" + "".join(f"[v{n}]" for n in range(scenes)) + f"concat=n={scenes}[v]"
    out = folder / "joined.mkv"
    sound = ["-f", "lavfi", "-i", f"sine=330:sample_rate=48000:duration={sum(lengths) / FPS}"]
    coding = [
        "-map",
        "[v]",
        "-map",
        f"{scenes}:a",
        "-c:v",
        "libx264",
        "-qp",
        "0",
        "-preset",
        "ultrafast",
        "-c:a",
        "flac",
    ]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *inputs, *sound, "-filter_complex", graph, *coding, out], check=True)
    return out, lengths


def coded(source: Path, folder: Path, name: str) -> Path:
    out = folder / f"{name.replace(' ', '-')}.mp4"
    how = ["-c:v", "libx264", "-preset", "medium", "-crf", "20", "-g", str(GROUP), *CODINGS[name], "-c:a", "aac"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", source, *how, out], check=True)
    return out


def clips(path: Path, lengths: list[int]) -> Iterator[ClipFile]:
    file = LocalFile(str(path), 0, path.stat().st_size)
    media = read_facts(file).media(path.name, path.name, file.size)
    frame = 0
    for length in lengths:
        start_us, end_us = (round(at * 1e6 / FPS) for at in (frame, frame + length))
        key = clip_id(path.stem, start_us, end_us)
        yield ClipFile(
            Clip(key, path.name, start_us, end_us, length, "cut", "cut", 0, False, 0, 0, 1280, 720), media, file
        )
        frame += length


def measure(path: Path, lengths: list[int], folder: Path) -> dict[bool, Cost]:
    """Costs of what is copied and of what is not, each clip cut and written as WebDataset does."""
    run, costs = Cut().open(), {True: Cost(), False: Cost()}
    for number, row in enumerate(clips(path, lengths)):
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        (outcome,) = run([row])
        (heavy,) = outcome.rows
        sample = Sample(row.clip, row.media, (), (), {}, (), (), "train", 1.0, (heavy.row, heavy.body))
        unit = Unit(number, len(lengths), Settings("bench", "train", "bench", None, 1, 0))
        (part,) = WebDataset().write(Blobs(str(folder)), unit, [sample], _none_missed)
        made: CutClip = heavy.row
        cost = costs[made.copied]
        cost.clips, cost.size_bytes = cost.clips + 1, cost.size_bytes + part.size_bytes
        cost.cpu_s, cost.wall_s = cost.cpu_s + time.process_time() - cpu_s, cost.wall_s + time.perf_counter() - wall_s
        cost.media_s += (row.clip.end_us - row.clip.start_us) / 1e6
        if made.why:
            cost.why[made.why] = cost.why.get(made.why, 0) + 1
    return costs


def line(name: str, what: str, share: float, cost: Cost) -> str:
    size_mb = cost.size_bytes / 1e6
    return (
        f"| {name} | {cost.clips} | {cost.media_s:.1f} | {share:.0%} | {what} | {size_mb / cost.cpu_s:.1f} "
        f"| {size_mb / cost.wall_s:.1f} | {cost.media_s / cost.cpu_s:.1f} | {size_mb:.1f} |"
    )


def _none_missed(missed: Missed) -> None:
    raise AssertionError(missed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--scenes", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    files = asked.files or [GOOD / name for name in DEFAULT]
    print("| film | clips | s | copied | | MB/s of CPU | MB/s | x real time | MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="export-") as place:
        folder = Path(place)
        source, lengths = joined(folder, files, asked.scenes, asked.seed)
        for name in CODINGS:
            path = coded(source, folder, name)
            costs = measure(path, lengths, folder / name.replace(" ", "-"))
            share = costs[True].clips / len(lengths)
            for copied, cost in costs.items():
                if cost.clips:
                    print(line(name, "copied" if copied else "encoded", share, cost), flush=True)
                for why, times in cost.why.items():
                    print(f"<!-- {times} x {why} -->")


if __name__ == "__main__":
    main()
