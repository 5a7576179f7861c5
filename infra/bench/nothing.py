"""How long an unchanged recipe takes to find that there is nothing to do, in a synthetic lake of many clips.

The files have the size that a job leaves behind when it has joined its small ones.

.venv/bin/python infra/bench/nothing.py [CLIPS]
"""

import contextlib
import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from curate.storage.lake import Lake, NewFile, open_lake
from jobs.job import Job
from jobs.recipe import Recipe
from jobs.road import road
from jobs.session import open_session
from jobs.show import JsonLines
from schemas.tables import TABLES

CLIPS_PER_MEDIA = 10
ROWS_PER_FILE = 100_000
OUTPUTS = {"scores": 20, "sounds": 6, "latents": 2}
"""Rows of each clip; one row in the other tables."""


def identifiers(count: int) -> list[str]:
    """Ids like sha256 in hex, in order."""
    words = np.sort(np.random.default_rng(0).integers(0, 2**63, count, dtype=np.uint64))
    return [f"{word:016x}{word * 3 % 2**61:048x}" for word in map(int, words)]


def rows(table: str, ids: pa.Array, own: pa.Array, outputs: int) -> pa.Table:
    """Rows with the columns that a job asks about; the rest of the payload is null, as if it cost nothing to store."""
    spec, count = TABLES[table], len(ids) * outputs
    repeated = np.repeat(np.arange(len(ids)), outputs)
    filled = {
        "input_id": ids.take(pa.array(repeated)),
        spec.key[0]: own.take(pa.array(repeated)),
        "ordinal": pa.array(np.tile(np.arange(outputs), len(ids))),
        "outputs": pa.repeat(pa.scalar(outputs, pa.int64()), count),
        "attempt": pa.repeat(pa.scalar(1, pa.int64()), count),
        "run_id": pa.repeat("bench", count),
        "made_us": pa.repeat(pa.scalar(0, pa.int64()), count),
    }
    if table == "media":
        filled["media_id"] = filled["input_id"]
    fields = [field.remove_metadata() for field in spec.schema if field.name != "fingerprint"]
    columns = [filled.get(field.name, pa.array([None] * count, field.type)) for field in fields]
    return pa.table(columns, schema=pa.schema(fields))


def files(lake: Lake, job: Job, ids: list[str], own: list[str]) -> Iterator[NewFile]:
    outputs = OUTPUTS.get(job.output, 1)
    step = ROWS_PER_FILE // outputs
    for start in range(0, len(ids), step):
        part = slice(start, start + step)
        table = rows(job.output, pa.array(ids[part]), pa.array(own[part]), outputs)
        yield lake.write(job.output, job.fingerprint, table)


def build(lake: Lake, jobs: tuple[Job, ...], clips: int) -> None:
    """A lake in which every job of the road has done everything."""
    media = identifiers(clips // CLIPS_PER_MEDIA)
    spans = [f"{one}/{i * 3_000_000:012d}-{(i + 1) * 3_000_000:012d}" for one in media for i in range(CLIPS_PER_MEDIA)]
    count = len(media)
    plain = pa.schema([field.remove_metadata() for field in TABLES["sources"].schema])
    source = {"source_id": pa.array(media), "uri": pa.array(media), "tombstone": pa.repeat(False, count)}
    source["added_us"] = pa.repeat(pa.scalar(0, pa.int64()), count)
    columns = [source.get(field.name, pa.nulls(count, field.type)) for field in plain]
    lake.append_table("sources", pa.table(columns, schema=plain))
    captions = [span[::-1] for span in spans]
    of = {"media": (media, media), "strips": (media, media), "subtitles": (media, media),
          "clips": (spans, [s.partition("/")[0] for s in spans]),
          "verdicts": (captions, captions), "captions": (captions, spans)}  # fmt: skip
    for job in (job for job in jobs if job.over != "reviews" and job.of is None):
        own, ids = of.get(job.output, (spans, spans))
        lake.commit(job.output, list(files(lake, job, ids, own)), job.name, 1)


def look(folder: str) -> None:
    """Ask every row job for its pending rows, as `retold run` does, and print how long it took."""
    cpu, wall = time.process_time(), time.perf_counter()
    session = open_session(folder, Recipe(), "inline", JsonLines())
    with contextlib.redirect_stdout(io.StringIO()):
        done = session.run([job.name for job in session.road])
    if any(progress.total for progress in done):
        raise SystemExit("there was work to do")
    slowest = max(done, key=lambda progress: progress.elapsed_s)
    print(f"{time.perf_counter() - wall:.2f} | {time.process_time() - cpu:.2f} | {slowest.job} {slowest.elapsed_s:.2f}")


def main() -> None:
    clips = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        lake = open_lake(folder, {})
        lake.create()
        begun = time.perf_counter()
        build(lake, road(Recipe()), clips)
        print(f"{clips} clips; the lake took {time.perf_counter() - begun:.0f} s to make\n")
        print("| run | wall s with start-up | wall s | CPU s | slowest job, s |\n|---|---|---|---|---|", flush=True)
        for name in ("first look", "unchanged since"):
            begun = time.perf_counter()
            command = [sys.executable, str(Path(__file__)), "--look", folder]
            said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
            print(f"| {name} | {time.perf_counter() - begun:.2f} | {said} |", flush=True)


if __name__ == "__main__":
    if "--look" in sys.argv:
        look(sys.argv[2])
    else:
        main()
