"""Does a reader's memory grow with the plan: resident bytes along a pass over many rows.

    python infra/bench/rows.py [ROWS] [--folder DIR]

A lake of so many clips with latents of 6 numbers and a caption each, read in batches of 64 by one rank.
"""

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

import polars as pl
import pyarrow as pa

from curate.encode.shards import store_latents
from curate.media.process import tree_rss_bytes
from curate.plan.plan import plan
from curate.plan.settings import PlanSettings
from curate.reader import Lake as Readable
from curate.reader import Loader
from curate.storage.lake import Lake, open_lake
from schemas.caption import Caption
from schemas.latent import Latent
from schemas.row import to_table
from schemas.tables import TABLES
from schemas.trace import Trace
from tests.reader import world

SHAPE = (6, 1, 1, 1)
BUCKET = "1x8x8"


def many(rows: int, table: str, one: pl.DataFrame, **columns: pl.Expr) -> pl.DataFrame:
    """A row of a table so many times, with other names."""
    trace = pl.DataFrame(to_table(Trace, [Trace("x", 0, 1, None, 1, "f1", "run", 0)]))
    frame = pl.DataFrame({"n": pl.int_range(rows, eager=True)}).join(one.hstack(trace), how="cross")
    name = pl.format("clip{}", pl.col("n").cast(pl.String).str.pad_start(9, "0"))
    return frame.with_columns(clip_id=name, input_id=name, **columns).select(TABLES[table].schema.names)


def stored(lake: Lake, rows: int) -> None:
    """Latents, captions, a cut and a plan; every latent is the same bytes."""
    lake.create()
    (latent,) = store_latents(lake.blobs, "u", [world.heavy(0, "video", BUCKET, SHAPE)])
    key = pl.col("n").cast(pl.String).str.pad_start(64, "0")
    frames = {
        "latents": many(rows, "latents", pl.DataFrame(to_table(Latent, [latent])), content_key=key),
        "captions": many(rows, "captions", pl.DataFrame(to_table(Caption, [world.caption(1)])), caption_id=key),
    }
    for version, (name, frame) in enumerate(frames.items(), 1):
        table = frame.drop("fingerprint").to_arrow()
        schema = [field for field in TABLES[name].schema.remove_metadata() if field.name != "fingerprint"]
        lake.commit(name, [lake.write(name, "f1", table.cast(pa.schema(schema)))], "bench", version)
    picks = frames["latents"].select(
        "clip_id", cut=pl.lit("cut"), cut_hash=pl.lit("c" * 64), kept=pl.lit(value=True), side=pl.lit("train"),
        weight=pl.lit(1.0),
    )  # fmt: skip
    settings = PlanSettings(samples_per_step=64)
    world.store(lake, plan(picks.lazy(), lake.scan("latents"), lake.scan("captions"), settings))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--read", type=Path, help="a lake that was kept")
    given = parser.parse_args()
    if given.read is None:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            stored(open_lake(folder, {}), given.rows)
            read(folder)
    else:
        read(str(given.read))


def read(uri: str) -> None:
    loader = Loader(Readable(uri))
    print("| rows read | resident MiB | CPU s |\n|---|---|---|", flush=True)
    for batch in loader:
        if batch.step % max(1, len(loader) // 10) == 0:
            now = tree_rss_bytes(os.getpid()) / 2**20
            print(f"| {batch.step * 64} | {now:.0f} | {time.process_time():.0f} |", flush=True)
    print(f"peak of the whole program: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
