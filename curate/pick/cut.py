"""A policy applied to a corpus: every clip kept or dropped, with the reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import polars as pl
import pyarrow as pa

from curate.chance import draw, stable_hash, uniform
from curate.digest import digest
from curate.errors import LakeError
from curate.pick.counting import rejections
from curate.pick.duplicates import duplicate_groups
from curate.pick.fingerprints import METRIC, Fingerprints, fingerprints
from curate.pick.leaks import leaks
from curate.pick.policy import Bound, Policy
from curate.pick.quotas import balanced, over_quota, traits_of
from curate.pick.shares import SHARES
from schemas.latent import Pick
from schemas.row import arrow_schema

SHARPNESS = "sharpness"
_MERITS = MappingProxyType({"pixels": "smaller picture", f"score:{SHARPNESS}": "less sharp", "duration_us": "shorter"})
_PINNED = ("clip_id", "kept", "reasons", "side", "group", "bucket", "weight")


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
class Cut:
    """`rows` are `Pick` rows by clip id. `hash` is that of their content; the cut's name is no part of it."""

    hash: str
    rows: pa.Table

    def dropped(self) -> dict[str, int]:
        """How many clips each rule dropped first, most first."""
        reasons = pl.Series("reason", self.rows["reason"]).drop_nulls().value_counts(sort=True)
        return dict(reasons.sort(["count", "reason"], descending=[True, False]).iter_rows())

    @property
    def kept(self) -> int:
        return int(pl.Series("kept", self.rows["kept"]).sum())


def pick(corpus: Corpus, policy: Policy) -> Cut:
    """Apply a policy. The same content and policy give the same hash, in whatever order the rows come."""
    clips = _clips(corpus, policy)
    held = clips.filter(pl.col("evaluation").is_not_null())
    prints = fingerprints(corpus.scores) if held.height or policy.duplicates else None
    guarded = _guarded(clips, held, prints, policy)
    judged = guarded.with_columns(reasons=pl.concat_list(_rules(policy)).list.drop_nulls())
    shared = _shared_out(_grouped(judged, prints, policy), corpus, policy)
    rows = _by_id(_with_side(shared, policy)).select(
        "clip_id", "reasons", "side", "group", "bucket",
        kept=pl.col("reasons").list.len() == 0,
        reason=pl.col("reasons").list.first(),
        weight=pl.when(pl.col("still")).then(policy.still_weight).otherwise(1.0) * pl.col("factor"),
    )  # fmt: skip
    cut_hash = digest("cut", rows.select(_PINNED))
    rows = rows.with_columns(cut=pl.lit(policy.cut), cut_hash=pl.lit(cut_hash))
    schema = arrow_schema(Pick)
    return Cut(cut_hash, rows.select(schema.names).to_arrow().cast(schema))


def accepted_captions(verdicts: pl.LazyFrame, policy: Policy) -> pl.LazyFrame:
    """`caption_id, clip_id` of the tested captions that the policy takes: those a plan may read."""
    tested = verdicts.filter(pl.col("caption_id").is_not_null())
    return tested.filter(pl.all_horizontal(_caption_levels(policy))).select("caption_id", "clip_id")


def _caption_levels(policy: Policy) -> list[pl.Expr]:
    """What is asked of a verdict, in order; a missing figure does not pass."""
    levels = [pl.lit(True) if policy.statuses is None else pl.col("status").is_in(policy.statuses)]
    if policy.coverage_at_least is not None:
        levels.append((pl.col("coverage") >= policy.coverage_at_least).fill_null(value=False))
    if policy.contradiction_at_most is not None:
        levels.append((pl.col("contradiction") <= policy.contradiction_at_most).fill_null(value=False))
    return levels


def _clips(corpus: Corpus, policy: Policy) -> pl.DataFrame:
    """One row per clip with all that the rules ask about."""
    clips = corpus.clips.filter(pl.col("clip_id").is_not_null()).select(
        "clip_id", "media_id", "still",
        pixels=pl.col("crop_width") * pl.col("crop_height"),
        duration_us=pl.col("end_us") - pl.col("start_us"),
    )  # fmt: skip
    wide = clips.join(_rights(corpus, policy), on="media_id", how="left", maintain_order="left")
    for metric in dict.fromkeys([*(bound.metric for bound in policy.bounds), SHARPNESS]):
        one = _values(corpus, metric).select("clip_id", pl.col("value").alias(f"score:{metric}"))
        wide = wide.join(one, on="clip_id", how="left", maintain_order="left")
    wide = wide.join(_tested(corpus, policy), on="clip_id", how="left", maintain_order="left")
    wide = wide.join(_rejected(corpus), on="clip_id", how="left", maintain_order="left")
    picture = pl.col("encoder") == policy.encoder if policy.encoder else pl.lit(False)
    latents = corpus.latents.filter(pl.col("modality").is_in(["video", "still"]), picture).select("clip_id", "bucket")
    frame = _by_id(wide.join(latents, on="clip_id", how="left", maintain_order="left").collect())
    if (frame["clip_id"] == frame["clip_id"].shift()).any():
        raise LakeError("a clip has two rows in clips, scores or latents: give each table at one fingerprint")
    return frame


def _by_id(clips: pl.DataFrame) -> pl.DataFrame:
    """In order of their ids; most often they are so already, and long ids take long to sort."""
    return clips if clips["clip_id"].is_sorted() else clips.sort("clip_id")


def _values(corpus: Corpus, metric: str) -> pl.LazyFrame:
    """`clip_id, value` of those that have the metric."""
    if metric not in SHARES:
        return corpus.scores.filter(pl.col("metric") == metric)
    table, share = SHARES[metric]
    return share(corpus.clips, corpus.told[table])


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


def _tested(corpus: Corpus, policy: Policy) -> pl.LazyFrame:
    """Per clip with a tested caption: how many of the levels its best caption reaches."""
    levels = _caption_levels(policy)
    reached = pl.sum_horizontal([pl.all_horizontal(levels[: i + 1]).cast(pl.Int64) for i in range(len(levels))])
    verdicts = corpus.verdicts.filter(pl.col("clip_id").is_not_null())
    return verdicts.select("clip_id", caption_level=reached).group_by("clip_id").agg(pl.col("caption_level").max())


def _rejected(corpus: Corpus) -> pl.LazyFrame:
    if corpus.reviews is None:
        return pl.LazyFrame(schema={"clip_id": pl.String, "rejected": pl.String})
    return rejections(corpus.reviews)


def _rules(policy: Policy) -> list[pl.Expr]:
    """One text or null per rule, in the order in which they drop."""
    rules = [
        _drop(pl.col("tombstone").fill_null(value=False), "source taken down"),
        "in evaluation set " + pl.col("evaluation"),
        _drop(pl.col("unguarded"), "evaluation clip without a fingerprint: nothing is held against it"),
        "resembles evaluation set " + pl.col("resembles"),
        "rejected by a person"
        + pl.when(pl.col("rejected") == "").then(pl.lit("")).otherwise(": " + pl.col("rejected")),
    ]
    if policy.licences is not None:
        rules.append(_drop(~pl.col("licensed").fill_null(value=False), "licence not allowed"))
    for bound in policy.bounds:
        rules += _outside(bound)
    if policy.statuses is not None:
        rules.append(_drop(pl.col("caption_level").is_null(), "no tested caption"))
        for level, text in enumerate(_level_texts(policy)):
            rules.append(_drop(pl.col("caption_level") == level, text))
    if policy.encoder is not None:
        rules.append(_drop(pl.col("bucket").is_null(), f"no latent of {policy.encoder}"))
    return rules


def _level_texts(policy: Policy) -> list[str]:
    texts = [f"caption is not {' or '.join(policy.statuses or ())}"]
    if policy.coverage_at_least is not None:
        texts.append(f"caption coverage < {policy.coverage_at_least:g}")
    if policy.contradiction_at_most is not None:
        texts.append(f"caption contradiction > {policy.contradiction_at_most:g}")
    return texts


def _outside(bound: Bound) -> list[pl.Expr]:
    value = pl.col(f"score:{bound.metric}")
    missing = (value.is_null() | value.is_nan()) & pl.lit(bound.unmeasured == "drop")
    rules = [_drop(missing, f"{bound.metric} not measured")]
    if bound.at_least is not None:
        rules.append(_drop(value < bound.at_least, f"{bound.metric} < {bound.at_least:g}"))
    if bound.at_most is not None:
        rules.append(_drop((value > bound.at_most) & value.is_not_nan(), f"{bound.metric} > {bound.at_most:g}"))
    return rules


def _drop(when: pl.Expr, text: str) -> pl.Expr:
    return pl.when(when).then(pl.lit(text))


def _guarded(clips: pl.DataFrame, held: pl.DataFrame, prints: Fingerprints | None, policy: Policy) -> pl.DataFrame:
    """With `resembles` (an evaluation set), `leak_of` (the clip of it, also of that clip), and what is `unguarded`."""
    if not held.height or prints is None:
        nothing = pl.lit(None, pl.String)
        return clips.with_columns(resembles=nothing, leak_of=nothing, unguarded=pl.lit(value=False))
    known = held["clip_id"].is_in(prints.clips.implode())
    blind = held.group_by("evaluation").agg(known=pl.col("clip_id").is_in(prints.clips.implode()).any())
    unknown = blind.filter(~pl.col("known"))["evaluation"].sort().to_list()
    if unknown:
        raise LakeError(
            f"no clip of evaluation set {', '.join(unknown)} has the metric {METRIC!r}, so nothing resembles it: "
            f"name {METRIC!r} in score.metrics and run `retold score`"
        )
    unguarded = pl.col("clip_id").is_in(held["clip_id"].filter(~known).implode())
    found = leaks(prints, held.select("clip_id", "evaluation"), policy.leaks)
    named = pl.concat(
        [found, found.select("leak_of").unique().select(clip_id="leak_of", leak_of="leak_of")], how="diagonal"
    )
    return clips.with_columns(unguarded=unguarded).join(named, on="clip_id", how="left")


def _grouped(judged: pl.DataFrame, prints: Fingerprints | None, policy: Policy) -> pl.DataFrame:
    """With `first` (the group's name over time), `group` (the clip kept of it), and the reason of the others."""
    if policy.duplicates is None or prints is None:
        return judged.with_columns(group=pl.col("leak_of"), first=pl.lit(None, pl.String))
    ranking = (
        judged.filter(pl.col("reasons").list.len() == 0)
        .sort(
            *_MERITS, "clip_id", descending=[True, True, True, False], nulls_last=True,
        )
        .select("clip_id")
        .with_row_index("rank")
    )  # fmt: skip
    groups = duplicate_groups(prints, ranking, policy.duplicates)
    kept = judged.select(pl.col("clip_id").alias("group"), *(pl.col(merit).alias(f"kept:{merit}") for merit in _MERITS))
    grouped = judged.join(groups, on="clip_id", how="left").join(kept, on="group", how="left")
    another = pl.col("group") != pl.col("clip_id")
    worse = pl.when(another).then(_why_worse())
    return grouped.with_columns(
        reasons=pl.concat_list("reasons", worse).list.drop_nulls(), group=pl.coalesce("leak_of", "group")
    )


def _why_worse() -> pl.Expr:
    """Why the clip of the group that is kept is better than this one."""
    reasons = [_drop(pl.col("reasons").list.len() > 0, "duplicate: of one that passes")]
    for merit, text in _MERITS.items():
        mine, kept = pl.col(merit), pl.col(f"kept:{merit}")
        reasons.append(_drop((mine < kept) | (mine.is_null() & kept.is_not_null()), f"duplicate: {text}"))
    return pl.coalesce(*reasons, pl.lit("duplicate: same, later id"))


def _shared_out(clips: pl.DataFrame, corpus: Corpus, policy: Policy) -> pl.DataFrame:
    """With the quotas among the reasons, and `factor`, by which balances change weights."""
    if not policy.traits:
        return clips.with_columns(factor=pl.lit(1.0))
    owned = corpus.media.filter(pl.col("media_id").is_not_null()).select("media_id", "source_id").unique()
    owners = owned.join(corpus.sources.unique("source_id"), on="source_id")
    traits = traits_of(clips, owners, corpus.captions, policy.traits)
    passing = pl.col("reasons").list.len() == 0
    over = over_quota(clips.filter(passing)["clip_id"], policy.quotas, traits, policy.seed)
    told = clips.join(over, on="clip_id", how="left", maintain_order="left").with_columns(
        reasons=pl.concat_list("reasons", "over").list.drop_nulls()
    )
    factors = balanced(told.filter(passing)["clip_id"], policy.balances, traits)
    return told.join(factors, on="clip_id", how="left", maintain_order="left").with_columns(
        pl.col("factor").fill_null(1.0)
    )


def _with_side(clips: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """A group is on one side; which, depends on its name and the seed alone."""
    keys = stable_hash(clips.select(pl.coalesce("first", "clip_id")).to_series())
    share = uniform(draw(policy.seed, keys, 0, np.zeros(len(keys), np.uint32))[0])
    validation = pl.Series("validation", share < policy.validation_share)
    side = pl.when(validation).then(pl.lit("validation")).otherwise(pl.lit("train"))
    return clips.with_columns(side=side)
