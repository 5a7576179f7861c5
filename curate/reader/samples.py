"""The samples of one rank: slots of its plan with all that is needed to read them, some thousand at a time."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.errors import LakeError, UsageError
from curate.reader.tables import Tables
from curate.reader.texts import embeddings, once
from schemas.clip import TOLD
from schemas.latent import PlanSlot
from schemas.row import arrow_schema

Texts = Mapping[str, Callable[[str], str]]
"""Variant -> its text from the JSON of a caption record, in the place of the stored rendering."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where a tensor lies and what it is."""

    shard: str
    offset: int
    length: int
    checksum: str
    sha256: str
    dtype: str
    shape: tuple[int, ...]
    start_us: int
    end_us: int
    step_us: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing heard in a clip, in media time."""

    kind: str
    text: str | None
    label: str | None
    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One slot of a plan."""

    step: int
    slot: int
    epoch: int
    clip_id: str
    variant: str
    text: str
    bytes: int
    picture: Tensor
    sound: Tensor | None
    embedding: Tensor | None  # of its text; None: the plan has no text encoder
    heard: tuple[Heard, ...]
    next_step: int | None  # when the plan reads it again here; None: never, or there is no cache that asks

    @property
    def size(self) -> int:
        """Bytes that are read: those that the plan counts, and the embedding of its text."""
        return self.bytes + (0 if self.embedding is None else self.embedding.length)


@dataclass(frozen=True, slots=True)
class Lacking:
    """One slot of a plan that the lake lacks something of."""

    step: int
    slot: int
    clip_id: str
    what: str


Slot = Sample | Lacking

_NO_STEP: tuple[None, Iterator[dict[str, Any]]] = None, iter(())


@dataclass(frozen=True)
class Want:
    """Which slots of a plan are asked for, and what is asked of them."""

    plan_hash: str
    rank: int = 0
    world: int = 1
    first: int = 0  # of the steps first, first + stride, ...
    stride: int = 1
    sounds: str | None = None
    texts: Texts = field(default_factory=dict)
    cached_by: tuple[int, int] | None = None  # the ranks (first, end) that share a cache
    text_encoder: str | None = None
    empty: pl.DataFrame | None = None  # where it keeps the empty text (`texts.py`)


@dataclass(frozen=True)
class Window:
    """The slots of a rank in some steps."""

    rows: pl.DataFrame
    heard: Mapping[str, tuple[Heard, ...]]  # by clip
    texts: Texts

    def by_step(self, steps: Iterable[int]) -> Iterator[tuple[int, list[Slot]]]:
        """Each of some steps, which ascend, with its slots."""
        grouped = groupby(self.rows.iter_rows(named=True), itemgetter("step"))
        filled, rows = next(grouped, _NO_STEP)
        for step in steps:
            if step == filled:
                yield step, [self._slot(row) for row in rows]
                filled, rows = next(grouped, _NO_STEP)
            else:
                yield step, []

    def lacking(self) -> tuple[int, Lacking] | None:
        """How many slots lack something, and the first of them; None: nothing is missing."""
        found = self.rows.filter(pl.col("lacks").is_not_null())
        if not found.height:
            return None
        row = found.row(0, named=True)
        return found.height, Lacking(row["step"], row["slot"], row["clip_id"], row["lacks"])

    def _slot(self, row: dict[str, Any]) -> Slot:
        picture = _tensor(row, "")
        if row["lacks"] is not None or picture is None:
            return Lacking(row["step"], row["slot"], row["clip_id"], row["lacks"])
        render = self.texts.get(row["variant"])
        text = row["text_"] if render is None else render(row["record"])
        return Sample(
            row["step"], row["slot"], row["epoch"], row["clip_id"], row["variant"], text, row["bytes"],
            picture, _tensor(row, "_sound"), _embedding(row), self.heard.get(row["clip_id"], ()), row["next_step"],
        )  # fmt: skip


def _tensor(row: dict[str, Any], suffix: str) -> Tensor | None:
    blob = row["blob" + suffix]
    if blob is None:
        return None
    return Tensor(
        *_place(blob), row["sha256" + suffix], row["dtype" + suffix], tuple(row["shape" + suffix]),
        row["start_us" + suffix], row["end_us" + suffix], np.array(row["step_us" + suffix], np.int64),
    )  # fmt: skip


def _embedding(row: dict[str, Any]) -> Tensor | None:
    blob = row.get("blob_text")
    if blob is None:
        return None
    no_time = (0, 0, np.empty(0, np.int64))
    return Tensor(*_place(blob), row["sha256_text"], row["dtype_text"], tuple(row["shape_text"]), *no_time)


def _place(blob: dict[str, Any]) -> tuple[str, int, int, str]:
    return blob["shard"], blob["offset"], blob["length"], blob["checksum"]


def window(tables: Tables, want: Want, start: int, end: int) -> Window:
    """The slots in the steps [start, end). Those that the lake lacks something of are told as such."""
    inside = pl.col("step").is_between(start, end, closed="left")
    mine = (pl.col("slot") % want.world == want.rank) & ((pl.col("step") - want.first) % want.stride == 0)
    stored = tables["plans"].filter(pl.col("plan_hash") == want.plan_hash, inside, mine)
    columns = arrow_schema(PlanSlot).names
    slots = stored.select(columns).unique(["step", "slot"]).sort("step", "slot").collect()  # it may be there twice
    texts, sounds = _captions(tables, slots, want.texts), _heard(tables, slots)
    told = embeddings(tables, slots, want.text_encoder, want.empty)
    found, captions, heard, later, encoded = pl.collect_all(
        [_latents(tables, slots), texts, sounds, _later(tables, want, slots), told]
    )
    latents = found.sort(pl.col("blob").struct.field("shard"), nulls_last=True).unique("content_key", keep="first")
    _check_captions(captions)
    rows = (
        slots.join(latents, on="content_key", how="left", maintain_order="left")
        .join(
            latents, left_on="audio_content_key", right_on="content_key", how="left", suffix="_sound",
            maintain_order="left",
        )
        .join(captions, on="caption_id", how="left", maintain_order="left")
        .join(once(encoded), on=["caption_id", "variant"], how="left", maintain_order="left", nulls_equal=True)
        .with_columns(text_=_text())
        .with_columns(lacks=_lacks(want.text_encoder is not None))
        .sort("step")
        .join_asof(later, left_on="step", right_on="next_step", by="content_key", strategy="forward",
                   allow_exact_matches=False, coalesce=False, check_sortedness=False)
        .sort("step", "slot")
    )  # fmt: skip
    return Window(rows.drop("dense", "medium", "short", "tags", "plan_hash"), _by_clip(heard, want.sounds), want.texts)


def _latents(tables: Tables, slots: pl.DataFrame) -> pl.LazyFrame:
    """Rows of the tensors of these slots, evicted ones too. Those of one content key hold equal tensors, wherever."""
    keys = pl.concat([slots["content_key"], slots["audio_content_key"]]).drop_nulls().unique()
    columns = ("content_key", "sha256", "dtype", "shape", "start_us", "end_us", "step_us", "blob")
    known = pl.col("content_key").is_in(keys.implode())
    return tables["latents"].filter(known).select(columns)


def _captions(tables: Tables, slots: pl.DataFrame, texts: Texts) -> pl.LazyFrame:
    """The stored texts; records only where something is rendered from them."""
    wanted = slots["caption_id"].drop_nulls().unique()
    columns = ("caption_id", "dense", "medium", "short", "tags", *(("record",) if texts else ()))
    return tables["captions"].filter(pl.col("caption_id").is_in(wanted.implode())).select(columns).unique()


def _check_captions(captions: pl.DataFrame) -> None:
    twice = captions.filter(pl.col("caption_id").is_duplicated())
    if twice.height:
        raise LakeError(f"caption {twice['caption_id'][0]} has two texts: make the plan again")


def _heard(tables: Tables, slots: pl.DataFrame) -> pl.LazyFrame:
    told = pl.col("sound_id").is_not_null() & ~pl.col("kind").is_in(TOLD)
    mine = pl.col("clip_id").is_in(slots["clip_id"].unique().implode())
    columns = ("clip_id", "kind", "text", "label", "start_us", "end_us", "sound_id", "fingerprint")
    return tables["sounds"].filter(mine & told).select(columns)


def _later(tables: Tables, want: Want, slots: pl.DataFrame) -> pl.LazyFrame:
    """`content_key, next_step`: when the ranks of a cache read these tensors, from here on."""
    if want.cached_by is None or not slots.height:
        return pl.LazyFrame(schema={"content_key": pl.String, "next_step": pl.Int64})
    first, end = want.cached_by
    here = (pl.col("slot") % want.world).is_between(first, end, closed="left")
    ahead = (pl.col("step") > slots["step"][0]) & (pl.col("plan_hash") == want.plan_hash)
    mine = pl.col("content_key").is_in(slots["content_key"].unique().implode())
    return tables["plans"].filter(ahead, mine, here).select("content_key", next_step="step").unique().sort("next_step")


def _text() -> pl.Expr:
    """The rendering that the plan chose; without text, the empty one."""
    return (
        pl.when(pl.col("variant") == "none").then(pl.lit(""))
        .when(pl.col("variant") == "dense").then(pl.col("dense"))
        .when(pl.col("variant") == "medium").then(pl.col("medium"))
        .when(pl.col("variant") == "short").then(pl.col("short"))
        .when(pl.col("variant") == "tags").then(pl.col("tags").list.join(", "))
    )  # fmt: skip


def _lacks(texts: bool) -> pl.Expr:
    """What the lake lacks of a slot; null: nothing."""
    lacks = (
        pl.when(pl.col("blob").is_null()).then(_gone("latent", ""))
        .when(pl.col("blob_sound").is_null() & pl.col("audio_content_key").is_not_null())
        .then(_gone("sound latent", "_sound"))
        .when(pl.col("text_").is_null()).then(pl.lit("caption"))
    )  # fmt: skip
    return lacks.when(pl.col("blob_text").is_null()).then(_gone("text embedding", "_text")) if texts else lacks


def _gone(what: str, suffix: str) -> pl.Expr:
    """Of what was evicted, a row is left."""
    return (
        pl.when(pl.col(f"sha256{suffix}").is_null()).then(pl.lit(what)).otherwise(pl.lit(f"{what}, which was evicted"))
    )


def _by_clip(rows: pl.DataFrame, fingerprint: str | None) -> dict[str, tuple[Heard, ...]]:
    """What was heard in each clip, in order of time; of one fingerprint."""
    known = sorted(rows["fingerprint"].unique())
    if fingerprint is None and len(known) > 1:
        raise UsageError(f"these clips were listened to by {len(known)} stages: choose sounds= from {', '.join(known)}")
    if fingerprint is not None:
        rows = rows.filter(pl.col("fingerprint") == fingerprint)
    heard: dict[str, list[Heard]] = {}
    columns = ("clip_id", "kind", "text", "label", "start_us", "end_us")
    for clip, *rest in rows.sort("start_us", "end_us", "sound_id").select(columns).iter_rows():
        heard.setdefault(clip, []).append(Heard(*rest))
    return {clip: tuple(sounds) for clip, sounds in heard.items()}
