from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import LakeError, RecipeError
from curate.plan.mix import even_phases
from curate.plan.order import due
from curate.plan.plan import Plan, plan
from curate.plan.settings import Part, PlanSettings
from tests.plan.tables import tables

VIDEO, STILL = "c" * 64, "d" * 64


def mixed(clips: int, stills: int) -> dict[str, pl.LazyFrame]:
    """The cut of `tables`, and a cut of stills: its clips of one frame, as a cut of their own."""
    frames = tables(clips)
    picks = frames["picks"].collect()
    of_stills = picks.filter(pl.col("bucket") == "1x256x448", pl.col("kept"), pl.col("side") == "train").head(stills)
    assert of_stills.height == stills
    renamed = of_stills.with_columns(cut=pl.lit("stills"), cut_hash=pl.lit(STILL))
    rest = picks.filter(~pl.col("clip_id").is_in(of_stills["clip_id"].implode()))
    return frames | {"picks": pl.concat([rest, renamed]).lazy()}


def made(frames: dict[str, pl.LazyFrame], **settings: object) -> Plan:
    mix = (Part("cut", 0.8), Part("stills", 0.2))
    return plan(**frames, settings=PlanSettings(**({"mix": mix, "samples_per_step": 4} | settings)))  # type: ignore[arg-type]


@given(st.integers(1, 400), st.floats(0, 7), st.integers(1, 6))
def test_evenly_spread_phases_make_totals_exact_and_no_clip_gets_ahead(clips: int, rate: float, epochs: int) -> None:
    keys = np.random.default_rng(clips).integers(0, 1 << 63, clips).astype(np.uint64)
    same = np.zeros(clips, np.int16)
    phases = even_phases(keys, 3, same, same, np.ones(clips))
    counts = sum((due(np.full(clips, rate), phases, epoch) for epoch in range(epochs)), np.zeros(clips, np.int64))
    assert abs(counts.sum() - clips * rate * epochs) <= 0.5 + 1e-6
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize("epoch_of", ["longest", "shortest"])
@pytest.mark.parametrize("by", ["samples", "tokens"])
def test_cuts_come_in_their_shares_of_samples_or_tokens(by: str, epoch_of: str) -> None:
    record = made(mixed(3000, 300), mix_by=by, epoch_of=epoch_of, epochs=3).summary()
    videos, stills = record.cuts
    counts = [getattr(cut, by) for cut in record.cuts]
    largest = 1 if by == "samples" else max(bucket.tokens for bucket in record.buckets)
    assert abs(counts[1] - 0.2 * sum(counts)) <= 3 * largest  # a sample a bucket of a cut
    assert (videos.share, stills.share) == (0.8, 0.2)
    assert record.samples == sum(cut.samples for cut in record.cuts)
    once = [cut.samples / cut.clips / 3 for cut in record.cuts]
    assert (min(once) if epoch_of == "longest" else max(once)) == pytest.approx(1, abs=0.01)


def test_shares_that_divide_are_exact() -> None:
    record = made(mixed(3000, 300), mix=(Part("cut", 0.5), Part(STILL[:6], 0.5)), samples_per_step=1).summary()
    videos, stills = record.cuts
    assert videos.samples == stills.samples == videos.clips


def test_the_mix_is_the_same_through_the_whole_epoch() -> None:
    result = made(mixed(3000, 300), epochs=1)
    slots = pl.DataFrame(result.slots)
    stills = set(mixed(3000, 300)["picks"].filter(pl.col("cut") == "stills").collect()["clip_id"])
    of_stills = slots["clip_id"].is_in(list(stills)).to_numpy()
    for quarter in np.array_split(of_stills, 4):
        expected, deviation = 0.2, (0.2 * 0.8 / (len(quarter) / 4)) ** 0.5  # steps of four
        assert abs(quarter.mean() - expected) < 3 * deviation


def test_no_clip_of_a_cut_is_read_twice_before_all_are_read_once() -> None:
    slots = pl.DataFrame(made(mixed(3000, 300), epochs=5, epoch_of="shortest", last="short").slots)
    counts = slots["clip_id"].value_counts().join(
        mixed(3000, 300)["picks"].select("clip_id", "cut").collect(), on="clip_id"
    )  # fmt: skip
    for _, cut in counts.group_by("cut"):
        assert cut["count"].max() - cut["count"].min() <= 1  # type: ignore[operator]


def test_a_clip_of_two_cuts_is_read_for_each() -> None:
    frames = tables(60)
    twice = frames["picks"].with_columns(cut=pl.lit("stills"), cut_hash=pl.lit(STILL))
    both = frames | {"picks": pl.concat([frames["picks"], twice])}
    record = made(both, mix=(Part("cut", 0.5), Part("stills", 0.5)), samples_per_step=1).summary()
    alone = plan(**frames, settings=PlanSettings(samples_per_step=1)).summary()
    assert [cut.samples for cut in record.cuts] == [alone.samples, alone.samples]


def test_cuts_that_are_not_there_empty_or_named_badly_are_refused() -> None:
    frames = mixed(300, 20)
    with pytest.raises(LakeError, match=r"0 cuts are called 'other': .* cut \(cccccccccccc\), stills \(dddddddddddd\)"):
        made(frames, mix=(Part("cut", 0.8), Part("other", 0.2)))
    none = frames["picks"].with_columns(kept=pl.col("kept") & (pl.col("cut") != "stills"))
    with pytest.raises(LakeError, match="cut stills of the mix keeps no clip of the train side"):
        made(frames | {"picks": none})
    with pytest.raises(RecipeError, match="the cuts of a mix are 0 or more and add up to 1"):
        PlanSettings(mix=(Part("a", 0.5),))
    with pytest.raises(RecipeError, match="named once"):
        PlanSettings(mix=(Part("a", 0.5), Part("a", 0.5)))


@pytest.mark.parametrize("part_rows", [7, 50])
def test_a_plan_made_in_pieces_on_disk_is_that_made_in_memory(tmp_path: Path, part_rows: int) -> None:
    settings = PlanSettings(
        samples_per_step=4, epochs=2, mix=(Part("cut", 0.7), Part("stills", 0.3)), mix_by="tokens", seed=5
    )
    frames = mixed(300, 20)
    whole = plan(**frames, settings=settings)
    pieces = plan(**frames, settings=settings, spool=tmp_path, part_rows=part_rows)
    assert pieces.plan_hash == whole.plan_hash
    assert pieces.slots == whole.slots
    assert pieces.summary() == whole.summary()
    assert any(tmp_path.iterdir())
