"""What a review proxy costs: against ffmpeg with the same settings, and a look-up in a lake of many.

python infra/bench/proxy.py make [FILES...]        CPU and wall seconds, bytes a second of film
python infra/bench/proxy.py find [--rows 1000000]  a row by its clip, in a table of so many
"""

import argparse
import hashlib
import os
import random
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from curate.media.facts import read_facts
from curate.media.file import ClipFile, LocalFile
from curate.proxy.stage import Proxy, make_proxy
from curate.review.footage_lake import FilmStore
from curate.storage.lake import Lake, open_lake
from schemas.clip import Clip, clip_id
from schemas.media import Blob
from schemas.proxy import Proxy as Row
from schemas.row import to_table
from schemas.tables import TABLES
from schemas.trace import Trace

GOOD = Path(__file__).resolve().parents[3] / "shared" / "media" / "good"
DEFAULT = (
    "sam2_dog_720p.mp4",
    "bbb_480p_30s.mp4",
    "v2d_slides_1080p_122s.mp4",
    "bbb_1080p60_2s.mp4",
    "nasa_13013_180p.mp4",
)
LONGEST_US = 30_000_000
ROWS_PER_FILE = 4096
THUMBS_BYTES = 500  # of a row in the table; real ones have some 12 KB


@dataclass(frozen=True)
class Cost:
    cpu_s: float
    wall_s: float
    size_bytes: int


def clip_of(path: Path) -> ClipFile:
    file = LocalFile(str(path), 0, path.stat().st_size)
    media = read_facts(file).media(path.name, path.name, file.size)
    end_us = min(media.duration_us or LONGEST_US, LONGEST_US)
    clip = Clip(clip_id(path.name, 0, end_us), path.name, 0, end_us, 1, "edge", "edge", 0, False, 0, 0, 1, 1)
    return ClipFile(clip, media, file)


def ours(row: ClipFile) -> tuple[Cost, Row]:
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    heavy = make_proxy(row, Proxy())
    size = len(bytes(heavy.body))
    return Cost(time.process_time() - cpu_s, time.perf_counter() - wall_s, size), heavy.row


def peer(row: ClipFile, made: Row, folder: Path) -> Cost:
    """The same film by ffmpeg in one thread each: scale, frame rate, x264 and AAC; no peaks, no thumbnails."""
    stage, out, length_s = Proxy(), folder / "peer.mp4", str((made.end_us - made.start_us) / 1e6)
    command = [
        "ffmpeg", "-v", "error", "-y", "-threads", "1", "-i", row.file.path, "-t", length_s,
        "-vf", f"scale={made.width}:{made.height}:flags=area,fps={made.rate_num}/{made.rate_den},format=yuv420p",
        "-filter_threads", "1", "-c:v", "libx264", "-threads", "1", "-preset", stage.preset, "-crf", str(stage.crf),
        "-g", str(stage.gop), "-bf", "0", "-c:a", "aac", "-ar", "48000", "-ac", "2", "-b:a", "128k",
        "-movflags", "+faststart", str(out),
    ]  # fmt: skip
    before, wall_s = os.times(), time.perf_counter()
    subprocess.run(command, check=True, timeout=600)
    after = os.times()
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(cpu_s, time.perf_counter() - wall_s, out.stat().st_size)


def make(paths: list[Path]) -> None:
    print("| film | size | s | CPU ms per s | x real time | KB per s | ffmpeg CPU | ratio | ffmpeg KB per s |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            row = clip_of(path)
            mine, made = min((ours(row) for _ in range(2)), key=lambda one: one[0].cpu_s)
            other = min((peer(row, made, Path(folder)) for _ in range(2)), key=lambda one: one.cpu_s)
            length_s = (made.end_us - made.start_us) / 1e6
            print(
                f"| {path.stem} | {made.width}x{made.height} {made.rate_num / made.rate_den:.4g} fps | {length_s:.1f} "
                f"| {1000 * mine.cpu_s / length_s:.0f} | {length_s / mine.cpu_s:.1f} "
                f"| {mine.size_bytes / length_s / 1000:.0f} | {1000 * other.cpu_s / length_s:.0f} "
                f"| {mine.cpu_s / other.cpu_s:.2f} | {other.size_bytes / length_s / 1000:.0f} |",
                flush=True,
            )


def fill(lake: Lake, rows: int) -> list[str]:
    """A table of so many proxies, in files that cover narrow ranges of clips, as a compacted one has."""
    ids = sorted(clip_id(hashlib.sha256(b"%d" % n).hexdigest(), 0, 9) for n in range(rows))
    noise = random.Random(1).randbytes(ROWS_PER_FILE + THUMBS_BYTES)  # noqa: S311  no secret
    blob = Blob("proxies/shards/x.tar", 0, 9, "0" * 16)
    one = to_table(Row, [Row("", 0, 9, 2, 2, 1, 25, 1, True, False, 100, b"", b"", 1, "0" * 64, blob)])
    trace = to_table(Trace, [Trace("", 0, 1, None, 1, "f", "run", 0)]).drop_columns(["fingerprint"])
    names = [field.name for field in TABLES["proxies"].schema if field.name != "fingerprint"]
    files = []
    for start in range(0, rows, ROWS_PER_FILE):
        part = ids[start : start + ROWS_PER_FILE]
        thumbs = [noise[n : n + THUMBS_BYTES] for n in range(len(part))]
        made = {"clip_id": part, "input_id": part, "thumbs_jpeg": thumbs}
        columns = [
            pa.array(made[field.name], field.type) if field.name in made else column.take([0] * len(part))
            for field, column in zip([*one.schema, *trace.schema], [*one.columns, *trace.columns], strict=True)
        ]
        files.append(lake.write("proxies", "f", pa.table(columns, names=names)))
    lake.commit("proxies", files, "proxy-f", 1)
    return ids


def find(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lake = open_lake(folder, {})
        lake.create()
        ids = fill(lake, rows)
        store, times = FilmStore(lake), []
        for one in random.Random(1).choices(ids, k=60):  # noqa: S311  no secret
            begun_s = time.perf_counter()
            if store.row(one) is None:
                raise SystemExit(f"{one} is not found")
            times.append(1000 * (time.perf_counter() - begun_s))
        median, p95 = statistics.median(times[1:]), sorted(times[1:])[55]
        print(f"{rows} rows: first {times[0]:.0f} ms, median {median:.1f}, p95 {p95:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("make").add_argument("files", nargs="*", type=Path)
    what.add_parser("find").add_argument("--rows", type=int, default=1_000_000)
    given = parser.parse_args()
    if given.what == "make":
        make(given.files or [GOOD / name for name in DEFAULT])
    else:
        find(given.rows)


if __name__ == "__main__":
    main()
