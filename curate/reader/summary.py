"""What a stored plan adds up to: for a person to read before the run, and for a program."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from curate.prices import GIB, Prices
from curate.reader.lake import Lake
from curate.reader.tensors import GAP
from schemas.plan import PlanRecord

_SAMPLED = 500_000
"""Readings that the quality of the shuffle is measured on."""


@dataclass(frozen=True, slots=True)
class ShareOf:
    """How much of what is read has something in common."""

    name: str
    samples: int
    share: float


@dataclass(frozen=True, slots=True)
class Shuffle:
    """How far apart clips are in an epoch that are neighbours in the cut: of one media, one after the other.

    distance: the mean, over that of a random order; near 1 is well shuffled, near 0 is not shuffled at all.
    same_step: how many of the pairs are in one step. None: no media has two clips.
    """

    pairs: int
    distance: float | None
    same_step: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a plan adds up to. It prints as a table."""

    record: PlanRecord
    requests: int  # ranged reads, if nothing is cached
    text_bytes: int  # of text embeddings, which the record's bytes do not hold
    money: float | None  # None: no prices were given
    currency: str
    sources: tuple[ShareOf, ...]
    licences: tuple[ShareOf, ...]
    variants: tuple[ShareOf, ...]
    shuffle: Shuffle

    def __str__(self) -> str:
        return "\n".join(_lines(self))


def summary(lake: Lake, record: PlanRecord, slots: pl.LazyFrame, prices: Prices | None) -> Summary:
    """slots: `PlanSlot` rows of the plan."""
    texts, text_bytes = _texts(lake, record, slots)
    requests = _requests(lake, slots) + texts
    sheet = prices or Prices()
    money = requests / 1000 * sheet.get_1000 + (record.bytes + text_bytes) / GIB * sheet.egress_gib
    of_media = slots.group_by(media_id=_media()).agg(samples=pl.len())
    rights = _rights(lake)
    return Summary(
        record=record,
        requests=requests,
        text_bytes=text_bytes,
        money=None if prices is None else money,
        currency=sheet.currency,
        sources=_shares(of_media.join(rights, on="media_id", how="left"), "provenance", record.samples),
        licences=_shares(of_media.join(rights, on="media_id", how="left"), "licence", record.samples),
        variants=tuple(ShareOf(v.variant, v.samples, v.samples / record.samples) for v in record.variants),
        shuffle=_shuffle(slots, record),
    )


def _media() -> pl.Expr:
    """The media of a clip: what its id begins with."""
    return pl.col("clip_id").str.replace(r"/[^/]*$", "")


def _requests(lake: Lake, slots: pl.LazyFrame) -> int:
    """One for the picture; one for the sound, unless it lies beside the picture."""
    places = lake.table("latents").filter(pl.col("blob").is_not_null()).select(
        "content_key", shard=pl.col("blob").struct.field("shard"), offset=pl.col("blob").struct.field("offset"),
        length=pl.col("blob").struct.field("length"),
    ).unique("content_key")  # fmt: skip
    read = slots.select("content_key", "audio_content_key").group_by("content_key", "audio_content_key").len()
    both = read.join(places, on="content_key", how="left").join(
        places, left_on="audio_content_key", right_on="content_key", how="left", suffix="_sound"
    )
    between = pl.max_horizontal("offset", "offset_sound") - pl.min_horizontal(
        pl.col("offset") + pl.col("length"), pl.col("offset_sound") + pl.col("length_sound")
    )
    beside = (pl.col("shard") == pl.col("shard_sound")) & (between <= GAP)
    each = 1 + (pl.col("audio_content_key").is_not_null() & ~beside.fill_null(value=False)).cast(pl.Int64)
    return int(both.select((pl.col("len") * each).sum()).collect().item())


def _texts(lake: Lake, record: PlanRecord, slots: pl.LazyFrame) -> tuple[int, int]:
    """Reads and bytes of text embeddings."""
    if record.text_encoder is None:
        return 0, 0
    rows = lake.table("embeddings").filter(pl.col("encoder") == record.text_encoder, pl.col("blob").is_not_null())
    length, none = pl.col("blob").struct.field("length").alias("length"), pl.col("variant") == "none"
    told = rows.filter(~none).select("caption_id", "variant", length).unique(["caption_id", "variant"], keep="any")
    read = slots.group_by("caption_id", "variant").len().join(told, on=["caption_id", "variant"], how="left")
    empty = rows.filter(none).select(length).head(1).collect()
    of_empty = empty.item() if empty.height else 0
    each = pl.when(none).then(of_empty).otherwise(pl.col("length").fill_null(0))
    count, size = read.select(pl.col("len").sum(), size=(pl.col("len") * each).sum()).collect().row(0)
    return int(count), int(size)


def _rights(lake: Lake) -> pl.LazyFrame:
    """`media_id, licence, provenance`: of the first of its sources."""
    media = lake.table("media").filter(pl.col("media_id").is_not_null()).select("media_id", "source_id")
    sources = lake.table("sources").select("source_id", "licence", "provenance").unique("source_id", keep="any")
    return media.join(sources, on="source_id").sort("source_id").unique("media_id", keep="first").drop("source_id")


def _shares(counted: pl.LazyFrame, column: str, samples: int) -> tuple[ShareOf, ...]:
    """Most first; what is not told is called so."""
    named = counted.group_by(pl.col(column).fill_null("not told")).agg(pl.col("samples").sum())
    rows = named.sort(["samples", column], descending=[True, False]).collect()
    return tuple(ShareOf(name, count, count / samples) for name, count in rows.iter_rows())


def _shuffle(slots: pl.LazyFrame, record: PlanRecord) -> Shuffle:
    """Over whole media, as many as there is room for."""
    every = max(1, record.samples // record.epochs // _SAMPLED)
    first = slots.filter(pl.col("epoch") == 0, _media().hash(0) % every == 0).select("clip_id", "step", "slot")
    ordered = first.sort("clip_id", "step", "slot").unique("clip_id", keep="first", maintain_order=True)
    before = ordered.with_columns(media=_media()).with_columns(
        apart=(pl.col("step") - pl.col("step").shift(1).over("media")).abs()
    )
    pairs = before.drop_nulls("apart").select(
        pairs=pl.len(), distance=pl.col("apart").mean(), together=(pl.col("apart") == 0).mean()
    )  # fmt: skip
    (row,) = pairs.collect().iter_rows(named=True)
    steps = slots.filter(pl.col("epoch") == 0).select(pl.col("step").max() + 1).collect().item() or 0
    apart = None if row["distance"] is None or not steps else row["distance"] / (steps / 3)
    return Shuffle(row["pairs"], apart, row["together"])


def _lines(told: Summary) -> Iterable[str]:
    record = told.record
    yield f"plan {record.plan_hash[:12]}: {record.steps:,} steps, {record.samples:,} samples, {_bytes(record.bytes)}"
    cost = "" if told.money is None else f", {told.money:,.2f} {told.currency}".rstrip()
    cost += f"; text embeddings have {_bytes(told.text_bytes)} more" if told.text_bytes else ""
    yield f"  {told.requests:,} GETs{cost}"
    for cut in record.cuts:
        asked = "" if cut.share is None else f", asked for {cut.share:.1%}"
        part = cut.samples / record.samples if record.samples else 0
        yield f"  cut {cut.cut} ({cut.cut_hash[:12]}): {cut.clips:,} clips, {cut.samples:,} samples ({part:.1%}{asked})"
    yield f"  picture {record.picture_encoder}, sound {record.sound_encoder}, text {record.text_encoder or 'as it is'}"
    yield f"  {'bucket':<16}{'clips':>12}{'a step':>8}{'steps':>12}{'samples':>14}{'left out':>10}"
    for b in record.buckets:
        yield f"  {b.bucket:<16}{b.clips:>12,}{b.samples_per_step:>8,}{b.steps:>12,}{b.samples:>14,}{b.left_out:>10,}"
    carried = ", ".join(f"{count:,}" for count in record.carried) or "none"
    epochs = "1 epoch" if record.epochs == 1 else f"{record.epochs:,} epochs"
    yield f"  {epochs}; carried to the next: {carried}; left out for good: {record.left_out:,}"
    for title, shares in (("variant", told.variants), ("source", told.sources), ("licence", told.licences)):
        yield f"  by {title}: " + ", ".join(f"{share.name} {share.share:.1%}" for share in shares[:8])
    if told.shuffle.distance is not None and told.shuffle.same_step is not None:
        yield (
            f"  shuffle: neighbours are {told.shuffle.distance:.2f} of a random distance apart, "
            f"{told.shuffle.same_step:.2%} of them in one step ({told.shuffle.pairs:,} pairs)"
        )


def _bytes(count: int) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count:,} bytes"
