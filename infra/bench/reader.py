"""The same latents by our reader and by four others, each read as its documentation says.

    python infra/bench/reader.py FOLDER --peers PYTHON [--samples 512] [--s3] [--only WORD...] [--times 3]

PYTHON has webdataset, mosaicml-streaming, litdata and pylance, which are not installed here:

    uv venv DIR && uv pip install --python DIR/bin/python webdataset mosaicml-streaming litdata pylance boto3

Float16 latents of 16 x 21 x 30 x 52 (1 MB), random, in batches of 8, shuffled, one process; each reader in a process of
its own, in turn. CPU is that of the reader and of what it starts, after the first batch, which counts from the start of
the process. `--s3`: from a real S3 server, through a proxy that answers 20 ms late (its CPU is not counted). What
is in FOLDER is not written again.
"""

import argparse
import importlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

SHAPE = (16, 21, 30, 52)
BATCH = 8
SHARD_BYTES = 64 << 20
LATE_S = 0.02
AHEAD = 4 * BATCH * 1_048_320  # what is read before the first batch is given is not counted, so it is little
PEERS = ("webdataset", "mds", "litdata", "lance")
SIZE = int(np.prod(SHAPE)) * 2


def latent(n: int) -> np.ndarray:
    return np.random.default_rng(n).standard_normal(SHAPE, np.float32).astype(np.float16)


def write_webdataset(folder: str, samples: int) -> None:
    wds = importlib.import_module("webdataset")
    Path(folder).mkdir(parents=True)
    with wds.ShardWriter(f"{folder}/%06d.tar", maxsize=SHARD_BYTES, verbose=0) as writer:
        for n in range(samples):
            writer.write({"__key__": f"{n:06d}", "npy": latent(n)})


def write_mds(folder: str, samples: int) -> None:
    streaming = importlib.import_module("streaming")
    columns = {"x": f"ndarray:float16:{','.join(map(str, SHAPE))}"}
    with streaming.MDSWriter(out=folder, columns=columns, size_limit=SHARD_BYTES) as writer:
        for n in range(samples):
            writer.write({"x": latent(n)})


def sample(n: int) -> dict[str, np.ndarray]:
    return {"x": latent(n)}


def write_litdata(folder: str, samples: int) -> None:
    litdata = importlib.import_module("litdata")
    litdata.optimize(sample, list(range(samples)), folder, chunk_bytes="64MB", num_workers=1)


def write_lance(folder: str, samples: int) -> None:
    lance, pa = importlib.import_module("lance"), importlib.import_module("pyarrow")
    kind = pa.list_(pa.float16(), SIZE // 2)
    schema = pa.schema([("x", kind)])

    def batches() -> Iterator[Any]:
        for n in range(samples):
            yield pa.record_batch(
                [pa.FixedSizeListArray.from_arrays(pa.array(latent(n).reshape(-1)), type=kind)], schema
            )

    lance.write_dataset(batches(), folder, schema=schema, max_rows_per_file=64)


def read_webdataset(uri: str, _: dict[str, str]) -> Iterator[Any]:
    wds = importlib.import_module("webdataset")
    urls = uri.split(" ") if " " in uri else sorted(map(str, Path(uri).glob("*.tar")))
    data = wds.WebDataset(urls, shardshuffle=100).shuffle(64).decode().to_tuple("npy").batched(BATCH)
    for (x,) in wds.WebLoader(data, batch_size=None, num_workers=0):
        yield x


def read_mds(uri: str, environment: dict[str, str]) -> Iterator[Any]:
    streaming = importlib.import_module("streaming")
    data = importlib.import_module("torch.utils.data")
    os.environ["S3_ENDPOINT_URL"] = environment.get("AWS_ENDPOINT_URL", "")
    with tempfile.TemporaryDirectory() as local:
        where = {"remote": uri, "local": local} if "://" in uri else {"local": uri}
        for batch in data.DataLoader(
            streaming.StreamingDataset(**where, shuffle=True, batch_size=BATCH), batch_size=BATCH
        ):
            yield batch["x"]


def read_litdata(uri: str, environment: dict[str, str]) -> Iterator[Any]:
    litdata = importlib.import_module("litdata")
    options = {"endpoint_url": environment["AWS_ENDPOINT_URL"]} if "://" in uri else {}
    with tempfile.TemporaryDirectory() as local:
        remote = {"storage_options": options, "cache_dir": local} if "://" in uri else {}
        data = litdata.StreamingDataset(uri, shuffle=True, **remote)
        for batch in litdata.StreamingDataLoader(data, batch_size=BATCH):
            yield batch["x"]


def read_lance(uri: str, environment: dict[str, str]) -> Iterator[Any]:
    lance = importlib.import_module("lance")
    data = importlib.import_module("lance.torch.data")
    store = {"aws_endpoint": environment["AWS_ENDPOINT_URL"], "allow_http": "true"} if "://" in uri else None
    opened = lance.dataset(uri, storage_options=store)
    yield from (
        batch["x"] if isinstance(batch, dict) else batch for batch in data.LanceDataset(opened, batch_size=BATCH)
    )


def read_retold(uri: str, environment: dict[str, str], *, verify: bool = True) -> Iterator[Any]:
    from curate.reader import Lake, Loader  # noqa: PLC0415  the others have no such package

    for batch in Loader(Lake(uri, environment if "://" in uri else {}), verify=verify, prefetch_bytes=AHEAD):
        yield batch.latents


def read_unverified(uri: str, environment: dict[str, str]) -> Iterator[Any]:
    return read_retold(uri, environment, verify=False)


def read_raw(uri: str, _: dict[str, str]) -> Iterator[Any]:
    """The shards from front to end, to nowhere."""
    buffer = np.empty(BATCH * SIZE, np.uint8)
    for file in sorted((Path(uri) / "latents/shards").glob("*.parquet")):
        with file.open("rb", buffering=0) as opened:
            while opened.readinto(buffer.data) == len(buffer):
                yield buffer


READERS: dict[str, Callable[[str, dict[str, str]], Iterator[Any]]] = {
    "retold": read_retold, "retold, unverified": read_unverified, "webdataset": read_webdataset, "mds": read_mds,
    "litdata": read_litdata, "lance": read_lance, "raw": read_raw,
}  # fmt: skip
WRITERS = {"webdataset": write_webdataset, "mds": write_mds, "litdata": write_litdata, "lance": write_lance}


def write_retold(folder: str, samples: int, options: dict[str, str]) -> None:
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


def timed(name: str, uri: str, began: float) -> dict[str, float]:
    """Read everything once; what it took."""
    environment = {key: value for key, value in os.environ.items() if key.startswith("AWS_")}
    size, first_s, cpu, wall = 0, 0.0, 0.0, 0.0
    for batch in READERS[name](uri, environment):
        if not first_s:
            first_s, cpu, wall = time.time() - began, spent(), time.monotonic()
            continue
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


def child(python: str, *arguments: str, environment: dict[str, str] | None = None) -> dict[str, float]:
    root = Path(__file__).resolve().parents[2]
    paths = {"PYTHONPATH": str(root)} if python == sys.executable else {}
    command = [python, "-W", "ignore", __file__, *arguments]
    done = subprocess.run(
        command, env=os.environ | (environment or {}) | paths, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1]) if "--read" in arguments else {}


def best(runs: list[dict[str, float]]) -> dict[str, float]:
    """The least of each figure: the machine is busy."""
    return {name: min(run[name] for run in runs) for name in runs[0]}


def table(names: list[str], runs: dict[str, list[dict[str, float]]]) -> None:
    print("| reader | MB per CPU s | whole process, CPU s | first batch, s | wall MB/s |\n|---|---|---|---|---|")
    for name in names:
        one = best(runs[name])
        print(
            f"| {name} | {one['mb'] / one['cpu_s']:.0f} | {one['whole_s']:.1f} | {one['first_s']:.2f} | "
            f"{one['mb'] / one['wall_s']:.0f} |",
            flush=True,
        )


def compare(given: argparse.Namespace, uris: dict[str, str], environment: dict[str, str], *, cold: bool) -> None:
    names = [name for name in uris if not given.only or any(word in name for word in given.only)]
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(given.times):
        for name in names:
            if cold:
                forget(Path(uris[name]))
            python = given.peers if name in PEERS else sys.executable
            runs[name].append(child(python, "--read", name, uris[name], str(time.time()), environment=environment))
            print(name, json.dumps(runs[name][-1]), file=sys.stderr, flush=True)
    table(names, runs)


def local(given: argparse.Namespace) -> None:
    folder = given.folder / "local"
    if not (folder / "retold").exists():
        write_retold(str(folder / "retold"), given.samples, {})
    for name in PEERS:
        if not (folder / name).exists():
            child(given.peers, "--write", name, str(folder / name), str(given.samples))
    ours = dict.fromkeys(("raw", "retold", "retold, unverified"), str(folder / "retold"))
    uris = ours | {name: str(folder / name) for name in PEERS}
    print(f"\nlocal disk, pages in memory, {given.samples} samples\n")
    compare(given, uris, {}, cold=False)
    print("\nlocal disk, cold\n")
    compare(given, ours, {}, cold=True)


def remote(given: argparse.Namespace) -> None:
    from tests.servers.ceph import gateway  # noqa: PLC0415
    from tests.servers.faulty import proxied  # noqa: PLC0415
    from tests.servers.s3 import S3  # noqa: PLC0415

    folder = given.folder / "local"
    with tempfile.TemporaryDirectory(prefix="s3-") as store, gateway(Path(store), "test", "secret") as endpoint:
        bucket = S3(endpoint, "test", "secret", "us-east-1", "none").fresh()
        client = bucket.client()
        for file in folder.rglob("*"):
            if file.is_file() and not file.is_relative_to(folder / "retold"):
                client.upload_file(str(file), bucket.bucket, str(file.relative_to(folder)))
        write_retold(f"{bucket.uri}/retold", given.samples, bucket.options)
        with proxied(endpoint, LATE_S) as proxy:
            through = S3(proxy.endpoint, "test", "secret", "us-east-1", bucket.bucket)
            uris = {name: f"{bucket.uri}/{name}" for name in ("retold", *PEERS)}
            tars = sorted((folder / "webdataset").glob("*.tar"))
            signed = [
                through.client().generate_presigned_url(
                    "get_object", Params={"Bucket": bucket.bucket, "Key": f"webdataset/{tar.name}"}
                )
                for tar in tars
            ]
            uris["webdataset"] = " ".join(f"pipe:curl -s -f '{url}'".replace(" ", "\t") for url in signed)
            print(f"\nS3, 20 ms late, {given.samples} samples\n")
            compare(given, uris, through.environment, cold=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--peers")
    parser.add_argument("--samples", type=int, default=512)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--s3", action="store_true")
    parser.add_argument("--no-local", action="store_true", help="what was written before is read, from S3 only")
    parser.add_argument("--read", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--write", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.read:
        name, uri, began = given.read
        print(json.dumps(timed(name, uri, float(began))))
    elif given.write:
        name, folder, samples = given.write
        WRITERS[name](folder, int(samples))
    else:
        sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
        if not given.no_local:
            local(given)
        if given.s3:
            remote(given)


if __name__ == "__main__":
    main()
