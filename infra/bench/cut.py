"""How long a change of policy takes over a corpus of many clips, and how much memory: made-up tables, as in a lake.

    python infra/bench/cut.py [CLIPS...] [--folder DIR]

Media of ten clips each, from a thousand hosts; four metrics, a verdict and a latent for each clip. Each policy is
applied in a process of its own, from Parquet files; its memory is the most that the process held. What waits meanwhile
lies beside the tables.
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

from curate.pick.corpus import Corpus
from curate.pick.cut import pick
from curate.pick.policy import Balance, Bound, Policy, Quota

METRICS = ("motion", "sharpness", "brightness", "loudness")
PER_MEDIA = 10
POLICIES = {
    "one bound": Policy(bounds=(Bound("motion", at_least=0.2),), duplicates=None),
    "four bounds": Policy(bounds=tuple(Bound(metric, at_least=0.1) for metric in METRICS), duplicates=None),
    "with quotas and balance": Policy(
        bounds=(Bound("motion", at_least=0.2),), duplicates=None,
        quotas=(Quota("host", share=0.002),), balances=(Balance("host"),),
    ),
}  # fmt: skip
TABLES = ("sources", "media", "clips", "scores", "verdicts", "latents")


def media_ids(n: np.ndarray) -> pl.Series:
    """64 hexadecimal digits for each number."""
    digits = [pl.Series(n).hash(seed).cast(pl.String).str.pad_start(20, "0").str.slice(4, 16) for seed in range(4)]
    return pl.select(pl.concat_str([pl.lit(part) for part in digits])).to_series()


def write(folder: Path, clips: int) -> None:
    """The tables of a corpus."""
    step = 500_000
    for start in range(0, clips, step):
        n = np.arange(start, min(clips, start + step))
        random = np.random.default_rng(start)
        media = media_ids(n // PER_MEDIA)
        begin = (n % PER_MEDIA) * 8_000_000
        spans = pl.DataFrame({"m": media, "b": begin})
        ids = spans.select(
            pl.format("{}/{}-{}", "m", pl.col("b").cast(pl.String).str.pad_start(12, "0"),
                      (pl.col("b") + 8_000_000).cast(pl.String).str.pad_start(12, "0"))
        ).to_series()  # fmt: skip
        size = len(n)
        made = {
            "media": pl.DataFrame({"media_id": media, "source_id": media}).unique(maintain_order=True),
            "sources": pl.DataFrame({"source_id": media, "m": n // PER_MEDIA}).unique(maintain_order=True).select(
                "source_id", uri=pl.format("https://host-{}.example/{}", pl.col("m") % 1000, "m"),
                licence=pl.when(pl.col("m") % 3 == 0).then(pl.lit("cc0")).otherwise(pl.lit("cc-by")),
                language=pl.lit("en"), tombstone=pl.lit(False), evaluation=pl.lit(None, pl.String),
            ),
            "clips": pl.DataFrame({
                "clip_id": ids, "media_id": media, "start_us": begin, "end_us": begin + 8_000_000,
                "still": np.zeros(size, bool), "crop_width": np.full(size, 1280), "crop_height": np.full(size, 720),
            }),
            "scores": pl.concat([
                pl.DataFrame({"clip_id": ids, "metric": [metric] * size, "value": random.random(size)})
                for metric in METRICS
            ]),
            "verdicts": pl.DataFrame({
                "caption_id": ids.hash().cast(pl.String), "clip_id": ids,
                "status": np.where(random.random(size) < 0.8, "pass", "flagged"), "coverage": random.random(size),
                "contradiction": np.zeros(size),
            }),
            "latents": pl.DataFrame({
                "clip_id": ids, "modality": ["video"] * size, "encoder": ["dct-4x8x8-c16"] * size,
                "bucket": np.array(["17x256x448", "33x256x384"])[n % 2],
            }),
        }  # fmt: skip
        for table, frame in made.items():
            (folder / table).mkdir(parents=True, exist_ok=True)
            frame.write_parquet(folder / table / f"{start:012d}.parquet")


def one(folder: Path, policy: str) -> dict[str, float]:
    """Apply one policy."""
    begun, cpu = time.monotonic(), time.process_time()
    tables = {name: pl.scan_parquet(folder / name / "*.parquet") for name in TABLES}
    with tempfile.TemporaryDirectory(dir=folder) as spool:
        cut = pick(Corpus(**tables), POLICIES[policy], Path(spool))
    return {
        "kept": cut.kept,
        "wall_s": round(time.monotonic() - begun, 1),
        "cpu_s": round(time.process_time() - cpu, 1),
        "peak_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="*", type=int, default=[1_000_000, 10_000_000])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(one(asked.folder, asked.one)))
        return
    for clips in asked.clips:
        with tempfile.TemporaryDirectory(dir=asked.folder) as made:
            write(Path(made), clips)
            for policy in POLICIES:
                command = [sys.executable, __file__, "--folder", made, "--one", policy]
                print(clips, policy, subprocess.check_output(command, text=True).strip(), flush=True)


if __name__ == "__main__":
    main()
