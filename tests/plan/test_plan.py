import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import LakeError, RecipeError
from curate.plan.plan import Plan, plan
from curate.plan.settings import PlanSettings, Share
from schemas.latent import PlanSlot
from schemas.row import arrow_schema
from tests.plan.tables import tables


def made(clips: int, settings: PlanSettings, weight: float = 1.0) -> Plan:
    return plan(**tables(clips, weight), settings=settings)


def frame(made: Plan) -> pl.DataFrame:
    return pl.DataFrame(made.slots)


@settings(max_examples=40)
@given(st.integers(1, 60), st.integers(1, 7), st.integers(1, 4), st.sampled_from(["short", "leave"]))
def test_nothing_is_lost_and_every_step_is_of_one_bucket(clips: int, samples: int, epochs: int, last: str) -> None:
    result = made(clips, PlanSettings(samples_per_step=samples, epochs=epochs, last=last))  # type: ignore[arg-type]
    summary, slots = result.summary(), frame(result)
    kept = tables(clips)["picks"].filter("kept", pl.col("side") == "train").select("clip_id").collect()["clip_id"]
    assert slots.height + summary.left_out == epochs * len(kept)
    assert summary.left_out == sum(b.left_out for b in summary.buckets) <= 3 * (samples - 1)
    assert last == "leave" or summary.left_out == 0
    assert slots.select("clip_id", "epoch").is_duplicated().sum() == 0
    assert slots["step"].unique().sort().to_list() == list(range(summary.steps))
    steps = slots.group_by("step").agg(pl.col("bucket").n_unique().alias("buckets"), "slot", pl.len())
    assert (steps["buckets"] == 1).all()
    assert all(sorted(row["slot"]) == list(range(row["len"])) for row in steps.iter_rows(named=True))
    short = (steps["len"] < samples).sum()
    assert short <= (3 if last == "short" else 0)
    assert result.slots.schema == arrow_schema(PlanSlot)


def test_what_an_epoch_leaves_comes_first_in_the_next_and_is_counted() -> None:
    result = made(200, PlanSettings(samples_per_step=16, epochs=3, last="leave"))
    summary, slots = result.summary(), frame(result)
    assert len(summary.carried) == 2
    for epoch, carried in enumerate(summary.carried):
        end = slots.filter(pl.col("epoch") == epoch + 1)["step"].min()
        assert slots.filter(pl.col("epoch") == epoch, pl.col("step") >= end).height <= carried + 16 * 3
        assert carried > 0
    assert slots.filter(pl.col("epoch") == 0)["step"].max() > slots.filter(pl.col("epoch") == 1)["step"].min()


def test_the_same_content_and_settings_are_the_same_plan_in_any_order() -> None:
    same = PlanSettings(samples_per_step=4, epochs=2, seed=7)
    turned = {name: table.reverse() for name, table in tables(80).items()}
    assert plan(**turned, settings=same).slots == made(80, same).slots
    others = [
        made(81, same),
        made(80, PlanSettings(samples_per_step=4, epochs=2, seed=8)),
        made(80, PlanSettings(samples_per_step=4, epochs=3, seed=7)),
    ]
    assert len({made(80, same).plan_hash, *(p.plan_hash for p in others)}) == 4


def test_epochs_and_seeds_have_different_orders() -> None:
    def order(seed: int, epoch: int) -> list[str]:
        slots = frame(made(80, PlanSettings(samples_per_step=1, epochs=2, seed=seed)))
        return slots.filter(pl.col("epoch") == epoch)["clip_id"].to_list()

    orders = [order(0, 0), order(0, 1), order(1, 0)]
    assert len({tuple(o) for o in orders}) == 3
    assert orders[0] != sorted(orders[0])


def test_adding_clips_does_not_change_the_draws_of_others() -> None:
    def draws(clips: int) -> dict[str, tuple[str, str | None]]:
        slots = frame(made(clips, PlanSettings(samples_per_step=1)))
        return {clip: (variant, caption) for clip, variant, caption in slots["clip_id", "variant", "caption_id"].rows()}

    few, many = draws(40), draws(90)
    assert all(many[clip] == drawn for clip, drawn in few.items())


def test_variants_come_in_their_shares_and_captions_all_come() -> None:
    shares = (Share("dense", 0.5), Share("short", 0.3), Share("none", 0.2))
    result = made(120, PlanSettings(samples_per_step=4, epochs=30, shares=shares))
    slots, summary = frame(result), result.summary()
    captioned = slots.filter(~pl.col("clip_id").is_in([f"clip{n:05d}" for n in range(3, 120, 10)]))
    for share in shares:
        expected, deviation = share.share, (share.share * (1 - share.share) / captioned.height) ** 0.5
        assert abs((captioned["variant"] == share.variant).mean() - expected) < 3 * deviation
    assert summary.without_caption == slots.height - captioned.height > 0
    assert {v.variant: v.samples for v in summary.variants}["none"] == (slots["variant"] == "none").sum()
    assert ((slots["variant"] == "none") == slots["caption_id"].is_null()).all()
    texts = captioned.drop_nulls("caption_id")
    assert texts.select(pl.col("caption_id").str.starts_with(pl.col("clip_id")).all()).item()
    assert set(texts["caption_id"].str.tail(1)) == {"0", "1"}


def test_weights_are_how_often_a_clip_is_read() -> None:
    whole, part = (made(100, PlanSettings(samples_per_step=4, epochs=8), w).summary() for w in (2.0, 0.25))
    once = made(100, PlanSettings(samples_per_step=4, epochs=8)).summary()
    assert whole.samples == 2 * once.samples
    assert 0.15 * once.samples < part.samples < 0.35 * once.samples


def test_steps_are_filled_by_tokens() -> None:
    slots = frame(made(300, PlanSettings(tokens_per_step=10_000, multiple_of=2, last="leave")))
    sizes = dict(slots.group_by("bucket", "step").len().select("bucket", "len").unique().iter_rows())
    tokens = {"1x256x448": 16 * 28, "17x256x448": 5 * 16 * 28, "33x256x384": 9 * 16 * 24}
    assert sizes == {bucket: 10_000 // n // 2 * 2 for bucket, n in tokens.items()}
    with pytest.raises(RecipeError, match="bucket 33x256x384, which have 3456 tokens"):
        made(300, PlanSettings(tokens_per_step=5_000, multiple_of=2))


def test_bytes_are_those_of_picture_and_sound() -> None:
    result = made(30, PlanSettings(samples_per_step=4))
    assert result.summary().bytes == sum(
        100 + n + (7 if n % 3 else 0) for n in range(30) if n % 20 != 19 and n % 11 != 10
    )
    assert result.summary().without_sound == frame(result)["audio_content_key"].is_null().sum() > 0


def test_a_kept_clip_without_a_latent_and_mixed_cuts_are_refused() -> None:
    frames = tables(10)
    few = frames | {"latents": frames["latents"].filter(pl.col("clip_id") != "clip00004")}
    with pytest.raises(LakeError, match="1 kept clips have no latent of dct-4x8x8-c16, such as clip00004"):
        plan(**few, settings=PlanSettings(samples_per_step=2))
    other = frames["picks"].with_columns(cut_hash=pl.lit("d"))
    with pytest.raises(LakeError, match="of 2"):
        plan(**(frames | {"picks": pl.concat([frames["picks"], other])}), settings=PlanSettings(samples_per_step=2))


def test_a_cut_that_keeps_nothing_has_a_plan_of_no_steps_and_no_cut_has_none() -> None:
    frames = tables(10)
    dropped = frames | {"picks": frames["picks"].with_columns(kept=pl.lit(False))}
    assert plan(**dropped, settings=PlanSettings(samples_per_step=2)).summary().steps == 0
    with pytest.raises(LakeError, match="run `retold pick` first"):
        plan(**(frames | {"picks": frames["picks"].clear()}), settings=PlanSettings(samples_per_step=2))


def test_impossible_settings_are_refused() -> None:
    for wrong in ({"samples_per_step": 0}, {"tokens_per_step": 0}, {"samples_per_step": 3, "multiple_of": 2}):
        with pytest.raises(RecipeError):
            PlanSettings(**wrong)
    with pytest.raises(RecipeError, match=r"add up to 1, not 0\.5"):
        PlanSettings(samples_per_step=1, shares=(Share("dense", 0.5),))
