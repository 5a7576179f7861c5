"""Clips that resemble one of an evaluation set."""

import numpy as np
import polars as pl

from curate.errors import LakeError
from curate.pick.fingerprints import METRIC, Fingerprints
from curate.pick.ids import CHECK, OF, hashed
from curate.pick.neighbours import candidates_between
from curate.pick.overlap import Closeness, overlap_ms
from curate.pick.policy import Leaks


def leaks(prints: Fingerprints, evaluation: pl.DataFrame, rule: Leaks) -> pl.DataFrame:
    """`clip_id, resembles, leak_of`: the evaluation set and the clip of it that a clip resembles for longest.

    evaluation: `clip_id, evaluation` of the clips that no model may learn from. Only what resembles one of these itself
    is found: what resembles a clip that is dropped for it may share another moment with that.
    """
    held = np.asarray(prints.clips.is_in(evaluation["clip_id"].implode()))
    mine, theirs = prints.of(np.flatnonzero(~held)), prints.of(np.flatnonzero(held))
    a, b = candidates_between(mine, theirs, rule.bits)
    shown = np.minimum(*overlap_ms(mine, a, theirs, b, Closeness(rule.bits, rule.bits)))
    least = np.minimum(rule.seconds * 1000, np.minimum(mine.total_ms[a], theirs.total_ms[b]) / 2)
    found = pl.DataFrame({"clip_id": mine.clips.gather(a), "leak_of": theirs.clips.gather(b), "ms": shown})
    return (
        found.filter(pl.Series(shown >= least))
        .join(evaluation.rename({"clip_id": "leak_of", "evaluation": "resembles"}), on="leak_of")
        .sort("ms", "leak_of", descending=[True, False])
        .unique("clip_id", keep="first", maintain_order=True)
        .select("clip_id", "resembles", "leak_of")
    )


def guard(held: pl.DataFrame, prints: Fingerprints | None, rule: Leaks) -> pl.DataFrame:
    """What no model may learn from, by clip, hashed: the set that it `resembles`, `leak_of` (the clip of the set, also
    of that clip), and whether it is of a set but `unguarded`.

    held: `clip_id, evaluation` of the clips of evaluation sets.
    """
    columns = {OF: pl.UInt64, CHECK: pl.UInt64, "resembles": pl.String, "leak_of": pl.String, "unguarded": pl.Boolean}
    if not held.height or prints is None:
        return pl.DataFrame(schema=columns)
    known = held["clip_id"].is_in(prints.clips.implode())
    blind = held.group_by("evaluation").agg(known=pl.col("clip_id").is_in(prints.clips.implode()).any())
    unknown = blind.filter(~pl.col("known"))["evaluation"].sort().to_list()
    if unknown:
        raise LakeError(
            f"no clip of evaluation set {', '.join(unknown)} has the metric {METRIC!r}, so nothing resembles it: "
            f"name {METRIC!r} in score.metrics and run `retold score`"
        )
    found = leaks(prints, held, rule)
    leaked = found.select("leak_of").unique().select(clip_id="leak_of", leak_of="leak_of")
    unguarded = held.filter(~known).select("clip_id", unguarded=pl.lit(value=True))
    return hashed(pl.concat([found, leaked, unguarded], how="diagonal").lazy(), "clip_id").select(*columns).collect()
