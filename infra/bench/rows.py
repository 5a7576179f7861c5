"""Does a reader's memory grow with the plan: resident bytes along a pass over many rows.

    python infra/bench/rows.py [ROWS] [--folder DIR]

A lake of so many clips with latents of 6 numbers and a caption each, read in batches of 64 by one rank.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from curate.encode.shards import store_latents
from curate.media.process import tree_rss_bytes
from curate.plan.plan import plan
from curate.plan.settings import PlanSettings
from curate.reader import Lake as Readable
from curate.reader import Loader
from curate.storage.lake import Lake, open_lake
from schemas.row import to_table
from schemas.tables import TABLES
from schemas.trace import Trace
from tests.reader import world

SHAPE = (6, 1, 1, 1)
BUCKET = "1x8x8"


def many(name: str, one: Any, rows: int, **columns: pa.Array) -> pa.Table:
    """A row of a table so many times, with other names, as the table stores it."""
    trace = Trace("x", 0, 1, None, 1, "f1", "run", 0)
    both = [to_table(TABLES[name].row, [one]), to_table(Trace, [trace])]
    told = {field: table[field] for table in both for field in table.schema.names if field != "fingerprint"}
    schema = pa.schema([field for field in TABLES[name].schema.remove_metadata() if field.name != "fingerprint"])
    table = pa.table([told[field] for field in schema.names], schema=schema).take(np.zeros(rows, np.int64))
    for column, values in columns.items():
        table = table.set_column(schema.get_field_index(column), schema.field(column), values)
    return table


def stored(lake: Lake, rows: int) -> None:
    """Latents, captions, a cut and a plan; every latent is the same bytes."""
    lake.create()
    (latent,) = store_latents(lake.blobs, "u", [world.heavy(0, "video", BUCKET, SHAPE)])
    clips = pl.select(pl.format("clip{}", pl.int_range(rows).cast(pl.String).str.pad_start(9, "0"))).to_series()
    names = pa.array(clips.to_list(), pa.string())
    keys = pa.array(clips.str.pad_start(64, "0").to_list(), pa.string())
    tables = {
        "latents": many("latents", latent, rows, clip_id=names, input_id=names, content_key=keys),
        "captions": many("captions", world.caption(1), rows, clip_id=names, input_id=names, caption_id=keys),
    }
    for version, (name, table) in enumerate(tables.items(), 1):
        lake.commit(name, [lake.write(name, "f1", table)], "bench", version)
    picks = pl.LazyFrame({"clip_id": clips}).with_columns(
        cut=pl.lit("cut"), cut_hash=pl.lit("c" * 64), kept=pl.lit(value=True), side=pl.lit("train"), weight=pl.lit(1.0)
    )
    settings = PlanSettings(samples_per_step=64)
    world.store(lake, plan(picks, lake.scan("latents"), lake.scan("captions"), settings))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.read is None:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            stored(open_lake(folder, {}), given.rows)
            subprocess.run([sys.executable, __file__, "--read", folder], check=True)
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
