"""What a scan costs against decoding the same file to nowhere with ffmpeg: CPU seconds, one thread each.

    python infra/bench/scan.py [FILE...] [--media FOLDER] [--times 3]

Runs alternate; the ratio is that of the least of each, and beside it that of the medians. A scan is counted from the
opened stage (modules imported, model loaded) to its strip, in a fresh process each time; ffmpeg from its start to its
end.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

from curate.media.facts import read_facts
from curate.media.file import LocalFile, MediaFile
from curate.scan.stage import Scan

HERE = Path(__file__).resolve()
MEDIA = HERE.parents[3] / "shared" / "media"
FILES = (
    "good/bbb_480p_30s.mp4",
    "good/mdn_crystal_480p.mp4",
    "good/sam2_dog_720p.mp4",
    "good/bbb_1080p60_2s.mp4",
    "good/v2d_slides_1080p_122s.mp4",
)


def ffmpeg_cpu_s(path: Path) -> float:
    """User and system seconds of one ffmpeg that decodes picture and sound in one thread."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-i", str(path), "-f", "null", "-"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def scan_cpu_s(path: Path) -> tuple[float, int]:
    """User and system seconds of one scan in a fresh process, and that process's peak memory in MiB."""
    command = [sys.executable, str(HERE), "--one", str(path)]
    single = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=single)
    found = json.loads(done.stdout)
    return found["cpu_s"], found["peak_mib"]


def one(path: Path) -> None:
    """Scan one file in this process and print what it cost."""
    file = LocalFile(str(path), 0, path.stat().st_size)
    row = MediaFile(read_facts(file).media(path.name, path.name, file.size), file)
    run = Scan().open()
    before = os.times()
    [outcome] = run([row])
    after = os.times()
    if outcome.failure is not None:
        raise SystemExit(f"{path}: {outcome.failure.kind}: {outcome.failure.detail}")
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    cpu_s = after.user + after.system - before.user - before.system
    print(json.dumps({"cpu_s": cpu_s, "peak_mib": peak_mib}))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--media", type=Path, default=MEDIA)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--one", type=Path, help="scan this file in this process (what each measurement runs)")
    arguments = parser.parse_args()
    if arguments.one:
        one(arguments.one)
        return
    if shutil.which("ffmpeg") is None:
        raise SystemExit("ffmpeg is not installed: apt-get install --no-install-recommends ffmpeg")
    print("| file | ffmpeg, CPU s | scan, CPU s | ratio | of medians | scan, peak MiB |")
    print("|---|---|---|---|---|---|")
    for path in arguments.files or [arguments.media / name for name in FILES]:
        decoded, scanned, peak_mib = [], [], 0
        for _ in range(arguments.times):
            decoded.append(ffmpeg_cpu_s(path))
            cpu_s, peak_mib = scan_cpu_s(path)
            scanned.append(cpu_s)
        least, middle = (of(scanned) / of(decoded) for of in (min, median))
        seconds = f"{min(decoded):.2f} | {min(scanned):.2f}"
        print(f"| {path.name} | {seconds} | {least:.2f} | {middle:.2f} | {peak_mib} |", flush=True)


if __name__ == "__main__":
    main()
