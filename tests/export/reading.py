"""Exports read back by other means than they were written with."""

import json
import struct
import tarfile
from collections.abc import Iterator
from pathlib import Path


def samples_of(tar: Path) -> dict[str, dict[str, bytes]]:
    """What WebDataset makes of a shard: members of one key, which ends at the first dot, side by side."""
    found: dict[str, dict[str, bytes]] = {}
    last = ""
    with tarfile.open(tar, "r:") as file:
        for member in file:
            assert member.isreg()
            key, _, suffix = member.name.partition(".")
            assert key == last or key not in found, "the files of a sample do not lie side by side"
            last = key
            extracted = file.extractfile(member)
            assert extracted is not None
            found.setdefault(key, {})[suffix] = extracted.read()
    return found


def mds_rows(folder: Path) -> Iterator[dict[str, object]]:
    """The rows of an MDS folder, by the layout that `streaming` documents."""
    index = json.loads((folder / "index.json").read_text())
    assert index["version"] == 2
    for shard in index["shards"]:
        data = (folder / shard["raw_data"]["basename"]).read_bytes()
        assert len(data) == shard["raw_data"]["bytes"]
        (count,) = struct.unpack_from("<I", data)
        assert count == shard["samples"]
        offsets = struct.unpack_from(f"<{count + 1}I", data, 4)
        assert offsets[-1] == len(data)
        settings = json.loads(data[4 + 4 * (count + 1) : offsets[0]])
        names, kinds = settings["column_names"], settings["column_encodings"]
        assert (names, kinds) == (shard["column_names"], shard["column_encodings"])
        for begin in offsets[:-1]:
            sizes = struct.unpack_from(f"<{len(names)}I", data, begin)
            at, row = begin + 4 * len(names), {}
            for name, kind, size in zip(names, kinds, sizes, strict=True):
                value = data[at : at + size]
                row[name] = value if kind == "bytes" else value.decode() if kind == "str" else json.loads(value)
                at += size
            yield row
