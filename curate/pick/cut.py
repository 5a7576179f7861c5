"""A policy applied to a corpus: every clip kept or dropped, with the reasons."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from curate.chance import draw, stable_hash, uniform
from curate.digest import Digest
from curate.errors import LakeError
from curate.pick.corpus import SHARPNESS, Corpus, gathered
from curate.pick.duplicates import duplicate_groups
from curate.pick.fingerprints import METRIC, Fingerprints, fingerprints
from curate.pick.leaks import leaks
from curate.pick.policy import Policy
from curate.pick.quotas import balanced, over_quota, traits_of
from curate.pick.reasons import listed, told
from curate.pick.rules import drop, rules
from schemas.latent import Pick
from schemas.row import arrow_schema

_MERITS = {"pixels": "smaller picture", f"score:{SHARPNESS}": "less sharp", "duration_us": "shorter"}
_PINNED = ("clip_id", "kept", "reasons", "side", "group", "bucket", "weight")
_ROWS = 500_000


@dataclass(frozen=True)
class Cut:
    """`clips` are by id, with their `reasons` as categories. `hash` is that of their rows; the cut's name is no part
    of it."""

    name: str
    hash: str
    clips: pl.DataFrame

    def parts(self) -> Iterator[pa.Table]:
        """`Pick` rows in pieces, in order: those of a large cut take several times as much memory."""
        schema = arrow_schema(Pick)
        for part in _pieces(self.clips):
            named = part.with_columns(cut=pl.lit(self.name), cut_hash=pl.lit(self.hash))
            yield named.select(schema.names).to_arrow().cast(schema)

    @property
    def rows(self) -> pa.Table:
        """All `Pick` rows at once."""
        return pa.concat_tables([arrow_schema(Pick).empty_table(), *self.parts()])

    def dropped(self) -> dict[str, int]:
        """How many clips each rule dropped first, most first."""
        counts = self.clips.group_by("reasons").len()
        firsts = counts.hstack(listed(counts["reasons"]).select("reason")).drop_nulls("reason")
        summed = firsts.group_by("reason").agg(pl.col("len").sum())
        return dict(summed.sort(["len", "reason"], descending=[True, False]).iter_rows())

    @property
    def kept(self) -> int:
        return self.clips["reasons"].null_count()


def pick(corpus: Corpus, policy: Policy) -> Cut:
    """Apply a policy. The same content and policy give the same hash, in whatever order the rows come."""
    clips = gathered(corpus, policy)
    held = clips.filter(pl.col("evaluation").is_not_null())
    prints = fingerprints(corpus.scores) if held.height or policy.duplicates else None
    guarded = _guarded(clips, held, prints, policy)
    judged = guarded.with_columns(told(guarded, rules(policy)))
    shared = _shared_out(_grouped(judged, prints, policy), corpus, policy)
    weight = pl.when(pl.col("still")).then(policy.still_weight).otherwise(1.0) * pl.col("factor")
    columns = ("clip_id", "reasons", "group", "bucket")
    decided = shared.select(*columns, side=_sides(shared, policy), weight=weight)
    content = Digest("cut")
    for part in _pieces(decided):
        content.add(part.select(_PINNED))
    return Cut(policy.cut, content.hex, decided)


def _pieces(clips: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The clips with all columns of `Pick` but those of the cut."""
    for part in clips.iter_slices(_ROWS):
        yield (
            part.drop("reasons")
            .hstack(listed(part["reasons"]))
            .with_columns(pl.col("side").cast(pl.String), kept=pl.col("reason").is_null())
        )


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
    return clips.with_columns(unguarded=unguarded).join(named, on="clip_id", how="left", maintain_order="left")


def _grouped(judged: pl.DataFrame, prints: Fingerprints | None, policy: Policy) -> pl.DataFrame:
    """With `first` (the group's name over time), `group` (the clip kept of it), and the reason of the others."""
    if policy.duplicates is None or prints is None:
        return judged.with_columns(group=pl.col("leak_of"), first=pl.lit(None, pl.String))
    ranking = (
        judged.filter(pl.col("reasons").is_null())
        .sort(
            *_MERITS, "clip_id", descending=[True, True, True, False], nulls_last=True,
        )
        .select("clip_id")
        .with_row_index("rank")
    )  # fmt: skip
    groups = duplicate_groups(prints, ranking, policy.duplicates)
    kept = judged.select(pl.col("clip_id").alias("group"), *(pl.col(merit).alias(f"kept:{merit}") for merit in _MERITS))
    of = groups.join(kept, on="group", how="left")
    grouped = judged.join(of, on="clip_id", how="left", maintain_order="left")
    worse = pl.when(pl.col("group") != pl.col("clip_id")).then(_why_worse())
    return grouped.with_columns(
        told(grouped, [pl.col("reasons").cast(pl.String), worse]), group=pl.coalesce("leak_of", "group")
    )


def _why_worse() -> pl.Expr:
    """Why the clip of the group that is kept is better than this one."""
    reasons = [drop(pl.col("reasons").is_not_null(), "duplicate: of one that passes")]
    for merit, text in _MERITS.items():
        mine, kept = pl.col(merit), pl.col(f"kept:{merit}")
        reasons.append(drop((mine < kept) | (mine.is_null() & kept.is_not_null()), f"duplicate: {text}"))
    return pl.coalesce(*reasons, pl.lit("duplicate: same, later id"))


def _shared_out(clips: pl.DataFrame, corpus: Corpus, policy: Policy) -> pl.DataFrame:
    """With the quotas among the reasons, and `factor`, by which balances change weights."""
    if not policy.traits:
        return clips.with_columns(factor=pl.lit(1.0))
    owned = corpus.media.filter(pl.col("media_id").is_not_null()).select("media_id", "source_id").unique()
    owners = owned.join(corpus.sources.unique("source_id"), on="source_id")
    traits = traits_of(clips, owners, corpus.captions, policy.traits)
    passing = pl.col("reasons").is_null()
    over = over_quota(clips.filter(passing), policy.quotas, traits, policy.seed)
    full = clips.join(over, on="row", how="left", maintain_order="left")
    shared = full.with_columns(told(full, [pl.col("reasons").cast(pl.String), pl.col("over")]))
    factors = balanced(shared.filter(passing), policy.balances, traits)
    return shared.join(factors, on="row", how="left", maintain_order="left").with_columns(
        pl.col("factor").fill_null(1.0)
    )


def _sides(clips: pl.DataFrame, policy: Policy) -> pl.Series:
    """A group is on one side; which, depends on its name and the seed alone."""
    sides = pl.Enum(["train", "validation"])
    if not policy.validation_share:
        return pl.repeat("train", clips.height, dtype=sides, eager=True)
    keys = stable_hash(clips.select(pl.coalesce("first", "clip_id")).to_series())
    share = uniform(draw(policy.seed, keys, 0, np.zeros(len(keys), np.uint32))[0])
    validation = pl.lit(pl.Series(share < policy.validation_share))
    return pl.select(pl.when(validation).then(pl.lit("validation")).otherwise(pl.lit("train")).cast(sides)).to_series()
