"""How long a plan of many clips takes to make, and how much memory: a made-up cut with latents and captions.

    python infra/bench/plan.py [CLIPS...] [--folder DIR]

The tables are Parquet files as a lake has them: ids of 85 characters, keys of 64, two captions for every other clip.
Each size is made in a process of its own; its memory is the most that the process held.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from curate.plan.plan import plan
from curate.plan.settings import Part, PlanSettings

BUCKETS = {"1x256x448": [16, 1, 32, 56], "17x256x448": [16, 5, 32, 56], "33x256x384": [16, 9, 32, 48]}
_PIECE = 500_000


def keys(n: np.ndarray, kind: int) -> pl.Series:
    """64 hexadecimal digits for each number."""
    mixed = pl.Series(n.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(kind))
    return pl.select(pl.format("{}" * 4, *(mixed.hash(i).cast(pl.String).str.pad_start(16, "0").str.slice(0, 16)
                                           for i in range(4)))).to_series()  # fmt: skip


def tables(folder: Path, clips: int) -> None:
    """Write `picks`, `latents` and `captions`."""
    for start in range(0, clips, _PIECE):
        n = np.arange(start, min(clips, start + _PIECE))
        name = f"{start:012d}.parquet"
        names = np.array(list(BUCKETS))
        bucket = pl.Series(names[n * n % 3])
        clip = pl.select(pl.format("{}/{}-{}", keys(n // 5, 1), pl.lit(pl.Series(n % 5 * 4_000_000)), 123)).to_series()
        still = bucket == "1x256x448"
        base = pl.DataFrame({"clip_id": clip, "bucket": bucket})
        picks = base.with_columns(
            cut=pl.select(pl.when(still).then(pl.lit("stills")).otherwise(pl.lit("videos"))).to_series(),
            cut_hash=pl.select(pl.when(still).then(pl.lit("d" * 64)).otherwise(pl.lit("c" * 64))).to_series(),
            kept=pl.lit(value=True), side=pl.lit("train"), weight=pl.lit(1.0),
        )  # fmt: skip
        shape = pl.Series([BUCKETS[b] for b in bucket])
        blob = pl.struct(shard=pl.lit("latents/shards/u.parquet"), offset=pl.lit(4), length=pl.lit(200_000))
        picture = base.with_columns(
            shape=shape, modality=pl.lit("video"), encoder=pl.lit("dct-4x8x8-c16"), content_key=keys(n, 2),
            contract=pl.lit("{}"), blob=blob,
        )  # fmt: skip
        sound = picture.with_columns(
            modality=pl.lit("audio"), encoder=pl.lit("mdct-10ms-c80"), content_key=keys(n, 3)
        ).filter(~still)
        captions = pl.concat([base.select("clip_id", caption_id=pl.col("clip_id") + f"#{i}")[:: i + 1] for i in (0, 1)])
        for table, frame in {"picks": picks, "latents": pl.concat([picture, sound]), "captions": captions}.items():
            (folder / table).mkdir(exist_ok=True)
            frame.write_parquet(folder / table / name)


def measured(folder: Path, clips: int) -> dict[str, float]:
    """Make the plan; what it took."""
    began, cpu = time.monotonic(), time.process_time()
    settings = PlanSettings(tokens_per_step=120_000, mix=(Part("videos", 0.8), Part("stills", 0.2)), mix_by="tokens")
    given = (pl.scan_parquet(folder / name / "*.parquet") for name in ("picks", "latents", "captions"))
    with tempfile.TemporaryDirectory(dir=folder) as spool:
        made = plan(*given, settings, Path(spool))
        waiting = sum(file.stat().st_size for file in Path(spool).iterdir())
    return {
        "clips": clips,
        "steps": made.record.steps,
        "samples": made.record.samples,
        "wall_s": time.monotonic() - began,
        "cpu_s": time.process_time() - cpu,
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "spool_gib": waiting / 2**30,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="*", type=int, default=[1_000_000, 3_000_000, 10_000_000])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--within", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.within:
        print(json.dumps(measured(given.within, given.clips[0])))
        return
    print("| clips | steps | samples | wall s | CPU s | peak GiB | spool GiB |\n|---|---|---|---|---|---|---|")
    for clips in given.clips:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            tables(Path(folder), clips)
            command = [sys.executable, __file__, str(clips), "--within", folder]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(
            f"| {clips} | {found['steps']} | {found['samples']} | {found['wall_s']:.0f} | {found['cpu_s']:.0f} | "
            f"{found['peak_gib']:.2f} | {found['spool_gib']:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
