"""The samples of one rank: the slots of its plan with all that is needed to read them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.errors import LakeError, UsageError
from curate.reader.lake import Lake
from schemas.clip import TOLD
from schemas.latent import PlanSlot
from schemas.row import arrow_schema

Texts = Mapping[str, Callable[[str], str]]
"""Variant -> its text from the JSON of a caption record, in the place of the stored rendering."""
NONE: Texts = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where a tensor lies and what it is."""

    shard: str
    offset: int
    length: int
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
    heard: tuple[Heard, ...]


@dataclass(frozen=True)
class Samples:
    """The slots of one rank in order, and what every rank knows of a step."""

    rows: pl.DataFrame
    buckets: tuple[str, ...]  # of each step
    shapes: Mapping[str, tuple[int, ...]]  # of a picture latent, by bucket
    heard: Mapping[str, tuple[Heard, ...]]  # by clip
    texts: Texts

    def from_step(self, step: int) -> Iterator[Sample]:
        """Samples of a step and all that follow."""
        start = int(np.searchsorted(self.rows["step"].to_numpy(), step, side="left"))
        for row in self.rows[start:].iter_rows(named=True):
            yield self._sample(row)

    def of_step(self, step: int) -> list[Sample]:
        """Samples of one step."""
        return [self._sample(row) for row in self.rows.filter(pl.col("step") == step).iter_rows(named=True)]

    def counts(self) -> NDArray[np.int64]:
        """How many samples this rank has at each step: [steps]."""
        return np.bincount(self.rows["step"].to_numpy(), minlength=len(self.buckets)).astype(np.int64)

    def _sample(self, row: dict[str, Any]) -> Sample:
        picture = _tensor(row, "")
        assert picture is not None  # noqa: S101  `samples` has seen to it
        render = self.texts.get(row["variant"])
        text = row["text_"] if render is None else render(row["record"])
        return Sample(
            row["step"], row["slot"], row["epoch"], row["clip_id"], row["variant"], text, row["bytes"],
            picture, _tensor(row, "_sound"), self.heard.get(row["clip_id"], ()),
        )  # fmt: skip


def _tensor(row: dict[str, Any], suffix: str) -> Tensor | None:
    blob = row["blob" + suffix]
    if blob is None:
        return None
    return Tensor(
        blob["shard"], blob["offset"], blob["length"], row["sha256" + suffix], row["dtype" + suffix],
        tuple(row["shape" + suffix]), row["start_us" + suffix], row["end_us" + suffix],
        np.array(row["step_us" + suffix], np.int64),
    )  # fmt: skip


def samples(lake: Lake, plan_hash: str, rank: int, world: int, sounds: str | None, texts: Texts = NONE) -> Samples:
    """Gather the slots of a rank. LakeError where the lake lacks what the plan reads."""
    stored = lake.table("plans").filter(pl.col("plan_hash") == plan_hash).select(arrow_schema(PlanSlot).names)
    slots = stored.unique(["step", "slot"]).sort("step", "slot").collect()  # a plan may have been stored twice
    latents = _latents(lake, slots)
    steps = slots.group_by("step", maintain_order=True).agg(pl.col("bucket").first(), pl.col("content_key").first())
    shapes = steps.unique("bucket", keep="first").join(latents, on="content_key")
    mine = slots.filter(pl.col("slot") % world == rank)
    rows = (
        mine.join(latents, on="content_key", how="left", maintain_order="left")
        .join(
            latents, left_on="audio_content_key", right_on="content_key", how="left", suffix="_sound",
            maintain_order="left",
        )
        .join(_captions(lake, mine, texts), on="caption_id", how="left", maintain_order="left")
        .with_columns(text_=_text())
    )  # fmt: skip
    _complete(rows)
    return Samples(
        rows.drop("dense", "medium", "short", "tags", "plan_hash"),
        tuple(steps["bucket"]),
        {bucket: tuple(shape) for bucket, shape in shapes.select("bucket", "shape").iter_rows()},
        _heard(lake, mine, sounds),
        texts,
    )


def _latents(lake: Lake, slots: pl.DataFrame) -> pl.DataFrame:
    """One row per tensor of the plan. Rows of one content key hold equal tensors, wherever they lie."""
    keys = pl.concat([slots["content_key"], slots["audio_content_key"]]).drop_nulls().unique()
    columns = ("content_key", "sha256", "dtype", "shape", "start_us", "end_us", "step_us", "blob")
    found = (
        lake.table("latents")
        .filter(pl.col("blob").is_not_null())
        .select(columns)
        .join(pl.LazyFrame({"content_key": keys}), on="content_key", how="semi")
        .collect()
    )
    return found.sort(pl.col("blob").struct.field("shard")).unique("content_key", keep="first")


def _captions(lake: Lake, slots: pl.DataFrame, texts: Texts) -> pl.DataFrame:
    """The stored texts; records only where something is rendered from them."""
    wanted = slots.lazy().select(pl.col("caption_id").drop_nulls().unique())
    columns = ("caption_id", "dense", "medium", "short", "tags", *(("record",) if texts else ()))
    stored = lake.table("captions").select(columns)
    found = stored.join(wanted, on="caption_id", how="semi").unique().collect()
    twice = found.filter(pl.col("caption_id").is_duplicated())
    if twice.height:
        raise LakeError(f"caption {twice['caption_id'][0]} has two texts: make the plan again")
    return found


def _text() -> pl.Expr:
    """The rendering that the plan chose; without text, the empty one."""
    return (
        pl.when(pl.col("variant") == "none").then(pl.lit(""))
        .when(pl.col("variant") == "dense").then(pl.col("dense"))
        .when(pl.col("variant") == "medium").then(pl.col("medium"))
        .when(pl.col("variant") == "short").then(pl.col("short"))
        .when(pl.col("variant") == "tags").then(pl.col("tags").list.join(", "))
    )  # fmt: skip


def _complete(rows: pl.DataFrame) -> None:
    lacking = {
        "latent": pl.col("blob").is_null(),
        "sound latent": pl.col("blob_sound").is_null() & pl.col("audio_content_key").is_not_null(),
        "caption": pl.col("text_").is_null(),
    }
    for what, missing in lacking.items():
        found = rows.filter(missing)
        if found.height:
            raise LakeError(
                f"{found.height} samples of the plan lack their {what}, such as step {found['step'][0]}, "
                f"{found['clip_id'][0]}: it was removed or made anew; run `retold encode`, or `retold plan` again"
            )


def _heard(lake: Lake, slots: pl.DataFrame, fingerprint: str | None) -> dict[str, tuple[Heard, ...]]:
    """What was heard in each clip, in order of time; of one fingerprint."""
    table = lake.table("sounds").filter(pl.col("sound_id").is_not_null() & ~pl.col("kind").is_in(TOLD))
    rows = table.join(slots.lazy().select(pl.col("clip_id").unique()), on="clip_id", how="semi").collect()
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
