"""What it costs to add a long manifest: time, and the peak of memory of the whole process.

    python infra/bench/manifest.py [--rows 10000000] [--kind parquet] [--again]

Makes the manifest in a temporary folder, runs `retold add` on it as a process of its own, and removes both.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import write_deltalake

CHUNK = 500_000
SCHEMA = pa.schema([("url", pa.string()), ("title", pa.string()), ("license", pa.string()), ("views", pa.int64())])


def chunk(first: int, rows: int) -> pa.Table:
    """Rows from `first` on: URLs of different length, a title, a licence, and a column that is kept as a hint."""
    numbers = range(first, first + rows)
    return pa.table(
        [
            [f"https://media.example.org/{i * 7919 % 99_991}/clip-{i:010d}.mp4" for i in numbers],
            [f"What is to be seen in clip {i}" for i in numbers],
            ["CC-BY-4.0"] * rows,
            list(numbers),
        ],
        schema=SCHEMA,
    )


def write(path: Path, kind: str, rows: int) -> None:
    """A manifest of this kind."""
    tables = (chunk(first, min(CHUNK, rows - first)) for first in range(0, rows, CHUNK))
    if kind == "parquet":
        with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
            for table in tables:
                writer.write_table(table, row_group_size=CHUNK)
    elif kind == "delta":
        for table in tables:
            write_deltalake(str(path), table, mode="append")
    else:
        with path.open("w") as file:
            if kind == "csv":
                file.write(",".join(SCHEMA.names) + "\n")
            for table in tables:
                for row in table.to_pylist():
                    file.write((json.dumps(row) if kind == "jsonl" else ",".join(map(str, row.values()))) + "\n")


def add(manifest: Path, lake: Path) -> tuple[float, float, float, int]:
    """Seconds, CPU seconds, MiB at the most, and how many sources were new."""
    began = time.monotonic()
    command = ["retold", "add", str(manifest), "--lake", str(lake), "--json"]
    with subprocess.Popen([sys.executable, "-m", "jobs", *command[1:]], stdout=subprocess.PIPE, text=True) as process:
        said = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    cpu_s = used.ru_utime + used.ru_stime
    return time.monotonic() - began, cpu_s, used.ru_maxrss / 1024, int(json.loads(said.splitlines()[-1])["added"])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=10_000_000)
    options.add_argument("--kind", choices=("parquet", "csv", "jsonl", "delta"), default="parquet")
    options.add_argument("--again", action="store_true", help="add it once more: nothing is new")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="retold-bench-") as folder:
        manifest, lake = Path(folder) / f"list.{given.kind}", Path(folder) / "lake"
        write(manifest, given.kind, given.rows)
        for _ in range(1 + given.again):
            seconds, cpu_s, mib, added = add(manifest, lake)
            each = f"{cpu_s:.0f} CPU-s ({cpu_s / given.rows * 1e6:.0f} us each)"
            print(f"{given.kind}: {given.rows} rows, {added} new, {seconds:.0f} s, {each}, at most {mib:.0f} MiB")


if __name__ == "__main__":
    main()
