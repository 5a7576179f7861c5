"""Bounds on what was read and heard."""

from dataclasses import replace

import polars as pl
import pytest

from curate.pick.cut import pick
from curate.pick.policy import Bound, Policy
from curate.pick.shares import music_share, tables_of, text_share
from schemas.clip import Clip, Sound, SoundKind, Text, clip_id
from schemas.row import to_table
from tests.pick.corpus import Rows, clip, media

SECOND = 1_000_000


def clips(*spans: tuple[int, int], still: bool = False) -> pl.LazyFrame:
    rows = [
        Clip(clip_id(media(n), *span), media(n), *span, 250, "edge", "edge", 0, still, 0, 0, 640, 360)
        for n, span in enumerate(spans)
    ]
    return pl.DataFrame(to_table(Clip, rows)).lazy()


def traced(cls: type, rows: list[Text] | list[Sound], empty: tuple[str, ...] = ()) -> pl.LazyFrame:
    """Rows beside the input they came from; `empty`: inputs in which nothing was found."""
    found = pl.DataFrame(to_table(cls, rows)).with_columns(input_id=pl.col("clip_id"))
    return pl.concat([found, pl.DataFrame({"input_id": empty}, {"input_id": pl.String})], how="diagonal").lazy()


def text(key: str, start_us: int, end_us: int, width: float, height: float, n: int = 0) -> Text:
    return Text(key, f"{key}#text-{n}", start_us, end_us, "A", 0.1, 0.1, width, height, None, 1.0, "e")


def sound(key: str, start_us: int, end_us: int, kind: SoundKind = "music", n: int = 0) -> Sound:
    nothing = (None,) * 9
    return Sound(key, f"{key}#{kind}-{n}", kind, start_us, end_us, *nothing, (), "e")


def values(found: pl.LazyFrame) -> dict[str, float]:
    return dict(found.collect().iter_rows())


def test_text_counts_by_its_area_and_for_as_long_as_it_is_shown() -> None:
    known = clips((0, 10 * SECOND))
    rows = [text(clip(0), 0, 5 * SECOND, 0.5, 0.2), text(clip(0), 4 * SECOND, 5 * SECOND, 0.1, 0.1, 1)]
    assert values(text_share(known, traced(Text, rows))) == {clip(0): pytest.approx(0.5 * 0.1 + 0.1 * 0.01)}


def test_only_what_is_shown_within_the_clip_counts() -> None:
    known = clips((10 * SECOND, 20 * SECOND))
    key = clip_id(media(0), 10 * SECOND, 20 * SECOND)
    rows = [text(key, 9 * SECOND, 12 * SECOND, 1.0, 0.5), text(key, 19 * SECOND, 30 * SECOND, 1.0, 0.5, 1)]
    assert values(text_share(known, traced(Text, rows))) == {key: pytest.approx(0.15)}


def test_a_still_shows_its_text_all_the_time_and_no_picture_is_covered_twice() -> None:
    known = clips((0, 40_000), (0, 40_000), still=True)
    keys = [clip_id(media(n), 0, 40_000) for n in range(2)]
    rows = [text(keys[0], 0, 0, 0.5, 0.5), *(text(keys[1], 0, 40_000, 0.9, 0.9, n) for n in range(2))]
    assert values(text_share(known, traced(Text, rows))) == {keys[0]: 0.25, keys[1]: 1.0}


def test_music_that_overlaps_is_heard_once_and_nothing_else_is_music() -> None:
    known = clips((0, 10 * SECOND))
    spans = [(0, 4), (1, 2), (3, 5), (8, 12)]
    rows = [sound(clip(0), a * SECOND, b * SECOND, n=n) for n, (a, b) in enumerate(spans)]
    rows.append(sound(clip(0), 5 * SECOND, 8 * SECOND, "speech"))
    assert values(music_share(known, traced(Sound, rows))) == {clip(0): pytest.approx(0.7)}


def test_nothing_found_is_zero_and_not_looked_at_is_nothing() -> None:
    known = clips(*((0, 10 * SECOND),) * 3)
    sounds = traced(Sound, [sound(clip(0), 0, SECOND, "silence")], empty=(clip(1),))
    assert values(music_share(known, sounds)) == {clip(0): 0.0, clip(1): 0.0}
    assert values(text_share(known, traced(Text, [], empty=(clip(2),)))) == {clip(2): 0.0}


def test_a_cut_may_bound_them() -> None:
    corpus = Rows()
    for n in range(3):
        corpus.add(n)
    rows = [text(clip(0), 0, 10 * SECOND, 0.5, 0.5), text(clip(1), 0, SECOND, 0.5, 0.5)]
    whole = replace(corpus.corpus(), told={"texts": traced(Text, rows)})
    cut = pick(whole, Policy(statuses=None, bounds=(Bound("text_share", at_most=0.1),)))
    assert cut.dropped() == {"text_share > 0.1": 1, "text_share not measured": 1}
    assert tables_of(["motion", "music_share", "text_share", "text_share"]) == ("sounds", "texts")
