"""A policy applied to a corpus: every clip kept or dropped, with the reasons."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from curate.chance import draw, stable_hash, uniform
from curate.digest import Digest
from curate.pick.corpus import Corpus, beside
from curate.pick.duplicates import groups
from curate.pick.judged import MERITS, Judged, judged
from curate.pick.policy import Policy
from curate.pick.quotas import balanced, over_quota
from curate.pick.reasons import listed, told
from curate.pick.rules import drop
from curate.pick.spans import WHOLE, spans
from curate.spool import Spool
from schemas.latent import Pick
from schemas.row import arrow_schema

PART_ROWS = 2_000_000
"""Clips whose rows are joined at once; each has some 300 bytes while it is."""

_PINNED = ("clip_id", "kept", "reasons", "side", "group", "bucket", "weight")
_ROWS = 500_000


@dataclass(frozen=True)
class Cut:
    """`hash` is that of the rows by clip id; the cut's name is no part of it. `counts` has how many clips have which
    `reasons`, and the rows wait in the spool."""

    name: str
    hash: str
    counts: pl.DataFrame
    spool: Spool
    pieces: int

    def parts(self) -> Iterator[pa.Table]:
        """`Pick` rows in pieces, in order: those of a large cut take several times as much memory."""
        schema = arrow_schema(Pick)
        for piece in range(self.pieces):
            for part in _pieces(self.spool.get(f"cut-{piece}")):
                named = part.with_columns(cut=pl.lit(self.name), cut_hash=pl.lit(self.hash))
                yield named.select(schema.names).to_arrow().cast(schema)

    @property
    def rows(self) -> pa.Table:
        """All `Pick` rows at once."""
        return pa.concat_tables([arrow_schema(Pick).empty_table(), *self.parts()])

    def dropped(self) -> dict[str, int]:
        """How many clips each rule dropped first, most first."""
        firsts = self.counts.hstack(listed(self.counts["reasons"]).select("reason")).drop_nulls("reason")
        summed = firsts.group_by("reason").agg(pl.col("len").sum())
        return dict(summed.sort(["len", "reason"], descending=[True, False]).iter_rows())

    @property
    def kept(self) -> int:
        return int(self.counts.filter(pl.col("reasons").is_null())["len"].sum())


def pick(corpus: Corpus, policy: Policy, spool: Path | None = None, part_rows: int = PART_ROWS) -> Cut:
    """Apply a policy. The same content and policy give the same hash, in whatever order the rows come.

    spool: a folder for rows that have to wait, which the caller removes when it is done with the cut; without, all is
    in memory.
    """
    parts = spans(corpus.clips, part_rows) if spool else WHOLE
    waiting = Spool(spool if parts.count > 1 else None)
    clips = judged(corpus, policy, waiting, parts)
    shared = _of_the_whole(clips, policy)
    content, counts, first = Digest("cut"), [], 0
    for part in range(clips.parts):
        mine = waiting.take(f"judged-{part}")
        decided = _decided(mine, [_of_rows(found, first, mine.height) for found in shared], policy)
        for piece in _pieces(decided):
            content.add(piece.select(_PINNED))
        counts.append(decided.group_by("reasons").len())
        waiting.put(f"cut-{part}", decided)
        first += mine.height
    return Cut(policy.cut, content.hex, pl.concat(counts), waiting, clips.parts)


def _pieces(clips: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The clips with all columns of `Pick` but those of the cut."""
    for part in clips.iter_slices(_ROWS):
        yield (
            part.drop("reasons")
            .hstack(listed(part["reasons"]))
            .with_columns(pl.col("side").cast(pl.String), kept=pl.col("reason").is_null())
        )


def _of_the_whole(clips: Judged, policy: Policy) -> list[pl.DataFrame]:
    """What depends on other clips, by `row`: duplicates, quotas, and `factor`, by which balances change weights."""
    grouped, stays = _grouped(clips, policy), clips.passes.copy()
    stays[grouped.drop_nulls("worse")["row"].to_numpy()] = False
    over = over_quota(stays, clips.chance, policy.quotas, clips.traits)
    stays[over["row"].to_numpy()] = False
    kept = pl.DataFrame({"row": np.flatnonzero(stays if policy.balances else []).astype(np.uint32)})
    return [grouped, over, balanced(kept, policy.balances, clips.traits)]


def _grouped(clips: Judged, policy: Policy) -> pl.DataFrame:
    """`row, first` (the group's name over time), `group` (the clip kept of it), and why the others are `worse`."""
    if clips.like is None or policy.duplicates is None:
        return pl.DataFrame(schema={"row": pl.UInt32, "first": pl.String, "group": pl.String, "worse": pl.String})
    ranking = (
        clips.merits.filter("passes")
        .sort(*MERITS, "clip_id", descending=[True, True, True, False], nulls_last=True)
        .select("clip_id")
        .with_row_index("rank")
    )
    found = groups(clips.like, ranking, policy.duplicates)
    kept = clips.merits.select(pl.col("clip_id").alias("group"), *(pl.col(of).alias(f"kept:{of}") for of in MERITS))
    grouped = clips.merits.join(found, on="clip_id").join(kept, on="group", how="left")
    worse = pl.when(pl.col("group") != pl.col("clip_id")).then(_why_worse())
    return grouped.select("row", "first", "group", worse=worse).sort("row")


def _why_worse() -> pl.Expr:
    """Why the clip of the group that is kept is better than this one."""
    reasons = [drop(~pl.col("passes"), "duplicate: of one that passes")]
    for merit, text in MERITS.items():
        mine, kept = pl.col(merit), pl.col(f"kept:{merit}")
        reasons.append(drop((mine < kept) | (mine.is_null() & kept.is_not_null()), f"duplicate: {text}"))
    return pl.coalesce(*reasons, pl.lit("duplicate: same, later id"))


def _of_rows(found: pl.DataFrame, first: int, count: int) -> pl.DataFrame:
    """What was found of so many clips, numbered from the first of them. found: by `row`."""
    start, end = (found["row"].search_sorted(row) for row in (first, first + count))
    return found.slice(start, end - start).with_columns(pl.col("row") - first)


def _decided(clips: pl.DataFrame, shared: list[pl.DataFrame], policy: Policy) -> pl.DataFrame:
    """The clips with what depends on others."""
    known = pl.concat([clips, *(beside(clips.height, found) for found in shared)], how="horizontal")
    more = known.filter(pl.col("worse").is_not_null() | pl.col("over").is_not_null())
    texts = [pl.col(column).cast(pl.String) for column in ("reasons", "worse", "over")]
    reasons = more.select("row", added=told(more, texts))
    weight = pl.when(pl.col("still")).then(policy.still_weight).otherwise(1.0) * pl.col("factor").fill_null(1.0)
    return pl.concat([known, beside(clips.height, reasons)], how="horizontal").select(
        "clip_id",
        pl.coalesce("added", "reasons").alias("reasons"),
        pl.coalesce("leak_of", "group").alias("group"),
        "bucket",
        side=_sides(known, policy),
        weight=weight,
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
