"""How the index of a large lake behaves: looking for what is pending, committing, joining small files.

    python infra/bench/scale.py [CLIPS...] [--folder DIR]

A made-up lake of `clips` and `latents`, ids and traces as jobs write them, in files of a million rows as compaction
leaves them; then units of 1024 rows. Each step runs in a process of its own: its memory is the most that it held.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from curate.storage.join import join_files
from curate.storage.lake import Lake, NewFile, open_lake
from jobs.drive import Policy, run_job
from jobs.engines import Inline
from jobs.job import Job, counter
from jobs.pending import pending
from jobs.recipe import Recipe
from jobs.road import road, snapshot_of
from schemas.tables import TABLES

PER_MEDIA = 10
FILE_ROWS = 1_000_000
UNIT_ROWS = 1024
NEW_ROWS = 10_000
SPAN_US = 8_000_000
_PREFIX = 8  # hex digits that say where a media stands among all


def clip_ids(numbers: np.ndarray, clips: int, seed: int) -> pl.DataFrame:
    """`media_id, clip_id, start_us` of clips by number, of so many in all; ids ascend and look like a sha256."""
    random = np.random.default_rng((seed, int(numbers[0])))
    media, of = np.unique(numbers // PER_MEDIA, return_inverse=True)
    place = media.astype(np.uint64) * np.uint64(16**_PREFIX) // np.uint64(max(1, clips // PER_MEDIA))
    tail = pl.Series([random.bytes(32 - _PREFIX // 2) for _ in range(len(media))], dtype=pl.Binary).bin.encode("hex")
    head = pl.Series(place.astype(">u4").view("S4").tolist(), dtype=pl.Binary).bin.encode("hex")
    names = pl.select(pl.concat_str(head, tail)).to_series().gather(of)
    start = pl.Series(numbers % PER_MEDIA * SPAN_US)
    spans = pl.DataFrame({"media_id": names, "start_us": start})
    text = [(pl.col("start_us") + more).cast(pl.String).str.pad_start(12, "0") for more in (0, SPAN_US)]
    return spans.with_columns(clip_id=pl.format("{}/{}-{}", "media_id", *text))


def rows(table: str, ids: pl.DataFrame, seed: int) -> pa.Table:
    """Rows of `clips` or `latents` with their traces."""
    random = np.random.default_rng(seed)
    trace: dict[str, int | pl.Expr] = {"ordinal": 0, "outputs": 1, "attempt": 1, "run_id": pl.lit("0123456789ab")}
    made = pl.lit(pl.Series(random.integers(170_000_000, 180_000_000, len(ids)) * 10_000_000)).cast(pl.Int64)
    if table == "clips":
        shot = pl.col("start_us") // SPAN_US
        filled = ids.select(
            "clip_id", "media_id", "start_us", end_us=pl.col("start_us") + SPAN_US, frames=192, shot=shot,
            start_kind=pl.lit("cut"), end_kind=pl.lit("cut"), still=False, crop_x=0, crop_y=0, crop_width=1280,
            crop_height=720, input_id="media_id", made_us=made, **trace | {"ordinal": shot, "outputs": PER_MEDIA},
        )  # fmt: skip
    else:
        keys = pl.Series([random.bytes(32) for _ in range(len(ids))], dtype=pl.Binary).bin.encode("hex")
        buckets = pl.Series(["17x256x448", "33x256x384"]).gather(random.integers(0, 2, len(ids)))
        filled = ids.select(
            "clip_id", encoder=pl.lit("dct-4x8x8-c16"), content_key=pl.lit(keys), contract=pl.lit("{}" * 100),
            modality=pl.lit("video"), bucket=pl.lit(buckets), dtype=pl.lit("float16"), input_id="clip_id", made_us=made,
            **trace,
        )  # fmt: skip
    return _stored(table, filled)


def _stored(table: str, filled: pl.DataFrame) -> pa.Table:
    """All columns that are stored, those that are not given as null."""
    arrow = filled.to_arrow()
    fields = [field.remove_metadata() for field in TABLES[table].schema if field.name != "fingerprint"]
    columns = [
        arrow[field.name].cast(field.type)
        if field.name in arrow.schema.names
        else pa.array([None] * len(arrow), field.type)
        for field in fields
    ]
    return pa.table(columns, schema=pa.schema(fields))


def written(lake: Lake, job: Job, numbers: np.ndarray, clips: int, seed: int) -> NewFile:
    return lake.write(job.output, job.fingerprint, rows(job.output, clip_ids(numbers, clips, seed), seed))


def build(folder: str, clips: int) -> None:
    """Both tables with all of these clips, a commit for each file."""
    lake, jobs = open_lake(folder, {}), _jobs()
    lake.create()
    for start in range(0, clips, FILE_ROWS):
        numbers = np.arange(start, min(clips, start + FILE_ROWS))
        for job in jobs:
            lake.commit(job.output, [written(lake, job, numbers, clips, 0)], "build", start // FILE_ROWS + 1)


def first_look(lake: Lake, split: Job, encode: Job) -> None:
    """As a run finds that there is nothing to do; it leaves its mark in the ledger."""
    snapshot = snapshot_of(lake, (split, encode))
    done = run_job(encode, snapshot, Inline(), Policy(), lambda _: None)
    if done.total or done.settled == 0:
        raise SystemExit(f"nothing was to be done, not {done.total} of {done.settled}")


def new_rows(lake: Lake, split: Job, encode: Job) -> None:
    """Ten thousand clips have come, of media anywhere among the others."""
    found = pending(lake, encode, Policy().attempts)
    if len(found.todo) != NEW_ROWS:
        raise SystemExit(f"{NEW_ROWS} clips are new, not {len(found.todo)}")


def commits(lake: Lake, split: Job, encode: Job) -> None:
    """A hundred units of latents, a commit for each."""
    app = counter(encode.name, encode.fingerprint)
    for unit in range(100):
        numbers = np.arange(UNIT_ROWS) * 1_000 + unit
        file = written(lake, encode, numbers, 1_000_000, unit + 2)
        lake.commit(encode.output, [file], app, lake.transaction(encode.output, app) + 1)


def compaction(lake: Lake, split: Job, encode: Job) -> None:
    """Two hundred more units in one commit, and all small files joined."""
    app = counter(encode.name, encode.fingerprint)
    files = [written(lake, encode, np.arange(UNIT_ROWS) * 1_000 + n, 1_000_000, n + 200) for n in range(200)]
    lake.commit(encode.output, files, app, lake.transaction(encode.output, app) + 1)
    cpu, wall = time.process_time(), time.monotonic()
    join_files(lake, encode.output, encode.fingerprint, "clip_id")
    print(
        f"  compaction alone: {time.process_time() - cpu:.1f} CPU s, {time.monotonic() - wall:.1f} s", file=sys.stderr
    )


STEPS: dict[str, Callable[[Lake, Job, Job], None]] = {
    "first look": first_look,
    "unchanged": first_look,
    "10,000 new": new_rows,
    "100 commits": commits,
    "200 files, compaction": compaction,
}


def weights(lake: Lake, jobs: tuple[Job, ...]) -> Iterator[str]:
    """What lies on disk."""
    for job in jobs:
        folder = Path(lake.path(job.output))
        files = [file.stat().st_size for file in folder.rglob("*.parquet") if "_delta_log" not in file.parts]
        log = sum(file.stat().st_size for file in (folder / "_delta_log").iterdir())
        yield f"{job.output}: {len(files)} files, {sum(files) / 1e6:.0f} MB, log {log / 1e3:.0f} kB"


def step(folder: str, name: str) -> None:
    lake = open_lake(folder, {})
    cpu, wall = time.process_time(), time.monotonic()
    STEPS[name](lake, *_jobs())
    spent = {"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu}
    print(json.dumps(spent | {"gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}))


def _jobs() -> tuple[Job, Job]:
    named = {job.name: job for job in road(Recipe())}
    return named["split"], named["encode"]


def measured(folder: str, clips: int) -> None:
    lake, jobs = open_lake(folder, {}), _jobs()
    # in a process of its own: memory that this one held would count as that of those that it starts
    subprocess.run([sys.executable, __file__, str(clips), "--folder", folder, "--build"], check=True)
    for name in STEPS:
        if name == "10,000 new":
            numbers = np.arange(NEW_ROWS) * max(1, clips // NEW_ROWS)
            lake.commit("clips", [written(lake, jobs[0], numbers, clips, 1)], "more", 1)
        command = [sys.executable, __file__, "--folder", folder, "--step", name]
        took = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        print(f"| {clips} | {name} | {took['cpu']:.1f} | {took['wall']:.1f} | {took['gib']:.2f} |", flush=True)
    print("\n".join(weights(lake, jobs)), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="*", type=int, default=[1_000_000, 10_000_000, 30_000_000])
    parser.add_argument("--folder")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--build", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.build:
        build(asked.folder, *asked.clips)
        return
    if asked.step:
        step(asked.folder, asked.step)
        return
    print("| clips | step | CPU s | wall s | peak GiB |\n|---|---|---|---|---|", flush=True)
    for clips in asked.clips:
        with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
            measured(folder, clips)


if __name__ == "__main__":
    main()
