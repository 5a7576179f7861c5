"""The clips of a corpus, judged one by one, and the numbers that what is of the whole goes by."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.pick.corpus import SHARPNESS, Corpus, gathered
from curate.pick.duplicates import Likenesses, likenesses
from curate.pick.fingerprints import fingerprints
from curate.pick.leaks import guard
from curate.pick.policy import Policy
from curate.pick.quotas import chances, traits_of, whole
from curate.pick.reasons import told
from curate.pick.rights import held_of, rights_of, values_of
from curate.pick.rules import rules
from curate.pick.spans import Spans
from curate.spool import Spool

MERITS = {"pixels": "smaller picture", f"score:{SHARPNESS}": "less sharp", "duration_us": "shorter"}
"""What makes a clip the best of its like, in order, and what is said of one that is worse."""


@dataclass(frozen=True)
class Judged:
    """All clips by id, numbered from 0: the rows of the frames `judged-{part}` of the spool, one after the other."""

    parts: int
    passes: NDArray[np.bool_]  # [clips]
    chance: NDArray[np.uint32]  # [clips] of those that pass, where there are quotas: else none
    traits: Mapping[str, pl.DataFrame]  # of those that pass
    like: Likenesses | None  # where duplicates are asked for
    merits: pl.DataFrame  # of the clips that are like another: `row, clip_id, passes` and `MERITS`


def judged(corpus: Corpus, policy: Policy, spool: Spool, parts: Spans) -> Judged:
    """Apply the rules that look at one clip alone."""
    rights = rights_of(corpus, policy)
    held = held_of(corpus, rights)
    prints = fingerprints(corpus.scores) if held.height or policy.duplicates else None
    like = likenesses(prints, policy.duplicates) if prints and policy.duplicates else None
    alike = (like.prints.clips if like else pl.Series(dtype=pl.String)).to_frame("clip_id")
    kind = pl.Categorical(pl.Categories.random())
    by_media = values_of(corpus, policy.traits, kind)
    passes, chance = [np.zeros(0, np.bool_)], [np.zeros(0, np.uint32)]
    traits: dict[str, list[pl.DataFrame]] = {name: [] for name in policy.traits}
    merits: list[pl.DataFrame] = []
    first = 0
    barred = guard(held, prints, policy.leaks)
    for part, found in enumerate(gathered(corpus, policy, rights, barred, spool, parts)):
        clips = found.clips.with_columns(told(found.clips, rules(policy)))
        spool.put(f"judged-{part}", clips.select("row", "clip_id", "still", "reasons", "bucket", "leak_of"))
        number, passing = pl.col("row") + first, clips.filter(pl.col("reasons").is_null())
        first += clips.height
        passes.append(clips["reasons"].is_null().to_numpy())
        if policy.quotas:
            chance.append(np.zeros(clips.height, np.uint32))
            chance[-1][passing["row"].to_numpy()] = chances(passing["clip_id"], policy.seed)
        for name, rows in traits_of(passing, by_media, found.tags, policy.traits, kind).items():
            traits[name].append(rows.with_columns(number))
        known = clips.join(alike, on="clip_id", how="semi")
        merits.append(known.select(number, "clip_id", *MERITS, passes=pl.col("reasons").is_null()))
    told_of = {name: whole(rows) for name, rows in traits.items()}
    return Judged(len(merits), np.concatenate(passes), np.concatenate(chance), told_of, like, pl.concat(merits))
