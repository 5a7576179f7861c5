"""Captions as a folder that Hugging Face's `datasets` loads: Parquet files, and a card that says what is in them.

load_dataset("parquet", data_files="FOLDER/data/*.parquet")     or, with the card:     load_dataset("FOLDER")
"""

import hashlib
import hmac
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from curate.errors import UsageError
from schemas.caption import Caption, Decision, ErrorKind, Facet, Origin, Review
from schemas.row import arrow_schema, to_table

ROWS_PER_FILE = 50_000
ROWS_PER_GROUP = 1000  # what the viewer of a dataset reads at a time
LEAST_KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a caption, in µs of the media."""

    facet: Facet
    start_us: int
    end_us: int
    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Correction:
    """What people made of one statement of the machine; `before` null: it was missing, `after` null: it was wrong."""

    facet: Facet
    start_us: int
    end_us: int
    status: Literal["right", "wrong", "edited", "added"]
    before: str | None
    after: str | None
    error_kind: ErrorKind | None
    critique: str | None


@dataclass(frozen=True, slots=True)
class Sample:
    """A row of the dataset: one caption of one clip. The fields after `claims` are null where no person saw it."""

    clip_id: str
    caption_id: str
    captioner: str
    origin: Literal["machine", "human"]
    language: str
    dense: str
    medium: str
    short: str
    tags: tuple[str, ...]
    claims: tuple[Statement, ...]
    decision: Decision | None
    before: str | None  # the prose of the machine
    after: str | None  # that of the people
    corrections: tuple[Correction, ...]
    reviewers: tuple[str, ...]  # names under a key that stays with the exporter
    video: str | None  # the path or address of the clip's proxy


_MEANT: Mapping[str, str] = MappingProxyType(
    {
        "clip_id": "the media, by its sha256, and the span of it",
        "caption_id": "which caption of the clip",
        "captioner": "what made it",
        "origin": "`human` where people put it right",
        "language": "of the prose",
        "dense": "all of it in prose",
        "medium": "a few sentences",
        "short": "one sentence",
        "tags": "words",
        "claims": "the statements, each with its span",
        "decision": "of the people who saw it: `caption`, or `reject`",
        "before": "what the machine said",
        "after": "what people made of it",
        "corrections": "what was wrong, statement by statement",
        "reviewers": "who saw it; the names are hidden by a key",
        "video": "where its proxy is",
    }
)


@dataclass(frozen=True, slots=True)
class Card:
    """What the README of a dataset says of it that its rows do not."""

    title: str
    licence: str | None = None  # an identifier that Hugging Face knows, such as cc-by-4.0
    about: str = ""


def sample(caption: Caption, key: bytes, review: Review | None = None, video: str | None = None) -> Sample:
    """A caption as a row; `review` is what it was made from by people, or how it was rejected. `key` hides their names.

    UsageError for a key that can be guessed: the names of a team are few.
    """
    if len(key) < LEAST_KEY_BYTES:
        raise UsageError(
            f"the key that hides the names of reviewers has {len(key)} bytes; {LEAST_KEY_BYTES} are the least"
        )
    human = review is not None and review.decision == "caption" and caption.caption_id != review.caption_id
    return Sample(
        clip_id=caption.clip_id,
        caption_id=caption.caption_id,
        captioner=caption.captioner,
        origin="human" if human else "machine",
        language=caption.language,
        dense=caption.dense,
        medium=caption.medium,
        short=caption.short,
        tags=caption.tags,
        claims=tuple(Statement(c.facet, c.start_us, c.end_us, c.text, c.origin) for c in caption.claims),
        decision=None if review is None else review.decision,
        before=None if review is None else review.before,
        after=caption.dense if human else None,
        corrections=() if review is None else tuple(_corrections(review)),
        reviewers=() if review is None else tuple(_hidden(name, key) for name in review.reviewers),
        video=video,
    )


def _corrections(review: Review) -> Iterator[Correction]:
    for one in review.judgements:
        yield Correction(
            one.facet, one.start_us, one.end_us, one.status, one.before, one.after, one.error_kind, one.critique
        )


def _hidden(name: str, key: bytes) -> str:
    return hmac.new(key, name.encode(), hashlib.sha256).hexdigest()[:16]


def write_dataset(folder: Path, samples: Iterable[Sample], card: Card, rows_per_file: int = ROWS_PER_FILE) -> int:
    """Write a folder that must be empty or missing; the number of rows. Rows are taken as they come."""
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty: a dataset is written into a new folder")
    (folder / "data").mkdir(parents=True, exist_ok=True)
    rows = files = 0
    for part in _batches(iter(samples), rows_per_file):
        path = folder / "data" / f"train-{files:05d}.parquet"
        with pq.ParquetWriter(path, _schema(), compression="zstd", write_page_index=True) as out:
            for group in _batches(part, ROWS_PER_GROUP):
                table = to_table(Sample, group).cast(_schema())
                out.write_table(table)
                rows += table.num_rows
        files += 1
    if not files:
        pq.write_table(_schema().empty_table(), folder / "data" / "train-00000.parquet")
    (folder / "README.md").write_text(_readme(card, rows), "utf-8")
    return rows


def _schema() -> pa.Schema:
    return pa.schema([field.remove_metadata() for field in arrow_schema(Sample)])


def _batches(samples: Iterator[Sample], size: int) -> "Iterator[Iterator[Sample]]":
    """Runs of at most so many; each is to be taken whole before the next."""
    for first in samples:
        yield itertools.chain((first,), itertools.islice(samples, size - 1))


def _readme(card: Card, rows: int) -> str:
    head = ["---", f"pretty_name: {_quoted(card.title)}"]
    head += [f"license: {_quoted(card.licence)}"] if card.licence else []
    head += [
        "task_categories:\n- video-text-to-text", "configs:\n- config_name: default\n  data_files:\n  - split: train\n"
        "    path: data/*.parquet", "---",
    ]  # fmt: skip
    fields = "\n".join(f"| `{field.name}` | {_type(field.type)} | {_MEANT[field.name]} |" for field in _schema())
    body = (
        f"# {card.title}", *([card.about] if card.about else []),
        f"{rows} captions of clips, one a row. Times are µs of the media that a clip is of.",
        f"| field | type | what it is |\n|---|---|---|\n{fields}",
        "`before`, `corrections` and `after` are what the machine said, what people found wrong with it, and what they "
        "made of it: a triple to train a captioner, a critic or a reward model with.",
    )  # fmt: skip
    return "\n".join(head) + "\n\n" + "\n\n".join(body) + "\n"


def _quoted(text: str) -> str:
    """A text as YAML, of which JSON is a part."""
    return json.dumps(text)


def _type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"list of {_type(kind.value_type)}"
    if pa.types.is_struct(kind):
        return ", ".join(f"`{field.name}`" for field in kind)
    return str(kind)
