"""A folder that Hugging Face's `datasets` loads: Parquet with the files of clips in it, and a card.

A file is a struct of `bytes` and `path`, as `datasets.Video` and `datasets.Image` store it; the features are named in
the schema, as `datasets` itself writes them.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from curate.export.format import Missed, Part, Settings, Unit, created, whole
from curate.export.sample import Sample, told
from curate.storage.blobs import Blobs

GROUP_BYTES = 64 << 20
GROUP_ROWS = 100
"""Of a row group at most: a reader holds one, and the viewer of a dataset reads one at a time."""

_FILE = pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())])
_SPAN = [pa.field("start_us", pa.int64()), pa.field("end_us", pa.int64())]


def _structs(*names: str, span: bool = False, more: Sequence[pa.Field] = ()) -> pa.DataType:
    return pa.list_(pa.struct([*(_SPAN if span else ()), *(pa.field(name, pa.string()) for name in names), *more]))


_CLAIMS = _structs("facet", "text", span=True, more=[pa.field("uncertain", pa.bool_())])
_CAPTIONS = _structs(
    "caption_id", "captioner", "language", "dense", "medium", "short",
    more=[pa.field("tags", pa.list_(pa.string())), pa.field("claims", _CLAIMS)],
)  # fmt: skip
SCHEMA = pa.schema(
    [
        ("clip_id", pa.string()), ("video", _FILE), ("image", _FILE), ("dense", pa.string()), ("medium", pa.string()),
        ("short", pa.string()), ("tags", pa.list_(pa.string())), ("captions", _CAPTIONS),
        ("events", _structs("kind", "text", "label", span=True)),
        ("scores", _structs("metric", more=[pa.field("value", pa.float64())])),
        ("sources", _structs("uri", "licence", "provenance", "title")),
        ("media_id", pa.string()), ("start_us", pa.int64()), ("end_us", pa.int64()), ("still", pa.bool_()),
        ("side", pa.string()), ("weight", pa.float64()), ("width", pa.int64()), ("height", pa.int64()),
        ("frames", pa.int64()), ("sound", pa.bool_()), ("copied", pa.bool_()), ("sha256", pa.string()),
    ],
    metadata={
        "huggingface": json.dumps({"info": {"features": {"video": {"_type": "Video"}, "image": {"_type": "Image"}}}})
    },
)  # fmt: skip


@dataclass(frozen=True)
class HuggingFace:
    """`data/SIDE-00000-of-00010.parquet` and `README.md`."""

    files: bool = True
    tensors: bool = False

    def write(self, out: Blobs, unit: Unit, samples: Iterable[Sample], missed: Callable[[Missed], None]) -> list[Part]:
        path, rows = f"data/{unit.settings.side}-{unit.index:05d}-of-{unit.of:05d}.parquet", 0
        with created(out, path) as file:
            sink = pa.PythonFile(file, mode="w")
            with pq.ParquetWriter(sink, SCHEMA, compression="zstd", use_dictionary=False, write_statistics=False) as to:
                for group in _groups(samples):
                    to.write_table(pa.Table.from_pylist(group, SCHEMA))
                    rows += len(group)
        return [file.part(path, rows)]

    def close(self, out: Blobs, settings: Settings, parts: Sequence[Part]) -> list[Part]:
        return [whole(out, "README.md", _card(settings, sum(part.rows for part in parts)).encode())]


def _groups(samples: Iterable[Sample]) -> Iterable[list[dict[str, object]]]:
    """Rows of a group each."""
    group, held = list[dict[str, object]](), 0
    for sample in samples:
        group.append(row(sample))
        held += len(sample.file[1]) if sample.file else 0
        if held >= GROUP_BYTES or len(group) >= GROUP_ROWS:
            yield group
            group, held = [], 0
    if group:
        yield group


def row(sample: Sample) -> dict[str, object]:
    """A clip as a row; the renderings of its first caption stand in columns of their own."""
    assert sample.file is not None  # noqa: S101  this format asks for them
    cut, body = sample.file
    first = sample.captions[0] if sample.captions else None
    file = {"bytes": body, "path": f"{sample.key}.{cut.suffix}"}
    return {
        **told(sample),
        "video": None if sample.clip.still else file,
        "image": file if sample.clip.still else None,
        "dense": first.dense if first else None,
        "medium": first.medium if first else None,
        "short": first.short if first else None,
        "tags": list(first.tags) if first else None,
        "scores": [{"metric": metric, "value": value} for metric, value in sorted(sample.scores.items())],
    }


def _card(settings: Settings, rows: int) -> str:
    head = ["---", f"pretty_name: {json.dumps(settings.title)}"]
    head += [f"license: {json.dumps(settings.licence)}"] if settings.licence else []
    head += ["task_categories:", "- text-to-video", "configs:", "- config_name: default", "  data_files:"]
    head += [f"  - split: {settings.side}", f"    path: data/{settings.side}-*.parquet", "---"]
    body = (
        f"# {settings.title}",
        f"{rows} clips, one a row. Times are µs from the beginning of a clip's file, but for `start_us` and `end_us` "
        "of a row: those are of the media that it was cut from.",
        "`dense`, `medium`, `short` and `tags` are those of the first caption of `captions`. Where a clip came from, "
        "and by what licence, stands in `sources`.",
    )
    return "\n".join(head) + "\n\n" + "\n\n".join(body) + "\n"
