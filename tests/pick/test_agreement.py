import polars as pl
import pytest

from curate.pick.agreement import dropped_words, word_agreement, word_time_agreement
from curate.pick.shares import SHARES, tables_of

CLIPS = pl.LazyFrame({"clip_id": ["a", "b", "c"]})
ROW = {"input_id": "a", "clip_id": "a", "kind": "agreement", "label": "word_agreement", "text": "", "score": 0.5}
SOUNDS = pl.LazyFrame(
    [
        {**ROW, "start_us": 0, "end_us": 3_000_000, "score": 1.0},
        {**ROW, "start_us": 4_000_000, "end_us": 5_000_000, "score": 0.0},
        {**ROW, "start_us": 0, "end_us": 3_000_000, "label": "word_time_agreement"},
        {**ROW, "start_us": 0, "end_us": 1, "kind": "dropped", "label": "repeated", "text": "again"},
        {**ROW, "start_us": 0, "end_us": 1, "kind": "dropped", "label": "too fast", "text": "six more"},
        {**ROW, "input_id": "b", "clip_id": None, "kind": None, "label": None, "start_us": 0, "end_us": 1},
    ]
)


def values(frame: pl.LazyFrame) -> dict[str, float]:
    return dict(frame.select("clip_id", "value").collect().iter_rows())


def test_agreement_is_the_mean_over_the_time_of_speech() -> None:
    assert values(word_agreement(CLIPS, SOUNDS)) == {"a": pytest.approx(0.75)}
    assert values(word_time_agreement(CLIPS, SOUNDS)) == {"a": 0.5}


def test_dropped_words_are_counted_and_are_none_where_somebody_listened_in_vain() -> None:
    assert values(dropped_words(CLIPS, SOUNDS)) == {"a": 3.0, "b": 0.0}


def test_a_bound_may_ask_for_them() -> None:
    asked = ("word_agreement", "word_time_agreement", "dropped_words")
    assert tables_of(asked) == ("sounds",)
    assert {name: values(SHARES[name][1](CLIPS, SOUNDS))["a"] for name in asked} == {
        "word_agreement": pytest.approx(0.75), "word_time_agreement": 0.5, "dropped_words": 3.0,
    }  # fmt: skip
