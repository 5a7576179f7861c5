"""The same latents by our reader and by four others (`readers.py`): what they cost, and when the first batch is there.

    python infra/bench/reader.py warm|cold|s3 FOLDER --peers PYTHON [--samples 1024] [--times 5] [--only WORD...]

PYTHON has webdataset, mosaicml-streaming, litdata and pylance, which are not installed here:

    uv venv DIR && uv pip install --python DIR/bin/python webdataset mosaicml-streaming litdata pylance boto3

Each reader runs in a process of its own, in turn; medians of so many turns. CPU and MB/s count from the opening of the
data, when all is imported; the first batch counts from the start of the process. `warm`: from a folder, in memory's
page cache. `cold`: from a folder that the page cache has forgotten. `s3`: from a real S3 server that is 20 ms away
(`late.py`); the CPU of both is not counted. What is in FOLDER is not written again.
"""

import argparse
import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from readers import BATCH, MODULES, PEERS, SHAPE, SIZE, Environment, Read

ROOT = Path(__file__).resolve().parents[2]
LATE_MS = "20"

Turn = dict[str, float]


def read_retold(uri: str, environment: Environment, *, verify: bool = True) -> Iterator[Any]:
    from curate.reader import Lake, Loader  # noqa: PLC0415  the others have no such package

    for batch in Loader(Lake(uri, environment if "://" in uri else {}), verify=verify):
        yield batch.latents


def read_unverified(uri: str, environment: Environment) -> Iterator[Any]:
    return read_retold(uri, environment, verify=False)


def read_raw(uri: str, _: Environment) -> Iterator[Any]:
    """The shards from front to end, to nowhere."""
    buffer = np.empty(BATCH * SIZE, np.uint8)
    for file in sorted((Path(uri) / "latents/shards").glob("*.parquet")):
        with file.open("rb", buffering=0) as opened:
            while opened.readinto(buffer.data) == len(buffer):
                yield buffer


OURS: dict[str, Read] = {"raw": read_raw, "retold": read_retold, "retold, unverified": read_unverified}


def write_retold(folder: str, samples: int, options: Environment) -> None:
    """A lake with latents, captions, a cut and a plan."""
    from curate.encode.shards import store_latents  # noqa: PLC0415
    from curate.storage.lake import open_lake  # noqa: PLC0415
    from schemas.latent import Pick  # noqa: PLC0415
    from schemas.row import to_table  # noqa: PLC0415
    from tests.reader import world  # noqa: PLC0415

    lake = open_lake(folder, options)
    lake.create()
    rows = []
    for first in range(0, samples, 64):
        made = [world.heavy(n, "video", "81x240x416", SHAPE) for n in range(first, min(samples, first + 64))]
        rows += store_latents(lake.blobs, f"u{first:06d}", made)
    world.traced(lake, "latents", rows)
    world.traced(lake, "captions", [world.caption(n) for n in range(samples)])
    kept = [
        Pick("cut", "c" * 64, world.clip_name(n), True, None, (), "train", None, "81x240x416", 1.0)
        for n in range(samples)
    ]
    world.stamped(lake, "picks", to_table(Pick, kept))
    world.make_plan(lake, samples_per_step=BATCH, epochs=1)


def timed(name: str, uri: str, began: float) -> Turn:
    """Read everything once; what it took."""
    environment = {key: value for key, value in os.environ.items() if key.startswith("AWS_")}
    for module in MODULES.get(name, ("curate.reader",)):
        importlib.import_module(module)
    read = OURS[name] if name in OURS else PEERS[name][1]
    size, first_s, cpu, wall = 0, 0.0, spent(), time.monotonic()
    for batch in read(uri, environment):
        first_s = first_s or time.time() - began
        size += int(np.prod(batch.shape)) * batch.dtype.itemsize
    took = {"cpu_s": spent() - cpu, "whole_s": spent(), "wall_s": time.monotonic() - wall}
    return {"mb": size / 1e6, "first_s": first_s, **took}


def spent() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def forget(folder: Path) -> None:
    """Let the next read come from the disk."""
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb") as opened:
                os.fsync(opened.fileno())
                os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def child(python: str, *arguments: str, environment: Environment | None = None) -> str:
    """What this program prints in a process of its own."""
    paths = {"PYTHONPATH": str(ROOT)} if python == sys.executable else {}
    command = [python, "-W", "ignore", __file__, *arguments]
    done = subprocess.run(
        command, env=os.environ | (environment or {}) | paths, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return done.stdout


def written(given: argparse.Namespace) -> Path:
    """The folder with what each reader reads, of so many samples."""
    folder: Path = given.folder / str(given.samples)
    if not (folder / "retold").exists():
        write_retold(str(folder / "retold"), given.samples, {})
    for name in PEERS:
        if not (folder / name).exists():
            child(given.peers, "--write", name, str(folder / name), str(given.samples))
    return folder


def compare(given: argparse.Namespace, uris: dict[str, str], environment: Environment) -> None:
    """Read in turns, and print the table."""
    names = [name for name in uris if not given.only or any(word in name for word in given.only)]
    turns: dict[str, list[Turn]] = {name: [] for name in names}
    for _ in range(given.times):
        for name in names:
            if given.where == "cold":
                forget(Path(uris[name]))
            python = given.peers if name in PEERS else sys.executable
            said = child(python, "--read", name, uris[name], str(time.time()), environment=environment)
            turns[name].append(json.loads(said.splitlines()[-1]))
            print(name, json.dumps(turns[name][-1]), file=sys.stderr, flush=True)
    load = ", ".join(f"{load:.0f}" for load in os.getloadavg())
    print(f"{given.where}: {given.samples} latents, medians of {given.times} turns, load {load}\n")
    print("| reader | MB per CPU s | whole process, CPU s | first batch, s | wall MB/s |\n|---|---|---|---|---|")
    for name in names:
        one = {key: statistics.median(turn[key] for turn in turns[name]) for key in turns[name][0]}
        rate, wall = (statistics.median(t["mb"] / t[of] for t in turns[name]) for of in ("cpu_s", "wall_s"))
        print(f"| {name} | {rate:.0f} | {one['whole_s']:.1f} | {one['first_s']:.2f} | {wall:.0f} |")


@contextmanager
def away(endpoint: str) -> Iterator[str]:
    """The endpoint of a server, so far away."""
    command = [sys.executable, str(Path(__file__).with_name("late.py")), endpoint.removeprefix("http://"), LATE_MS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield f"http://127.0.0.1:{(running.stdout or sys.stdin).readline().strip()}"
        finally:
            running.kill()


@contextmanager
def served(given: argparse.Namespace, folder: Path) -> Iterator[tuple[dict[str, str], Environment]]:
    """The same on an S3 server that answers late: URIs by reader, and the variables of its clients."""
    from tests.servers.ceph import gateway  # noqa: PLC0415
    from tests.servers.s3 import S3  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="s3-") as store, gateway(Path(store), "test", "secret") as endpoint:
        bucket = S3(endpoint, "test", "secret", "us-east-1", "none").fresh()
        client = bucket.client()
        for file in folder.rglob("*"):
            if file.is_file() and not file.is_relative_to(folder / "retold"):
                client.upload_file(str(file), bucket.bucket, str(file.relative_to(folder)))
        write_retold(f"{bucket.uri}/retold", given.samples, bucket.options)
        with away(endpoint) as far:
            through = S3(far, "test", "secret", "us-east-1", bucket.bucket)
            tars = sorted((folder / "webdataset").glob("*.tar"))
            signed = [
                through.client().generate_presigned_url(
                    "get_object", Params={"Bucket": bucket.bucket, "Key": f"webdataset/{tar.name}"}
                )
                for tar in tars
            ]
            uris = {name: f"{bucket.uri}/{name}" for name in PEERS}
            uris = dict.fromkeys(("retold", "retold, unverified"), f"{bucket.uri}/retold") | uris
            uris["webdataset"] = " ".join(f"pipe:curl -s -f '{url}'".replace(" ", "\t") for url in signed)
            yield uris, through.environment


def main() -> None:
    """Write what is missing, read all of it, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("where", choices=("warm", "cold", "s3"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peers", required=True)
    parser.add_argument("--samples", type=int, default=1024)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--only", nargs="*")
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    folder = written(given)
    if given.where == "s3":
        with served(given, folder) as (uris, environment):
            compare(given, uris, environment)
    else:
        uris = dict.fromkeys(OURS, str(folder / "retold")) | {name: str(folder / name) for name in PEERS}
        compare(given, uris, {})


if __name__ == "__main__":
    match sys.argv[1:]:  # a process of its own, of one reader
        case ["--read", name, uri, began]:
            print(json.dumps(timed(name, uri, float(began))))
        case ["--write", name, folder, samples]:
            PEERS[name][0](folder, int(samples))
        case _:
            main()
