"""No more than enough of one thing, and the rare is read more often."""

import dataclasses

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import RecipeError
from curate.pick.cut import pick
from curate.pick.policy import Balance, Policy, Quota
from curate.pick.quotas import balanced, most_of_each
from tests.pick.corpus import Rows, clip

TAGS = pl.LazyFrame(
    {"clip_id": [clip(n) for n in range(12)], "tags": [["dog"] if n < 9 else ["cat", "dog"] for n in range(12)]}
)


def _rows() -> Rows:
    """Twelve clips: nine of cc0, three of cc-by."""
    rows = Rows()
    for n in range(12):
        rows.add(n, licence="cc0" if n < 9 else "cc-by")
        rows.verdict(n)
    return rows


def _cut(policy: Policy, captions: pl.LazyFrame | None = None) -> pl.DataFrame:
    corpus = dataclasses.replace(_rows().corpus(), captions=captions)
    made = pl.from_arrow(pick(corpus, policy).rows)
    assert isinstance(made, pl.DataFrame)
    return made


def test_a_quota_leaves_so_many_of_a_value_and_says_why() -> None:
    found = _cut(Policy(quotas=(Quota("licence", clips=4),)))
    assert found["kept"].sum() == 7
    dropped = found.filter(~pl.col("kept"))
    assert set(dropped["reason"]) == {"quota: enough of licence cc0"}
    assert dropped.height == 5


def test_a_larger_quota_keeps_what_a_smaller_one_did() -> None:
    kept = [set(_cut(Policy(quotas=(Quota("licence", clips=n),))).filter("kept")["clip_id"]) for n in (2, 4, 6)]
    assert kept[0] < kept[1] < kept[2]


def test_a_share_holds_of_what_is_left() -> None:
    found = _cut(Policy(quotas=(Quota("licence", share=0.6),))).filter("kept")
    assert found.height == 7  # four of cc0 beside three of cc-by: 4 / 7 is the most below 0.6


def test_quotas_count_only_what_nothing_else_drops() -> None:
    found = _cut(Policy(licences=("cc-by",), quotas=(Quota("host", clips=3),)))
    assert found["kept"].sum() == 3
    assert not found["reason"].str.starts_with("quota").any()


def test_a_clip_of_many_tags_goes_where_one_of_them_is_full() -> None:
    found = _cut(Policy(quotas=(Quota("tag", clips=5),)), TAGS)
    assert found["kept"].sum() == 5
    assert set(found.filter(~pl.col("kept"))["reason"]) == {"quota: enough of tag dog"}


def test_the_rare_weighs_more_and_the_mean_is_one() -> None:
    found = _cut(Policy(balances=(Balance("licence", power=1.0),))).with_columns(rare=pl.int_range(pl.len()) >= 9)
    assert found["weight"].mean() == pytest.approx(1.0)
    common, rare = (found.filter(pl.col("rare") == one)["weight"].sum() for one in (False, True))
    assert common == pytest.approx(rare)  # each value is read equally often
    assert set(_cut(Policy(balances=(Balance("licence", power=0.0),)))["weight"]) == {1.0}


def test_a_clip_goes_by_the_rarest_of_its_tags() -> None:
    found = _cut(Policy(balances=(Balance("tag", power=1.0),)), TAGS)
    weights = dict(found.select("clip_id", "weight").iter_rows())
    assert weights[clip(10)] == pytest.approx(4 * weights[clip(0)])  # 3 cats against 12 dogs


@given(st.lists(st.integers(1, 500), min_size=1, max_size=30), st.floats(0.01, 1.0))
def test_a_cap_keeps_to_its_share_and_is_the_largest_that_does(counts: list[int], share: float) -> None:
    array = np.array(counts, np.int64)

    def largest(cap: int) -> float:
        return min(cap, max(counts)) / np.minimum(array, cap).sum()

    cap = most_of_each(array, share)
    assert cap == 1 or largest(cap) <= share + 1e-12
    assert cap >= max(counts) or largest(cap + 1) > share - 1e-12


@pytest.mark.parametrize("wrong", [{}, {"clips": 1, "share": 0.5}, {"clips": 0}, {"share": 0.0}, {"share": 1.5}])
def test_a_quota_is_of_clips_or_of_a_share(wrong: dict[str, float]) -> None:
    with pytest.raises(RecipeError, match="a quota by host"):
        Quota("host", **wrong)  # type: ignore[arg-type]


def test_balances_come_to_the_same_digits_in_whatever_order_the_clips_come() -> None:
    rng = np.random.default_rng(0)
    kept = pl.DataFrame({"row": pl.Series(range(5000), dtype=pl.UInt32)})
    tags = kept.with_columns(value=pl.Series(rng.integers(0, 60, 5000) ** 2 // 60).cast(pl.String))
    balances = (Balance("tag", power=0.3),)
    forth = balanced(kept, balances, {"tag": tags})
    back = balanced(kept.reverse(), balances, {"tag": tags.sample(fraction=1, shuffle=True, seed=1)}).reverse()
    assert forth["factor"].to_list() == back["factor"].to_list()
    assert forth["factor"].mean() == pytest.approx(1)


def test_large_cuts_come_in_pieces_that_are_the_whole() -> None:
    cut = pick(_rows().corpus(), Policy(quotas=(Quota("licence", clips=4),)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("curate.pick.cut._ROWS", 5)
        parts = list(cut.parts())
    assert [part.num_rows for part in parts] == [5, 5, 2]
    assert pa.concat_tables(parts).equals(cut.rows)
