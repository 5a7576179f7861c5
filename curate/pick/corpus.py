"""What a cut is made from, and all of it that the rules ask about, a row for each clip."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from curate.errors import LakeError
from curate.pick.counting import rejections
from curate.pick.policy import Policy
from curate.pick.rules import caption_levels
from curate.pick.shares import SHARES

SHARPNESS = "sharpness"
_NOWHERE = np.uint32(0xFFFFFFFF)


@dataclass(frozen=True)
class Corpus:
    """The tables that a cut is made from, each of one fingerprint; rows without a payload are passed over.

    `told` holds the tables of `shares.py`, where bounds ask for what is made of them: rows without a failure.
    """

    sources: pl.LazyFrame
    media: pl.LazyFrame
    clips: pl.LazyFrame
    scores: pl.LazyFrame
    verdicts: pl.LazyFrame
    latents: pl.LazyFrame
    told: Mapping[str, pl.LazyFrame] = field(default_factory=dict)
    reviews: pl.LazyFrame | None = None  # what people decided; None: nobody was asked
    captions: pl.LazyFrame | None = None  # those that count, where quotas or balances go by tags


def gathered(corpus: Corpus, policy: Policy) -> pl.DataFrame:
    """One row per clip, by id, with all that the rules ask about; `row` is its number.

    Ids are long and many tables have them: each is joined with the ids once, and from then on goes by numbers.
    """
    clips = _clips(corpus)
    owned = clips.lazy().select("media_id").join(
        _rights(corpus, policy), on="media_id", how="left", maintain_order="left"
    )  # fmt: skip
    asked = [
        *_scores(clips, corpus, policy),
        _beside(clips, _tested(clips, corpus, policy)),
        _beside(clips, numbered(clips, _rejected(corpus))),
        _beside(clips, numbered(clips, _buckets(corpus, policy))),
    ]
    return pl.concat([clips, owned.drop("media_id").collect(), *asked], how="horizontal")


def numbered(clips: pl.DataFrame, table: pl.LazyFrame) -> pl.DataFrame:
    """The rows of a table that are of one of the clips, with `row`, its number, in the place of `clip_id`.

    128 bits of hash stand for an id: to join and to carry the ids themselves takes four times as long.
    """
    known = clips.lazy().select("row", of=_hash(0), check=_hash(1))
    hashed = table.with_columns(of=_hash(0), mine=_hash(1)).drop("clip_id")
    found = hashed.join(known, on="of").filter(pl.col("mine") == pl.col("check"))
    return found.drop("of", "mine", "check").collect()


def _hash(seed: int) -> pl.Expr:
    return pl.col("clip_id").hash(seed)


def _clips(corpus: Corpus) -> pl.DataFrame:
    clips = corpus.clips.filter(pl.col("clip_id").is_not_null()).select(
        "clip_id", "media_id", "still",
        pixels=pl.col("crop_width") * pl.col("crop_height"),
        duration_us=pl.col("end_us") - pl.col("start_us"),
    ).collect()  # fmt: skip
    if not clips["clip_id"].is_sorted():  # most often they are, and long ids take long to sort
        clips = clips.sort("clip_id")
    if (clips["clip_id"] == clips["clip_id"].shift()).any():
        raise _twice()
    return clips.with_row_index("row")


def _twice() -> LakeError:
    return LakeError("a clip has two rows in clips, scores or latents: give each table at one fingerprint")


def _beside(clips: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Columns of numbered rows in the order of the clips, null for those that have none."""
    rows = found["row"].to_numpy()
    at = np.full(clips.height, _NOWHERE)
    at[rows] = np.arange(len(rows), dtype=np.uint32)
    if np.count_nonzero(at != _NOWHERE) < len(rows):
        raise _twice()
    there = pl.select(pl.when(pl.lit(pl.Series(at)) != _NOWHERE).then(pl.lit(pl.Series(at)))).to_series()
    return found.select(pl.exclude("row").gather(there))


def _scores(clips: pl.DataFrame, corpus: Corpus, policy: Policy) -> Iterator[pl.DataFrame]:
    """A column for each metric that somebody asks about."""
    metrics = list(dict.fromkeys([*(bound.metric for bound in policy.bounds), SHARPNESS]))
    kinds = pl.Enum([metric for metric in metrics if metric not in SHARES])
    named = corpus.scores.filter(pl.col("metric").is_in(list(kinds.categories)))
    scores = numbered(clips, named.select("clip_id", "value", pl.col("metric").cast(kinds)))
    for metric in metrics:
        if metric in SHARES:
            table, share = SHARES[metric]
            values = numbered(clips, share(corpus.clips, corpus.told[table]))
        else:
            values = scores.filter(pl.col("metric") == metric)
        yield _beside(clips, values.select("row", pl.col("value").alias(f"score:{metric}")))


def _rights(corpus: Corpus, policy: Policy) -> pl.LazyFrame:
    """Per media, of any of its sources: is it taken down, is its licence allowed, and what evaluation set is it of."""
    allowed = (
        pl.lit(True) if policy.licences is None else pl.col("licence").is_in(policy.licences).fill_null(value=False)
    )
    sources = corpus.sources.group_by("source_id").agg(
        pl.col("tombstone").any(), pl.col("evaluation").drop_nulls().min(), licensed=allowed.any()
    )  # fmt: skip
    owned = corpus.media.filter(pl.col("media_id").is_not_null()).select("media_id", "source_id").unique()
    by_media = owned.join(sources, on="source_id").group_by("media_id")
    return by_media.agg(pl.col("tombstone", "licensed").any(), pl.col("evaluation").drop_nulls().min())


def _tested(clips: pl.DataFrame, corpus: Corpus, policy: Policy) -> pl.DataFrame:
    """`row, caption_level` of clips with a tested caption: how many of the levels their best caption reaches."""
    levels = caption_levels(policy)
    reached = pl.sum_horizontal([pl.all_horizontal(levels[: i + 1]).cast(pl.Int64) for i in range(len(levels))])
    tested = numbered(clips, corpus.verdicts.select("clip_id", caption_level=reached))
    return tested.group_by("row").agg(pl.col("caption_level").max())


def _rejected(corpus: Corpus) -> pl.LazyFrame:
    if corpus.reviews is None:
        return pl.LazyFrame(schema={"clip_id": pl.String, "rejected": pl.String})
    return rejections(corpus.reviews)


def _buckets(corpus: Corpus, policy: Policy) -> pl.LazyFrame:
    """`clip_id, bucket` of clips with the latent that the policy asks for."""
    picture = pl.col("encoder") == policy.encoder if policy.encoder else pl.lit(False)
    return corpus.latents.filter(pl.col("modality").is_in(["video", "still"]), picture).select("clip_id", "bucket")
