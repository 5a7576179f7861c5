"""What a change of policy does to a cut."""

import polars as pl

from curate.pick.cut import pick
from curate.pick.difference import Amount, Difference, difference
from curate.pick.policy import Policy
from tests.pick.corpus import Rows, clip


def _apart(one: Policy, other: Policy, rows: Rows) -> Difference:
    corpus = rows.corpus()
    first, second = (pl.from_arrow(pick(corpus, policy).rows) for policy in (one, other))
    assert isinstance(first, pl.DataFrame)
    assert isinstance(second, pl.DataFrame)
    clips = corpus.clips.select(
        "clip_id", "media_id", "still", seconds=(pl.col("end_us") - pl.col("start_us")) / 1e6
    )  # fmt: skip
    licences = corpus.media.join(corpus.sources, on="source_id").select("media_id", "licence").unique()
    return difference(first.lazy(), second.lazy(), clips, licences)


def _rows() -> Rows:
    rows = Rows()
    for n in range(6):
        rows.add(n, licence="cc0" if n % 2 else "cc-by")
        rows.verdict(n, coverage=n / 10)
    return rows


def test_what_a_stricter_policy_drops_is_told_with_its_reason() -> None:
    found = _apart(Policy(), Policy(coverage_at_least=0.25), _rows())
    assert found.both == Amount(3, 30 / 3600)
    assert found.left.amount == Amount(3, 30 / 3600)
    assert dict(found.left.reasons) == {"caption coverage < 0.25": 3}
    assert found.came.amount.clips == 0


def test_what_comes_is_told_with_the_reason_that_kept_it_out() -> None:
    found = _apart(Policy(licences=("cc0",)), Policy(), _rows())
    assert dict(found.came.reasons) == {"licence not allowed": 3}
    by = {(one.by, one.value): (one.first.clips, one.second.clips) for one in found.spreads}
    assert by["licence", "cc-by"] == (0, 3)
    assert by["licence", "cc0"] == (3, 3)
    assert by["length", "10 to 30 s"] == (3, 6)


def test_the_same_policy_is_no_difference() -> None:
    assert _apart(Policy(), Policy(), _rows()).same


def test_a_clip_that_the_other_cut_never_had_is_told_so() -> None:
    rows = _rows()
    corpus = rows.corpus()
    first = pl.from_arrow(pick(corpus, Policy()).rows)
    assert isinstance(first, pl.DataFrame)
    clips = corpus.clips.select("clip_id", "media_id", "still", seconds=pl.lit(10.0))
    none = corpus.media.select("media_id", licence=pl.lit(None, pl.String))
    found = difference(first.lazy(), first.lazy().filter(pl.col("clip_id") != clip(0)), clips, none)
    assert dict(found.left.reasons) == {"not in it": 1}
