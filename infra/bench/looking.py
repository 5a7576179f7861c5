"""What it costs to prepare 10 s of video for a model that sees, against ffmpeg decoding just that span: CPU seconds.

    python infra/bench/looking.py [FILE...] [--media FOLDER] [--seconds 10] [--times 5] [--profile NAME]

One thread each, runs alternate, least of each. Preparing is what a warm worker does of one clip: open its media, seek,
decode, scale the frames that are shown, and take their bytes. It is done twice: for a model that is shown images of all
sampled frames as they stand in the recipe's profile, and with the sound where the profile hears.
"""

import argparse
import os
import resource
import subprocess
import time
from pathlib import Path

from captioners.seeing.look import Look
from captioners.seeing.profile import PROFILES
from curate.media.facts import read_facts
from curate.media.file import ClipFile, LocalFile
from schemas.clip import Clip, clip_id

HERE = Path(__file__).resolve()
MEDIA = HERE.parents[3] / "shared" / "media"
FILES = ("good/sam2_cups_720p.mp4", "good/cockatoo_720p.mp4", "good/v2d_slides_1080p_122s.mp4", "good/bbb_480p_30s.mp4")


def ffmpeg_cpu_s(path: Path, start_s: float, seconds: float) -> float:
    """User and system seconds of one ffmpeg that decodes the picture of a span in one thread."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    span = ["-ss", f"{start_s:g}", "-t", f"{seconds:g}"]
    command = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", *span, "-i", str(path), "-an", "-f", "null", "-"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def clip_of(path: Path, start_s: float, seconds: float) -> ClipFile:
    file = LocalFile(str(path), 0, path.stat().st_size)
    media = read_facts(file).media(path.name, path.name, file.size)
    if media.picture is None or media.duration_us is None:
        raise SystemExit(f"{path} has no picture, or does not say how long it is")
    start_us = round(start_s * 1e6)
    end_us = min(start_us + round(seconds * 1e6), media.duration_us)
    key = clip_id(media.media_id, start_us, end_us)
    size = (media.picture.width, media.picture.height)
    return ClipFile(Clip(key, media.media_id, start_us, end_us, 1, "cut", "cut", 0, False, 0, 0, *size), media, file)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--media", type=Path, default=MEDIA)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--profile", default="qwen3-vl-8b", choices=sorted(PROFILES))
    arguments = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    run = Look(PROFILES[arguments.profile].sight).open()
    print("| file | span | frames, pixels of each | ffmpeg, CPU s | prepared, CPU s | ratio |")
    print("|---|---|---|---|---|---|")
    for path in arguments.files or [arguments.media / name for name in FILES]:
        longest = (clip_of(path, 0, 1e5).clip.end_us) / 1e6
        start_s = 0.0 if longest <= 1.5 * arguments.seconds else longest / 3
        row = clip_of(path, start_s, arguments.seconds)
        seconds = (row.clip.end_us - row.clip.start_us) / 1e6
        decoded, prepared = [], []
        [warm] = run([row])
        [shown] = warm.rows[0].windows
        for _ in range(arguments.times):
            decoded.append(ffmpeg_cpu_s(path, start_s, seconds))
            before = time.process_time()
            list(run([row]))
            prepared.append(time.process_time() - before)
        what = f"{len(shown.frames_us)}, {shown.window.width}x{shown.window.height}"
        ratio = min(prepared) / min(decoded)
        print(
            f"| {path.name} | {start_s:.0f} s + {seconds:.1f} s | {what} | {min(decoded):.2f} | {min(prepared):.2f} "
            f"| {ratio:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
