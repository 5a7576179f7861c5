"""MosaicML Streaming: MDS shards of version 2, and the index that names them.

A shard is the number of samples, the offsets of all and of the end, the settings as JSON, and the samples; a sample is
the lengths of its columns of no fixed length, then the columns by name. All numbers are uint32, little endian.
Source: mosaicml/streaming, `streaming/base/format/mds/writer.py` and `encodings.py`.
"""

import json
import struct
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from curate.errors import UsageError
from curate.export.format import Missed, Part, Settings, Unit, created, whole
from curate.export.sample import Sample, told
from curate.storage.blobs import Blobs

COLUMNS: Mapping[str, str] = MappingProxyType(
    {"clip_id": "str", "dense": "str", "kind": "str", "media": "bytes", "medium": "str", "short": "str", "told": "json"}
)
"""By name, in order: how each is encoded. `kind` is the suffix of `media`; captions are "" where there is none."""
LARGEST = 2**32 - 1
_COPIED = 8 << 20


@dataclass(frozen=True)
class Mds:
    """`NAME-000000.mds` and `index.json`."""

    files: bool = True
    tensors: bool = False

    def write(self, out: Blobs, unit: Unit, samples: Iterable[Sample], missed: Callable[[Missed], None]) -> list[Part]:
        path, lengths = f"{unit.name}.mds", list[int]()
        with tempfile.TemporaryFile(prefix="retold-") as held:
            for sample in samples:
                body = _encoded(sample)
                lengths.append(len(body))
                held.write(body)
            begin = head(lengths)
            held.seek(0)
            with created(out, path) as file:
                file.write(begin)
                while piece := held.read(_COPIED):
                    file.write(piece)
        return [file.part(path, len(lengths))]

    def close(self, out: Blobs, settings: Settings, parts: Sequence[Part]) -> list[Part]:
        shards = [
            {
                **_settings(),
                "raw_data": {"basename": part.path, "bytes": part.size_bytes, "hashes": {"sha256": part.sha256}},
                "zip_data": None,
                "samples": part.rows,
            }
            for part in parts
            if part.rows
        ]
        index = json.dumps({"version": 2, "shards": shards}, sort_keys=True)
        return [whole(out, "index.json", index.encode())]


def _settings() -> dict[str, object]:
    return {
        "version": 2, "format": "mds", "compression": None, "hashes": ["sha256"], "size_limit": None,
        "column_names": list(COLUMNS), "column_encodings": list(COLUMNS.values()),
        "column_sizes": [None] * len(COLUMNS),
    }  # fmt: skip


def head(lengths: Sequence[int]) -> bytes:
    """All that stands before the samples."""
    settings = json.dumps(_settings(), sort_keys=True).encode()
    offsets = [4 + 4 * (len(lengths) + 1) + len(settings)]
    for length in lengths:
        offsets.append(offsets[-1] + length)
    if offsets[-1] > LARGEST:
        raise UsageError(f"a shard of {offsets[-1]} bytes is more than MDS can number: ask for fewer clips in a shard")
    return struct.pack(f"<I{len(offsets)}I", len(lengths), *offsets) + settings


def _encoded(sample: Sample) -> bytes:
    assert sample.file is not None  # noqa: S101  this format asks for them
    cut, body = sample.file
    caption = sample.captions[0] if sample.captions else None
    values = {
        "clip_id": sample.clip.clip_id.encode(),
        "dense": caption.dense.encode() if caption else b"",
        "kind": cut.suffix.encode(),
        "media": body,
        "medium": caption.medium.encode() if caption else b"",
        "short": caption.short.encode() if caption else b"",
        "told": json.dumps(told(sample)).encode(),
    }
    columns = [values[name] for name in COLUMNS]
    return struct.pack(f"<{len(columns)}I", *map(len, columns)) + b"".join(columns)
