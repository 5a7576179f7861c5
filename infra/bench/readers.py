"""How others write and read the same latents, each as its documentation says: what `reader.py` compares with.

Float16 latents of 16 x 21 x 30 x 52 (1 MB), random. Shards of 64 MB, batches of 8, shuffled, one process.
"""

import importlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

SHAPE = (16, 21, 30, 52)
SIZE = int(np.prod(SHAPE)) * 2
BATCH = 8
SHARD_BYTES = 64 << 20

Environment = dict[str, str]
"""The variables of an S3 client; of a folder, none."""


def latent(n: int) -> np.ndarray:
    return np.random.default_rng(n).standard_normal(SHAPE, np.float32).astype(np.float16)


def write_webdataset(folder: str, samples: int) -> None:
    wds = importlib.import_module("webdataset")
    Path(folder).mkdir(parents=True)
    with wds.ShardWriter(f"{folder}/%06d.tar", maxsize=SHARD_BYTES, verbose=0) as writer:
        for n in range(samples):
            writer.write({"__key__": f"{n:06d}", "npy": latent(n)})


def read_webdataset(uri: str, _: Environment) -> Iterator[Any]:
    wds = importlib.import_module("webdataset")
    urls = uri.split(" ") if " " in uri else sorted(map(str, Path(uri).glob("*.tar")))
    data = wds.WebDataset(urls, shardshuffle=100).shuffle(64).decode().to_tuple("npy").batched(BATCH)
    for (x,) in wds.WebLoader(data, batch_size=None, num_workers=0):
        yield x


def write_mds(folder: str, samples: int) -> None:
    streaming = importlib.import_module("streaming")
    columns = {"x": f"ndarray:float16:{','.join(map(str, SHAPE))}"}
    with streaming.MDSWriter(out=folder, columns=columns, size_limit=SHARD_BYTES) as writer:
        for n in range(samples):
            writer.write({"x": latent(n)})


def read_mds(uri: str, environment: Environment) -> Iterator[Any]:
    streaming = importlib.import_module("streaming")
    data = importlib.import_module("torch.utils.data")
    os.environ["S3_ENDPOINT_URL"] = environment.get("AWS_ENDPOINT_URL", "")
    with tempfile.TemporaryDirectory() as local:
        where = {"remote": uri, "local": local} if "://" in uri else {"local": uri}
        dataset = streaming.StreamingDataset(**where, shuffle=True, batch_size=BATCH)
        for batch in data.DataLoader(dataset, batch_size=BATCH):
            yield batch["x"]


def sample(n: int) -> dict[str, np.ndarray]:
    return {"x": latent(n)}


def write_litdata(folder: str, samples: int) -> None:
    litdata = importlib.import_module("litdata")
    litdata.optimize(sample, list(range(samples)), folder, chunk_bytes="64MB", num_workers=1)


def read_litdata(uri: str, environment: Environment) -> Iterator[Any]:
    litdata = importlib.import_module("litdata")
    options = {"endpoint_url": environment["AWS_ENDPOINT_URL"]} if "://" in uri else {}
    # its client of chunks takes plain HTTP only where it is told so, and it passes no such option on
    importlib.import_module("litdata.streaming.downloader")._OBSTORE_CLIENT_OPTIONS["allow_http"] = True
    with tempfile.TemporaryDirectory() as local:
        remote = {"storage_options": options, "cache_dir": local} if "://" in uri else {}
        data = litdata.StreamingDataset(uri, shuffle=True, **remote)
        for batch in litdata.StreamingDataLoader(data, batch_size=BATCH):
            yield batch["x"]


def write_lance(folder: str, samples: int) -> None:
    lance, pa = importlib.import_module("lance"), importlib.import_module("pyarrow")
    kind = pa.list_(pa.float16(), SIZE // 2)
    schema = pa.schema([("x", kind)])

    def batches() -> Iterator[Any]:
        for n in range(samples):
            values = pa.FixedSizeListArray.from_arrays(pa.array(latent(n).reshape(-1)), type=kind)
            yield pa.record_batch([values], schema)

    lance.write_dataset(batches(), folder, schema=schema, max_rows_per_file=64)


def read_lance(uri: str, environment: Environment) -> Iterator[Any]:
    lance = importlib.import_module("lance")
    data = importlib.import_module("lance.torch.data")
    store = {"aws_endpoint": environment["AWS_ENDPOINT_URL"], "allow_http": "true"} if "://" in uri else None
    for batch in data.LanceDataset(lance.dataset(uri, storage_options=store), batch_size=BATCH):
        yield batch["x"] if isinstance(batch, dict) else batch


Read = Callable[[str, Environment], Iterator[Any]]
PEERS: dict[str, tuple[Callable[[str, int], None], Read]] = {
    "webdataset": (write_webdataset, read_webdataset),
    "mds": (write_mds, read_mds),
    "litdata": (write_litdata, read_litdata),
    "lance": (write_lance, read_lance),
}
MODULES: dict[str, tuple[str, ...]] = {
    "webdataset": ("webdataset", "torch.utils.data"),
    "mds": ("streaming", "torch.utils.data"),
    "litdata": ("litdata",),
    "lance": ("lance", "lance.torch.data"),
}
"""What each imports before it opens anything."""
