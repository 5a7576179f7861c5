"""WebDataset: tar shards in which the files of a sample lie side by side and share their name up to the first dot.

<https://github.com/webdataset/webdataset>: POSIX tar, here USTAR; a sample is a run of members with one key.
"""

import json
import tarfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from curate.export.format import Counted, Missed, Part, Settings, Unit, created
from curate.export.sample import Sample, told
from curate.storage.blobs import Blobs


@dataclass(frozen=True)
class WebDataset:
    """`NAME-000000.tar`: of each clip `KEY.mp4` (or jpg, png, webp) and `KEY.json`."""

    files: bool = True
    tensors: bool = False

    def write(self, out: Blobs, unit: Unit, samples: Iterable[Sample], missed: Callable[[Missed], None]) -> list[Part]:
        path, rows = f"{unit.name}.tar", 0
        with created(out, path) as file:
            for sample in samples:
                assert sample.file is not None  # noqa: S101  this format asks for them
                cut, body = sample.file
                _member(file, f"{sample.key}.{cut.suffix}", body)
                _member(file, f"{sample.key}.json", json.dumps(told(sample), ensure_ascii=False).encode())
                rows += 1
            closing = 2 * tarfile.BLOCKSIZE
            file.write(bytes(closing + -(file.size + closing) % tarfile.RECORDSIZE))
        return [file.part(path, rows)]

    def close(self, out: Blobs, settings: Settings, parts: Sequence[Part]) -> list[Part]:
        return []


def _member(file: Counted, name: str, body: bytes) -> None:
    header = tarfile.TarInfo(name)
    header.size = len(body)
    file.write(header.tobuf(tarfile.USTAR_FORMAT))
    file.write(body)
    file.write(bytes(-len(body) % tarfile.BLOCKSIZE))
