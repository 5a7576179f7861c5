import pickle
from dataclasses import replace

import polars as pl
import pytest

from curate.errors import LakeError, UsageError
from curate.plan.plan import Plan
from curate.reader import Prices
from curate.reader.summary import ShareOf, _shares, _shuffle
from curate.storage import lake as storage
from tests.reader.test_loader import content, loader
from tests.reader.world import make_plan, slots


def test_a_plan_tells_what_it_adds_up_to(stored: tuple[storage.Lake, Plan]) -> None:
    made = loader(stored).plan.summary(Prices("EUR", get_1000=2.0, egress_gib=2**30 / 1000))
    planned = slots(stored[1])
    assert made.record == stored[1].summary()
    sounds = planned["audio_content_key"].drop_nulls().len()
    assert planned.height <= made.requests <= planned.height + sounds
    assert made.money == pytest.approx(made.requests / 500 + planned["bytes"].sum() / 1000)
    assert sum(share.share for share in made.variants) == pytest.approx(1)
    assert [(share.name, share.samples) for share in made.licences] == [("not told", planned.height)]
    said = str(made)
    for part in (made.record.plan_hash[:12], f"{made.requests:,} GETs", "EUR", "17x24x16", "carried to the next"):
        assert part in said
    for epochs, words in ((1, " 1 epoch;"), (2, " 2 epochs;")):
        assert words in str(replace(made, record=replace(made.record, epochs=epochs)))


def test_without_prices_there_is_no_money(stored: tuple[storage.Lake, Plan]) -> None:
    assert loader(stored).plan.summary().money is None


def test_shares_are_of_what_is_read_most_first_and_what_is_not_told_is_called_so() -> None:
    counted = pl.LazyFrame({"licence": ["by", None, "by", "cc0"], "samples": [3, 1, 2, 4]})
    assert _shares(counted, "licence", 10) == (
        ShareOf("by", 5, 0.5), ShareOf("cc0", 4, 0.4), ShareOf("not told", 1, 0.1),
    )  # fmt: skip


def test_a_shuffled_plan_has_neighbours_far_apart(own: storage.Lake) -> None:
    made = make_plan(own, samples_per_step=1, epochs=1)
    renamed = slots(made).with_columns(clip_id=pl.format("media/{}", pl.col("clip_id")))
    told = _shuffle(renamed.lazy(), made.record)
    assert told.pairs == renamed.height - 1
    assert told.distance is not None
    assert 0.5 < told.distance < 1.5
    assert told.same_step == 0
    sorted_ = renamed.sort("clip_id").with_columns(step=pl.int_range(pl.len()))
    flat = _shuffle(sorted_.lazy(), made.record)
    assert flat.distance is not None
    assert flat.distance < 0.2


def test_another_encoder_than_the_trainers_is_refused_by_name(stored: tuple[storage.Lake, Plan]) -> None:
    with pytest.raises(UsageError, match=r"the VAE differs: the trainer asks for wan-2.1, plan .* has dct-4x8x8-c16"):
        loader(stored, picture_encoder="wan-2.1")
    with pytest.raises(UsageError, match=r"the sound encoder differs: .* for dac, plan .* has mdct-10ms-c80"):
        loader(stored, sound_encoder="dac")
    with pytest.raises(UsageError, match=r"the text encoder differs: .* for t5, plan .* has None"):
        loader(stored, text_encoder="t5")
    assert loader(stored, picture_encoder="dct-4x8x8-c16").steps


def test_a_checkpoint_of_other_data_or_another_vae_is_refused_with_both_values(own: storage.Lake) -> None:
    made = make_plan(own)
    (cut,) = made.record.cuts
    others = {
        "data": replace(made.record, plan_hash="1" * 64, cuts=(replace(cut, cut_hash="e" * 64),)),
        "VAE": replace(
            made.record, plan_hash="2" * 64, picture_encoder="wan-2.1", picture_spec='{"weights_hash":"77"}'
        ),
        "text encoder": replace(made.record, plan_hash="3" * 64, text_encoder="t5"),
    }
    own.append("plan_records", list(others.values()))
    said = {
        "data": r"checkpoint has cut \(eeeeeeeeeeee\), the loader cut \(cccccccccccc\)",
        "VAE": r'checkpoint has wan-2.1 {"weights_hash":"77"}, the loader dct-4x8x8-c16',
        "text encoder": "checkpoint has t5, the loader None",
    }
    reading = loader(own, plan=made.plan_hash)
    for what, record in others.items():
        with pytest.raises(
            UsageError, match=rf"plan {record.plan_hash}, this loader .*; the {what} differs: the {said[what]};"
        ):
            reading.load_state_dict({"plan": record.plan_hash, "step": 0})
    with pytest.raises(UsageError, match="that plan is not in"):
        reading.load_state({"plan": "9" * 64, "step": 0})


def test_a_plan_that_is_not_stored_whole_is_named(own: storage.Lake) -> None:
    made = make_plan(own)
    own.delta("plans").delete("step = 2")
    with pytest.raises(LakeError, match=f"plan {made.plan_hash[:12]} is not stored whole"):
        loader(own)


def test_a_loader_travels_to_another_process(stored: tuple[storage.Lake, Plan]) -> None:
    first = loader(stored)
    next(iter(first))
    second = pickle.loads(pickle.dumps(first))  # noqa: S301  made here
    assert second.state() == first.state()
    assert [content(batch) for batch in second] == [content(batch) for batch in first]
