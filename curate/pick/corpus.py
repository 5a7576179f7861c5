"""What a cut is made from, and all of it that the rules ask about, a row for each clip."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import polars.selectors as cs

from curate.errors import LakeError
from curate.pick.counting import rejections
from curate.pick.ids import hashed, matched
from curate.pick.policy import Policy
from curate.pick.rules import caption_levels
from curate.pick.shares import COLUMNS, SHARES, tables_of
from curate.pick.spans import Spans
from curate.spool import Spool

SHARPNESS = "sharpness"
_NOWHERE = np.uint32(0xFFFFFFFF)
_CLIP = ("clip_id", "media_id", "start_us", "end_us", "still", "crop_width", "crop_height")


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


@dataclass(frozen=True)
class Part:
    """The clips of a span of ids."""

    clips: pl.DataFrame  # by id, with all that the rules ask about; `row` is the number of one, from 0
    tags: pl.DataFrame  # `row, value`: what captions tell, where quotas or balances ask for it


def gathered(
    corpus: Corpus, policy: Policy, rights: pl.DataFrame, guard: pl.DataFrame, spool: Spool, parts: Spans
) -> Iterator[Part]:
    """All clips, span by span. rights: by media; guard: by clip; both hashed.

    Each table is joined with the ids of clips once, and from then on clips go by numbers.
    """
    for tables in spool.parted(_asked(corpus, policy, parts), parts.count):
        clips = _clips(tables["clips"])
        numbers = hashed(clips.lazy().select("row", "clip_id"), "clip_id").collect().lazy()
        media = hashed(clips.lazy().select("row", "media_id"), "media_id")
        tested = _numbered(numbers, tables["verdicts"]).group_by("row").agg(pl.col("caption_level").max())
        asked = [
            beside(clips.height, matched(media, rights.lazy()).collect()),
            *_scores(clips, numbers, tables, policy),
            beside(clips.height, tested),
            *(beside(clips.height, _numbered(numbers, tables[name])) for name in ("rejected", "latents")),
            beside(clips.height, _numbered(numbers, guard.lazy())),
        ]
        tags = _numbered(numbers, tables["tags"].explode("value").drop_nulls("value"))
        yield Part(pl.concat([clips, *asked], how="horizontal"), tags)


def beside(height: int, found: pl.DataFrame) -> pl.DataFrame:
    """Columns of numbered rows in the order of all `height` of them, null for those that are missing."""
    rows = found["row"].to_numpy()
    at = np.full(height, _NOWHERE)
    at[rows] = np.arange(len(rows), dtype=np.uint32)
    if np.count_nonzero(at != _NOWHERE) < len(rows):
        raise _twice()
    there = pl.select(pl.when(pl.lit(pl.Series(at)) != _NOWHERE).then(pl.lit(pl.Series(at)))).to_series()
    return found.select(pl.exclude("row").gather(there))


def _asked(corpus: Corpus, policy: Policy, parts: Spans) -> dict[str, pl.LazyFrame]:
    """What is needed of each table, by the part that its rows are in."""
    levels = caption_levels(policy)
    reached = pl.sum_horizontal([pl.all_horizontal(levels[: i + 1]).cast(pl.Int64) for i in range(len(levels))])
    kinds = _kinds(policy)
    measured = corpus.scores.filter(pl.col("metric").is_in(list(kinds.categories)))
    by_clip = {
        "scores": measured.select("clip_id", "value", pl.col("metric").cast(kinds)),
        "verdicts": corpus.verdicts.select("clip_id", caption_level=reached),
        "rejected": _rejected(corpus),
        "latents": _buckets(corpus, policy),
        "tags": _tags(corpus, policy),
    }
    wanted = tables_of(bound.metric for bound in policy.bounds)
    told = {name: corpus.told[name].select(cs.by_name(*COLUMNS, require_all=False)) for name in wanted}
    return {
        "clips": corpus.clips.filter(pl.col("clip_id").is_not_null()).select(*_CLIP, part=parts.number("clip_id")),
        **{name: hashed(t.with_columns(part=parts.number("clip_id")), "clip_id") for name, t in by_clip.items()},
        **{name: table.with_columns(part=parts.number("input_id")) for name, table in told.items()},
    }


def _clips(table: pl.LazyFrame) -> pl.DataFrame:
    clips = table.select(
        "clip_id", "media_id", "still",
        pixels=pl.col("crop_width") * pl.col("crop_height"),
        duration_us=pl.col("end_us") - pl.col("start_us"),
    ).collect()  # fmt: skip
    if not clips["clip_id"].is_sorted():  # where they come in one part they often are, and long ids take long to sort
        clips = clips.sort("clip_id")
    if (clips["clip_id"] == clips["clip_id"].shift()).any():
        raise _twice()
    return clips.with_row_index("row")


def _twice() -> LakeError:
    return LakeError("a clip has two rows in clips, scores or latents: give each table at one fingerprint")


def _numbered(numbers: pl.LazyFrame, table: pl.LazyFrame) -> pl.DataFrame:
    """The rows of a table that are of one of the clips, with `row`, its number, in the place of its id."""
    return matched(table, numbers).collect()


def _kinds(policy: Policy) -> pl.Enum:
    """The metrics that are looked up in `scores`."""
    return pl.Enum([metric for metric in _metrics(policy) if metric not in SHARES])


def _metrics(policy: Policy) -> list[str]:
    return list(dict.fromkeys([*(bound.metric for bound in policy.bounds), SHARPNESS]))


def _scores(
    clips: pl.DataFrame, numbers: pl.LazyFrame, tables: Mapping[str, pl.LazyFrame], policy: Policy
) -> Iterator[pl.DataFrame]:
    """A column for each metric that somebody asks about."""
    scores = _numbered(numbers, tables["scores"])
    for metric in _metrics(policy):
        if metric in SHARES:
            table, share = SHARES[metric]
            values = _numbered(numbers, hashed(share(tables["clips"], tables[table]), "clip_id"))
        else:
            values = scores.filter(pl.col("metric") == metric)
        yield beside(clips.height, values.select("row", pl.col("value").alias(f"score:{metric}")))


def _rejected(corpus: Corpus) -> pl.LazyFrame:
    if corpus.reviews is None:
        return pl.LazyFrame(schema={"clip_id": pl.String, "rejected": pl.String})
    return rejections(corpus.reviews)


def _buckets(corpus: Corpus, policy: Policy) -> pl.LazyFrame:
    """`clip_id, bucket` of clips with the latent that the policy asks for."""
    picture = pl.col("encoder") == policy.encoder if policy.encoder else pl.lit(False)
    return corpus.latents.filter(pl.col("modality").is_in(["video", "still"]), picture).select("clip_id", "bucket")


def _tags(corpus: Corpus, policy: Policy) -> pl.LazyFrame:
    if corpus.captions is None or "tag" not in policy.traits:
        return pl.LazyFrame(schema={"clip_id": pl.String, "value": pl.List(pl.String)})
    return corpus.captions.select("clip_id", value=pl.col("tags"))
