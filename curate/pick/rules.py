"""The rules of a policy as expressions over clips: each gives the text of its reason, or null."""

import polars as pl

from curate.pick.policy import Bound, Policy


def rules(policy: Policy) -> list[pl.Expr]:
    """One text or null per rule, in the order in which they drop."""
    found = [
        drop(pl.col("tombstone").fill_null(value=False), "source taken down"),
        "in evaluation set " + pl.col("evaluation"),
        drop(pl.col("unguarded"), "evaluation clip without a fingerprint: nothing is held against it"),
        "resembles evaluation set " + pl.col("resembles"),
        "rejected by a person"
        + pl.when(pl.col("rejected") == "").then(pl.lit("")).otherwise(": " + pl.col("rejected")),
    ]
    if policy.licences is not None:
        found.append(drop(~pl.col("licensed").fill_null(value=False), "licence not allowed"))
    for bound in policy.bounds:
        found += _outside(bound)
    if policy.statuses is not None:
        found.append(drop(pl.col("caption_level").is_null(), "no tested caption"))
        for level, text in enumerate(_level_texts(policy)):
            found.append(drop(pl.col("caption_level") == level, text))
    if policy.encoder is not None:
        found.append(drop(pl.col("bucket").is_null(), f"no latent of {policy.encoder}"))
    return found


def drop(when: pl.Expr, text: str) -> pl.Expr:
    return pl.when(when).then(pl.lit(text))


def caption_levels(policy: Policy) -> list[pl.Expr]:
    """What is asked of a verdict, in order; a missing figure does not pass."""
    levels = [pl.lit(True) if policy.statuses is None else pl.col("status").is_in(policy.statuses)]
    if policy.coverage_at_least is not None:
        levels.append((pl.col("coverage") >= policy.coverage_at_least).fill_null(value=False))
    if policy.contradiction_at_most is not None:
        levels.append((pl.col("contradiction") <= policy.contradiction_at_most).fill_null(value=False))
    return levels


def accepted_captions(verdicts: pl.LazyFrame, policy: Policy) -> pl.LazyFrame:
    """`caption_id, clip_id` of the tested captions that the policy takes: those a plan may read."""
    tested = verdicts.filter(pl.col("caption_id").is_not_null())
    return tested.filter(pl.all_horizontal(caption_levels(policy))).select("caption_id", "clip_id")


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
    found = [drop(missing, f"{bound.metric} not measured")]
    if bound.at_least is not None:
        found.append(drop(value < bound.at_least, f"{bound.metric} < {bound.at_least:g}"))
    if bound.at_most is not None:
        found.append(drop((value > bound.at_most) & value.is_not_nan(), f"{bound.metric} > {bound.at_most:g}"))
    return found
